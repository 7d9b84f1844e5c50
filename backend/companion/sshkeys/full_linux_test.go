package sshkeys

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"latchkey/backend/internal/disk"
)

// mounted returns a disk of its own of 64 KiB.
func mounted(t *testing.T, flags uintptr) string {
	t.Helper()
	at := t.TempDir()
	if err := unix.Mount("none", at, "tmpfs", flags, "size=64k"); err != nil {
		t.Skipf("cannot mount a small disk here (needs root): %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(at, unix.MNT_DETACH) })
	return at
}

// However much room is left, there are two halves or none.
func TestDiskFull(t *testing.T) {
	for room := range 6 {
		folder := mounted(t, 0)
		must(t, os.WriteFile(filepath.Join(folder, "filler"), bytes.Repeat([]byte("x"), 64<<10-room*4096), 0o600))
		_, err := workshop().Make(t.Context(), Request{Folder: folder, Name: "key"})
		want := "filler"
		if err == nil {
			want = "filler key key.pub"
		} else {
			wantError(t, err, disk.ErrFull)
		}
		if got := names(t, folder); got != want {
			t.Errorf("with %d pages of room the folder holds %s, want %s", room, got, want)
		}
		if room == 0 && err == nil {
			t.Error("the disk was not full")
		}
	}
}

func TestReadOnlyDisk(t *testing.T) {
	folder := mounted(t, unix.MS_RDONLY)
	for _, f := range []string{folder, filepath.Join(folder, ".ssh")} {
		_, err := workshop().Make(t.Context(), Request{Folder: f})
		wantError(t, err, disk.ErrReadOnly)
	}
}
