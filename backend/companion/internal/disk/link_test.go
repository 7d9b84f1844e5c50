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
	if b, err := os.ReadFile(name); err != nil || string(b) != "content" {
		t.Errorf("the file holds %q, %v", b, err)
	}
}
