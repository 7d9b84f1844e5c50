//go:build unix

package files

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// Nothing waits for the other end of a FIFO, and nothing but removing or
// renaming can be done with it.
func TestSpecialFiles(t *testing.T) {
	p := newPlace(t, "/ann")
	p.outside("mine", "")
	want := map[string]string{
		"Open": "not_a_file", "OpenExisting": "not_a_file", "Truncate": "not_a_file", "Create": "not_a_file",
		"List": "not_a_folder", "Rmdir": "not_a_folder",
		"MkdirAll": "not_a_folder", "Names": "not_a_folder", "Describe": "not_a_folder", "Copy from": "not_a_file", "Copy to": "not_a_file",
		"Create exclusive": "file_exists", "Mkdir": "file_exists", "Rename to": "file_exists",
	}
	fifo := filepath.Join(p.base, "fifo")
	done := make(chan struct{})
	go func() {
		defer close(done)
		for use, do := range everyUse(p, "/fifo") {
			_ = os.Remove(fifo)
			if err := syscall.Mkfifo(fifo, 0o600); err != nil {
				t.Error(err)
			}
			p.wantCode(use, do(), want[use])
			_ = os.Remove(filepath.Join(p.base, "moved"))
			p.outside("mine", "")
		}
		_ = os.Remove(fifo)
		if err := syscall.Mkfifo(fifo, 0o600); err != nil {
			t.Error(err)
		}
		for use, do := range everyUse(p, "/fifo/below") {
			p.wantCode(use+" below a FIFO", do(), "not_a_folder")
		}
	}()
	select {
	case <-done:
	case <-time.After(30 * time.Second):
		t.Fatal("something waits for the FIFO")
	}
}
