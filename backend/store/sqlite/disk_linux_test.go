package sqlite_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"latchkey/backend/identity"
	"latchkey/backend/store/sqlite"
)

// smallDisk mounts a file system of 2 MiB, which takes root.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=2m,mode=0700"); err != nil {
		t.Skipf("skipped: no small disk can be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fillUp takes all space of a disk and returns the file that takes it.
func fillUp(t *testing.T, dir string) string {
	t.Helper()
	ballast := filepath.Join(dir, "ballast")
	f, err := os.OpenFile(ballast, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	check(t, err)
	defer func() { _ = f.Close() }()
	if _, err := io.Copy(f, strings.NewReader(strings.Repeat("x", 4<<20))); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("filling the disk: %v", err)
	}
	return ballast
}

func failing(t *testing.T, what string, err error) {
	t.Helper()
	if e := identity.AsError(err); e.Kind != identity.Unavailable || e.Code != "storage_failing" {
		t.Errorf("%s: error %v, want storage_failing", what, err)
	}
}

func TestDiskFull(t *testing.T) {
	dir := smallDisk(t)
	path := filepath.Join(dir, "latchkey.db")
	s := open(t, path, sqlite.Options{Create: true})
	reserve := filepath.Join(dir, "reserve")
	check(t, os.WriteFile(reserve, make([]byte, 1<<20), 0o600))
	event := []identity.AuditEvent{{Target: strings.Repeat("x", 1000)}}

	kept := 0
	var err error
	for ; err == nil; kept++ {
		err = s.AppendAudit(t.Context(), event)
	}
	kept--
	failing(t, "write on a full disk", err)
	holds(t, s, kept)
	failing(t, "another write", s.SaveSetting(t.Context(), "name", make([]byte, 100_000)))
	holds(t, s, kept)

	check(t, os.Remove(reserve))
	if n, err := s.PurgeAudit(t.Context(), event[0].At.AddDate(2000, 0, 0)); err != nil || n != kept {
		t.Fatalf("purged %d events of %d: %v", n, kept, err)
	}
	check(t, s.AppendAudit(t.Context(), event))
	check(t, s.Close())
	holds(t, open(t, path, sqlite.Options{}), 1)
}

// TestDiskFullTogether: of writes that share a commit exactly those are kept
// that were acknowledged.
func TestDiskFullTogether(t *testing.T) {
	dir := smallDisk(t)
	s := open(t, filepath.Join(dir, "latchkey.db"), sqlite.Options{Create: true})
	event := []identity.AuditEvent{{Target: strings.Repeat("x", 1000)}}
	var kept atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for failed := 0; failed < 5; {
				if err := s.AppendAudit(t.Context(), event); err != nil {
					failing(t, "write on a full disk", err)
					failed++
					continue
				}
				kept.Add(1)
			}
		})
	}
	all.Wait()
	holds(t, s, int(kept.Load()))
}

// holds checks that reading works and that the database is whole.
func holds(t *testing.T, s *sqlite.Store, events int) {
	t.Helper()
	list, err := s.AuditEvents(t.Context(), 0, 0)
	if err != nil || len(list) != events {
		t.Errorf("%d events, %v; want %d", len(list), err, events)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestOpenOnFullDisk(t *testing.T) {
	dir := smallDisk(t)
	path := filepath.Join(dir, "latchkey.db")
	ballast := fillUp(t, dir)
	if _, err := sqlite.Open(t.Context(), path, sqlite.Options{Create: true}); !errors.Is(err, sqlite.ErrFull) {
		t.Errorf("first start: error %v, want %v", err, sqlite.ErrFull)
	}
	if left := contents(t, dir); len(left) != 1 {
		t.Errorf("%d files, want the ballast only", len(left))
	}
	check(t, os.Remove(ballast))
	check(t, open(t, path, sqlite.Options{Create: true}).Close())
	before := contents(t, dir)["latchkey.db"]
	ballast = fillUp(t, dir)
	if _, err := sqlite.Open(t.Context(), path, sqlite.Options{}); !errors.Is(err, sqlite.ErrFull) {
		t.Errorf("error %v, want %v", err, sqlite.ErrFull)
	}
	if contents(t, dir)["latchkey.db"] != before {
		t.Error("the database has changed")
	}
	check(t, os.Remove(ballast))
	holds(t, open(t, path, sqlite.Options{}), 0)
}

func TestReadOnlyDisk(t *testing.T) {
	dir := smallDisk(t)
	path := filepath.Join(dir, "latchkey.db")
	check(t, open(t, path, sqlite.Options{Create: true}).Close())
	check(t, syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
	refused(t, path, sqlite.Options{}, sqlite.ErrForbidden)
	refused(t, filepath.Join(dir, "other.db"), sqlite.Options{Create: true}, sqlite.ErrForbidden)
}
