package files

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"latchkey/backend/internal/env"
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

// Holes need as much room on the disk as they claim, also when they are made in
// small steps and between them the file is opened anew.
func TestHolesNeedRoom(t *testing.T) {
	const step = freeJump - 1<<20
	for name, grow := range map[string]func(f *File, end int64) error{
		"WriteAt":  func(f *File, end int64) error { _, err := f.WriteAt([]byte("x"), end-1); return err },
		"Truncate": func(f *File, end int64) error { return f.Truncate(end) },
	} {
		p := newPlace(t, "/")
		smallDisk(t, p.base)
		for _, reopen := range []bool{false, true} {
			p.outside("disk/f", "x")
			f, err := p.OpenExisting("/disk/f")
			p.wantCode("OpenExisting", err, "")
			_, err = f.WriteAt([]byte("x"), step-1)
			p.wantCode("a hole that nobody asks for", err, "")
			if reopen {
				p.wantCode("Close", f.Close(), "")
				f, err = p.OpenExisting("/disk/f")
				p.wantCode("OpenExisting", err, "")
			}
			err = grow(f, 2*step)
			p.wantCode(name+", one more", err, "file_too_large")
			_, err = f.WriteAt([]byte("y"), 0)
			p.wantCode("within", err, "")
			p.wantCode("Close", f.Close(), "")
		}
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

func TestReserve(t *testing.T) {
	const mib = 1 << 20
	for _, tc := range []struct {
		reserve         reserve
		disk, free, out uint64
	}{
		{reserve{64 * mib, 1}, 1000 * mib, 100 * mib, 36 * mib},
		{reserve{64 * mib, 1}, 1000 * mib, 64 * mib, 0},
		{reserve{64 * mib, 1}, 1000 * mib, 10 * mib, 0},
		{reserve{64 * mib, 1}, 100000 * mib, 1001 * mib, 1 * mib},
		{reserve{64 * mib, 1}, 100 * mib, 60 * mib, 10 * mib},
		{reserve{0, 0}, 1000 * mib, 1 * mib, 1 * mib},
		{reserve{64 * mib, 1}, 0, 0, math.MaxUint64},
	} {
		if got := tc.reserve.above(Space{BlockSize: 1, Blocks: tc.disk, Available: tc.free}); got != tc.out {
			t.Errorf("%+v of a disk of %d with %d free leaves %d, want %d", tc.reserve, tc.disk, tc.free, got, tc.out)
		}
	}
}

// Half of a small disk stays free, however one tries to fill it.
func TestReserveIsKept(t *testing.T) {
	p := newPlace(t, "/")
	smallDisk(t, p.base)
	p.outside("disk/small", "x")
	small, err := p.OpenExisting("/disk/small")
	if err != nil {
		t.Fatal(err)
	}
	u, err := p.Create("/disk/f", Creation{})
	if err != nil {
		t.Fatal(err)
	}
	p.wantCode("Truncate, longer", u.Truncate(600<<10), "disk_full")
	block := []byte(strings.Repeat("x", 32<<10))
	off := int64(0)
	for err == nil && off < 2<<20 {
		_, err = u.WriteAt(block, off)
		off += int64(len(block))
		p.store.written.Add(askEvery) // what others write meanwhile
	}
	p.wantCode("WriteAt", err, "disk_full")
	p.outside("disk/rest", strings.Repeat("x", 48<<10)) // by somebody who may
	if space, err := p.StatFS("/disk"); err != nil || space.AvailableBytes() < 400<<10 {
		t.Errorf("%d bytes are left, %v", space.AvailableBytes(), err)
	}
	_, err = small.WriteAt(block, 0)
	p.wantCode("WriteAt in place", err, "disk_full")
	_, err = p.Create("/disk/g", Creation{Exclusive: true})
	p.wantCode("Create", err, "disk_full")
	p.wantCode("Mkdir", p.Mkdir("/disk/d"), "disk_full")
	if got := p.content("disk/g"); got != "-" {
		t.Errorf("what was refused is there: %q", got)
	}
	p.wantCode("Truncate", small.Truncate(0), "")
	p.wantCode("Close", small.Close(), "")
	p.wantCode("Abort", u.Abort(), "")
	p.wantCode("Mkdir with room", p.Mkdir("/disk/d"), "")
}

func TestKeepFree(t *testing.T) {
	dir := t.TempDir()
	at := smallDisk(t, dir)
	s, err := Open(at, env.System(), KeepFree(0))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	u, err := openTree(t, s, "/").Create("/f", Creation{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := u.WriteAt(make([]byte, 700<<10), 0); err != nil {
		t.Error(err)
	}
	if err := u.Close(); err != nil {
		t.Error(err)
	}
}
