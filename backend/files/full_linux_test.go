package files

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// smallDisk mounts a disk of 1 MiB at a new folder of dir.
func smallDisk(t *testing.T, dir string) string {
	t.Helper()
	at := filepath.Join(dir, "disk")
	if err := os.Mkdir(at, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("none", at, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("cannot mount a small disk here (needs root): %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(at, unix.MNT_DETACH) })
	return at
}

func TestDiskFull(t *testing.T) {
	p := newPlace(t, "/")
	smallDisk(t, p.base)
	p.outside("disk/f", "old")
	u, err := p.Create("/disk/f", Creation{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = u.WriteAt([]byte(strings.Repeat("x", 2<<20)), 0)
	p.wantCode("WriteAt", err, "disk_full")
	p.wantCode("Abort", u.Abort(), "")
	if got := p.content("disk/f"); got != "old" || len(p.temps()) != 0 {
		t.Errorf("the file is %q, left behind: %v", got, p.temps())
	}
}

// A disk that is mounted below the files folder takes uploads like any other
// folder; only a rename cannot cross its edge.
func TestMountedDisk(t *testing.T) {
	p := newPlace(t, "/")
	smallDisk(t, p.base)
	p.wantCode("Close", p.create("/disk/f", "x", Creation{}).Close(), "")
	p.wantCode("Rename", p.Rename("/disk/f", "/f"), "other_disk")
	if got := p.content("disk/f"); got != "x" {
		t.Errorf("the file is %q", got)
	}
}
