package sqlite_test

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/backend/identity"
	"latchkey/backend/store/sqlite"
)

// seeded makes a database with some pages of users and returns its path.
func seeded(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "latchkey.db")
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 50 {
		name := identity.Username(fmt.Sprintf("user%d", i))
		if _, err := s.CreateUser(t.Context(), identity.User{Username: name, BasePath: strings.Repeat("x", 200)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// rewrite changes the bytes of a file.
func rewrite(t *testing.T, path string, change func([]byte) []byte) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, change(b), 0o600); err != nil {
		t.Fatal(err)
	}
}

// pragma runs SQL on a file as another program would.
func pragma(t *testing.T, path, query string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), query); err != nil {
		t.Error(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// contents returns the sums of all files of a folder.
func contents(t *testing.T, dir string) map[string][32]byte {
	t.Helper()
	files := map[string][32]byte{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !e.Type().IsRegular() {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		check(t, err)
		files[e.Name()] = sha256.Sum256(b)
	}
	return files
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		spoil func(t *testing.T, path string)
		want  error
	}{
		{"missing", func(t *testing.T, path string) { check(t, os.Remove(path)) }, sqlite.ErrMissing},
		{"folder missing", func(t *testing.T, path string) { check(t, os.RemoveAll(filepath.Dir(path))) }, sqlite.ErrMissing},
		{"empty", truncate(0), sqlite.ErrEmpty},
		{"one byte", truncate(1), sqlite.ErrForeign},
		{"header only", truncate(100), sqlite.ErrDamaged},
		{"one page", truncate(4096), sqlite.ErrDamaged},
		{"cut within a page", truncate(10000), sqlite.ErrDamaged},
		{"last page gone", func(t *testing.T, path string) {
			rewrite(t, path, func(b []byte) []byte { return b[:len(b)-4096] })
		}, sqlite.ErrDamaged},
		{"header overwritten", func(t *testing.T, path string) {
			rewrite(t, path, func(b []byte) []byte { return append(bytes.Repeat([]byte{'x'}, 100), b[100:]...) })
		}, sqlite.ErrForeign},
		{"text", func(t *testing.T, path string) {
			check(t, os.WriteFile(path, []byte(strings.Repeat("notes\n", 2000)), 0o600))
		}, sqlite.ErrForeign},
		{"a folder", func(t *testing.T, path string) { check(t, errors.Join(os.Remove(path), os.Mkdir(path, 0o700))) }, sqlite.ErrForeign},
		{"of another program", func(t *testing.T, path string) { pragma(t, path, "PRAGMA application_id = 7") }, sqlite.ErrForeign},
		{"newer", func(t *testing.T, path string) { pragma(t, path, "PRAGMA user_version = 1000") }, sqlite.ErrNewer},
		{"older", func(t *testing.T, path string) { pragma(t, path, "PRAGMA user_version = 0") }, sqlite.ErrOlder},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := seeded(t)
			tc.spoil(t, path)
			refused(t, path, sqlite.Options{}, tc.want)
		})
	}
}

