package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// A link to what is not there fails like one on a file system without links.
func TestLinkThatCannotBeMade(t *testing.T) {
	name := filepath.Join(t.TempDir(), "f")
	if err := link(name+".none", name, 0o600, []byte("content")); err != nil {
		t.Fatal(err)
	}
	if err := link(name+".none", name, 0o600, []byte("other")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v", err)
	}
	wantContent(t, name, "content")
}

// The way that is taken where files without a name are unknown.
func TestPublishHidden(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "f")
	if err := publishHidden(name, 0o644, []byte("content")); err != nil {
		t.Fatal(err)
	}
	if err := publishHidden(name, 0o644, []byte("other")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v", err)
	}
	wantContent(t, name, "content")
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
	if info, err := os.Stat(name); err != nil || info.Mode() != 0o644 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func wantContent(t *testing.T, name, want string) {
	t.Helper()
	if b, err := os.ReadFile(name); err != nil || string(b) != want {
		t.Errorf("the file holds %q, %v", b, err)
	}
}
