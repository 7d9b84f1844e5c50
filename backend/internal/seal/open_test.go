package seal_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
	"latchkey/backend/internal/seal"
)

func open(t *testing.T, dir string, create bool) *seal.Box {
	t.Helper()
	b, err := seal.Open(dir, env.System(), create)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func secrets(t *testing.T) (dir, file string) {
	dir = filepath.Join(t.TempDir(), "secrets")
	return dir, filepath.Join(dir, "master.key")
}

func wantMode(t *testing.T, name string, want fs.FileMode) {
	t.Helper()
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != want {
		t.Errorf("%s has mode %o, want %o", filepath.Base(name), got, want)
	}
}

func TestOpenMakesTheKeyOnce(t *testing.T) {
	dir, file := secrets(t)
	sealed := open(t, dir, true).Seal("a", []byte("plain"))
	key, err := os.ReadFile(file)
	if err != nil || len(key) != 32 {
		t.Fatalf("the key has %d bytes, %v", len(key), err)
	}
	for _, create := range []bool{false, true} {
		if plain, err := open(t, dir, create).Open("a", sealed); err != nil || string(plain) != "plain" {
			t.Errorf("after a restart: %q, %v", plain, err)
		}
	}
	if again, err := os.ReadFile(file); err != nil || !bytes.Equal(again, key) {
		t.Errorf("the key has changed, %v", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("the folder holds %v, %v; want the key alone", entries, err)
	}
}

func TestOpenGetsOverAnInterruptedStart(t *testing.T) {
	dir, file := secrets(t)
	write(t, dir, file+".new", []byte("half a k"), 0o644)
	sealed := open(t, dir, true).Seal("a", []byte("plain"))
	if plain, err := open(t, dir, false).Open("a", sealed); err != nil || string(plain) != "plain" {
		t.Errorf("%q, %v", plain, err)
	}
	wantMode(t, file, 0o600)
}

func write(t *testing.T, dir, file string, b []byte, mode fs.FileMode) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b, mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, mode); err != nil { // whatever the umask
		t.Fatal(err)
	}
}

func TestOpenTightensModes(t *testing.T) {
	dir, file := secrets(t)
	write(t, dir, file, bytes.Repeat([]byte{7}, 32), 0o664)
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	open(t, dir, false)
	wantMode(t, dir, 0o700)
	wantMode(t, file, 0o600)
}

func TestOpenRefuses(t *testing.T) {
	for _, tc := range []struct {
		name    string
		prepare func(t *testing.T, dir, file string)
		create  bool
		want    *identity.Error
	}{
		{"no folder", func(*testing.T, string, string) {}, false, seal.ErrMissing},
		{"no key", func(t *testing.T, dir, _ string) { write(t, dir, filepath.Join(dir, "other"), nil, 0o600) }, false, seal.ErrMissing},
		{"empty key", func(t *testing.T, dir, file string) { write(t, dir, file, nil, 0o600) }, false, seal.ErrDamaged},
		{"empty key at first start", func(t *testing.T, dir, file string) { write(t, dir, file, nil, 0o600) }, true, seal.ErrDamaged},
		{"short key", func(t *testing.T, dir, file string) { write(t, dir, file, make([]byte, 31), 0o600) }, false, seal.ErrDamaged},
		{"long key", func(t *testing.T, dir, file string) { write(t, dir, file, make([]byte, 33), 0o600) }, false, seal.ErrDamaged},
		{"key of zeros", func(t *testing.T, dir, file string) { write(t, dir, file, make([]byte, 32), 0o600) }, false, seal.ErrDamaged},
		{"folder for a key", func(t *testing.T, _, file string) { mkdir(t, file) }, false, seal.ErrDamaged},
		{"folder for a key at first start", func(t *testing.T, _, file string) { mkdir(t, file) }, true, seal.ErrDamaged},
		{"file for a folder", func(t *testing.T, dir, _ string) { write(t, filepath.Dir(dir), dir, nil, 0o600) }, true, seal.ErrUnusable},
		{"link to nothing", func(t *testing.T, dir, file string) {
			mkdir(t, dir)
			if err := os.Symlink("nothing", file); err != nil {
				t.Fatal(err)
			}
		}, true, seal.ErrMissing},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir, file := secrets(t)
			tc.prepare(t, dir, file)
			if b, err := seal.Open(dir, env.System(), tc.create); b != nil || !errors.Is(err, tc.want) {
				t.Errorf("Open = %v, %v; want %s", b, err, tc.want.Code)
			}
		})
	}
}

func mkdir(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
}
