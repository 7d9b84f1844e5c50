//go:build unix

package sqlite_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"latchkey/backend/store/sqlite"
)

// TestFilesArePrivate runs with the loosest umask. It is not parallel with
// other tests, because the umask is that of the process.
func TestFilesArePrivate(t *testing.T) {
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	dir := filepath.Join(t.TempDir(), "data", "deep")
	path := filepath.Join(dir, "latchkey.db")
	s := open(t, path, sqlite.Options{Create: true})
	private(t, s, dir)
	check(t, s.Close())

	check(t, os.Chmod(path, 0o644)) // as a restore may leave it
	s = open(t, path, sqlite.Options{})
	private(t, s, dir)
}

func private(t *testing.T, s *sqlite.Store, dir string) {
	t.Helper()
	check(t, s.SaveSetting(t.Context(), "name", []byte("value")))
	seen := 0
	check(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		check(t, err)
		info, err := e.Info()
		check(t, err)
		seen++
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return nil
	}))
	if seen != 4 {
		t.Errorf("%d files, want the folder, the database, its log and its index", seen)
	}
}

// TestOpenReadOnly: as root, permissions stop nobody.
func TestOpenReadOnly(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("skipped: permissions do not bind root")
	}
	for name, mode := range map[string][2]os.FileMode{"file": {0o700, 0o400}, "folder": {0o500, 0o600}, "unreadable": {0o700, 0}} {
		t.Run(name, func(t *testing.T) {
			path := seeded(t)
			check(t, errors.Join(os.Chmod(path, mode[1]), os.Chmod(filepath.Dir(path), mode[0])))
			defer func() { check(t, os.Chmod(filepath.Dir(path), 0o700)) }()
			_, err := sqlite.Open(t.Context(), path, sqlite.Options{})
			if !errors.Is(err, sqlite.ErrForbidden) {
				t.Errorf("error %v, want %v", err, sqlite.ErrForbidden)
			}
		})
	}
}