// refused checks the error and that nothing in the folder has changed.
func refused(t *testing.T, path string, o sqlite.Options, want error) {
	t.Helper()
	var before map[string][32]byte
	dir := filepath.Dir(path)
	if _, err := os.Stat(dir); err == nil {
		before = contents(t, dir)
	}
	s, err := sqlite.Open(t.Context(), path, o)
	if err == nil {
		t.Fatalf("it was opened; closing it: %v", s.Close())
	}
	if !errors.Is(err, want) {
		t.Errorf("error %v, want %v", err, want)
	}
	if told := identity.AsError(err).Message; !strings.Contains(told, path) {
		t.Errorf("the sentence %q does not name the file", told)
	}
	if before == nil {
		return
	}
	if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
		t.Errorf("the folder has changed (-before +after):\n%s", diff)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func truncate(size int64) func(*testing.T, string) {
	return func(t *testing.T, path string) {
		t.Helper()
		check(t, os.Truncate(path, size))
	}
}

// TestOpenFindsDamagedPages overwrites one page after another with noise.
// Those with a fixed content, such as the pages of the schema, are among them.
func TestOpenFindsDamagedPages(t *testing.T) {
	t.Parallel()
	good := seeded(t)
	image, err := os.ReadFile(good)
	check(t, err)
	r := rand.New(rand.NewPCG(1, 2))
	for at := 4096; at+4096 <= len(image); at += 4096 {
		path := filepath.Join(t.TempDir(), "latchkey.db")
		spoiled := bytes.Clone(image)
		for i := at; i < at+4096; i++ {
			spoiled[i] = byte(r.Uint32())
		}
		check(t, os.WriteFile(path, spoiled, 0o600))
		refused(t, path, sqlite.Options{}, sqlite.ErrDamaged)
	}
}

func TestOpenCreateRefuses(t *testing.T) {
	for _, tc := range []struct {
		name string
		make func(t *testing.T, path string)
		want error
	}{
		{"database", func(*testing.T, string) {}, sqlite.ErrPresent},
		{"empty file", truncate(0), sqlite.ErrPresent},
		{"broken link", func(t *testing.T, path string) {
			check(t, errors.Join(os.Remove(path), os.Symlink("nowhere", path)))
		}, sqlite.ErrPresent},
		{"log of a database that is gone", func(t *testing.T, path string) { check(t, os.Rename(path, path+"-wal")) }, sqlite.ErrOrphan},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := seeded(t)
			tc.make(t, path)
			refused(t, path, sqlite.Options{Create: true}, tc.want)
		})
	}
}

// TestOpenCreateAfterKill: what a first start left that was killed does no harm.
func TestOpenCreateAfterKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "latchkey.db")
	for _, end := range []string{".new", ".new-wal", ".new-shm", ".new-journal"} {
		check(t, os.WriteFile(path+end, []byte("half"), 0o600))
	}
	open(t, path, sqlite.Options{Create: true})
	for name := range contents(t, filepath.Dir(path)) {
		if strings.Contains(name, ".new") {
			t.Errorf("%s is left", name)
		}
	}
}

// TestOpenOddPaths: a path is a path, whatever it means in a URI.
func TestOpenOddPaths(t *testing.T) {
	for _, name := range []string{"a?mode=memory", "a#b", "a%20b", "a b", "ü'\";--"} {
		dir := t.TempDir()
		path := filepath.Join(dir, name, "latchkey.db")
		s := open(t, path, sqlite.Options{Create: true})
		check(t, s.SaveSetting(t.Context(), "name", []byte("value")))
		check(t, s.Close())
		s = open(t, path, sqlite.Options{})
		if _, err := s.Setting(t.Context(), "name"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestCheckFindsWhatOpenCannot: an index that disagrees with its table, and
// totals that are wrong.
func TestCheckFindsWhatOpenCannot(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]string{
		"index": "PRAGMA writable_schema = 1; UPDATE sqlite_master SET sql = replace(sql, 'account)', 'address)') " +
			"WHERE name = 'throttles_account'",
		"reference": "INSERT INTO user_roles (user_id, position, role_id) VALUES (1, 0, 99)",
		"total":     "UPDATE totals SET users = 7",
		"key total": "UPDATE users SET ssh_keys = 1 WHERE id = 3",
	} {
		t.Run(name, func(t *testing.T) {
			path := seeded(t)
			s := open(t, path, sqlite.Options{})
			key := identity.ThrottleKey{Scope: identity.ThrottlePair, Account: "ann", Address: "192.0.2.1"}
			check(t, s.UpdateThrottles(t.Context(), []identity.ThrottleKey{key}, func(list []identity.Throttle) error {
				list[0].Failures = 1
				return nil
			}))
			check(t, s.Check(t.Context()))
			check(t, s.Close())
			pragma(t, path, spoil)
			s = open(t, path, sqlite.Options{})
			if err := s.Check(t.Context()); !errors.Is(err, sqlite.ErrDamaged) {
				t.Errorf("Check() = %v, want %v", err, sqlite.ErrDamaged)
			}
		})
	}
}
