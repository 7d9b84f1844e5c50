//go:build unix

package transfer

import (
	"path/filepath"
	"syscall"
	"testing"
)

// A pipe is not opened, which might never end.
func TestPipe(t *testing.T) {
	l := newLine(t, signedIn(t))
	l.write("tree/a", "x")
	for _, name := range []string{"pipe", "tree/pipe"} {
		if err := syscall.Mkfifo(filepath.Join(l.dir, name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	l.upload("/", filepath.Join(l.dir, "pipe"))
	wants(t, "a pipe", l.until(Failed).Err, "local_file_special")
	l.upload("/", filepath.Join(l.dir, "tree"))
	if got := l.until(Done); got.Files != 1 {
		t.Errorf("it ended as %+v", got)
	}
}
