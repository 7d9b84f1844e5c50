package files

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
)

// A place is a store on a real disk, seen from outside and through one tree.
type place struct {
	*Tree
	t     *testing.T
	store *Store
	dir   string // the files folder
	base  string // the folder of the tree
}

func newPlace(t *testing.T, base string) place {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "files")
	store := openStore(t, dir)
	return place{openTree(t, store, base), t, store, dir, filepath.Join(dir, filepath.FromSlash(base))}
}

func openStore(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(dir, env.System())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func openTree(t *testing.T, s *Store, base string) *Tree {
	t.Helper()
	tree, err := s.Tree(base)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tree.Close() })
	return tree
}

// outside writes a file as another program would.
func (p place) outside(name, content string) {
	p.t.Helper()
	full := filepath.Join(p.base, name)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(content), 0o644); err != nil {
		p.t.Fatal(err)
	}
}

func (p place) folder(name string) {
	p.t.Helper()
	if err := os.MkdirAll(filepath.Join(p.base, name), 0o755); err != nil {
		p.t.Fatal(err)
	}
}

func (p place) link(target, name string) {
	p.t.Helper()
	if err := os.Symlink(target, filepath.Join(p.base, name)); err != nil {
		p.t.Fatal(err)
	}
}

// content reads a file from outside, "-" if there is none.
func (p place) content(name string) string {
	p.t.Helper()
	b, err := os.ReadFile(filepath.Join(p.base, name))
	if errors.Is(err, os.ErrNotExist) {
		return "-"
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return string(b)
}

// create begins an upload and writes content to it.
func (p place) create(path Path, content string, c Creation) *Upload {
	p.t.Helper()
	u, err := p.Create(path, c)
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := u.WriteAt([]byte(content), 0); err != nil {
		p.t.Fatal(err)
	}
	return u
}

// temps finds temporary files and notes wherever they are.
func (p place) temps() []string {
	p.t.Helper()
	var found []string
	err := filepath.WalkDir(p.dir, func(path string, d os.DirEntry, err error) error {
		inNotes := filepath.Base(filepath.Dir(path)) == notes
		if strings.HasPrefix(d.Name(), tempStart) || inNotes {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return found
}

// wantCode checks the code of an error, "" for none, and that what can be
// shown of it tells nothing of the machine.
func (p place) wantCode(what string, err error, code string) {
	p.t.Helper()
	if err == nil {
		if code != "" {
			p.t.Errorf("%s succeeded, want %s", what, code)
		}
		return
	}
	e := identity.AsError(err)
	if e.Code != code {
		p.t.Errorf("%s: got %v, want code %q", what, err, code)
	}
	if strings.Contains(e.Message, p.dir) {
		p.t.Errorf("%s: the message shows a server path: %s", what, e.Message)
	}
}

func names(t *testing.T, tree *Tree, path Path) []string {
	t.Helper()
	d, err := tree.List(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	got := []string{}
	for {
		page, err := d.Next(3)
		for _, fi := range page {
			got = append(got, fi.Name())
		}
		if errors.Is(err, io.EOF) {
			return got
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

var someTime = time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)
