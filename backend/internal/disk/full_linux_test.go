package disk_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"latchkey/backend/internal/disk"
)

func TestDiskFull(t *testing.T) {
	for how, write := range writers {
		t.Run(how, func(t *testing.T) {
			at := t.TempDir()
			if err := unix.Mount("none", at, "tmpfs", 0, "size=64k"); err != nil {
				t.Skipf("cannot mount a small disk here (needs root): %v", err)
			}
			t.Cleanup(func() { _ = unix.Unmount(at, unix.MNT_DETACH) })
			name := filepath.Join(at, "f")
			if err := write(name, 0o600, bytes.Repeat([]byte("x"), 128<<10)); !errors.Is(disk.Explain(err), disk.ErrFull) {
				t.Errorf("got %v", err)
			}
			if got := names(t, at); got != "" {
				t.Errorf("the folder holds %s", got)
			}
		})
	}
}

func TestReadOnlyDisk(t *testing.T) {
	for how, write := range writers {
		t.Run(how, func(t *testing.T) {
			at := t.TempDir()
			if err := unix.Mount("none", at, "tmpfs", unix.MS_RDONLY, ""); err != nil {
				t.Skipf("cannot mount a disk here (needs root): %v", err)
			}
			t.Cleanup(func() { _ = unix.Unmount(at, unix.MNT_DETACH) })
			if err := write(filepath.Join(at, "f"), 0o600, []byte("x")); !errors.Is(disk.Explain(err), disk.ErrReadOnly) {
				t.Errorf("got %v", err)
			}
		})
	}
}
