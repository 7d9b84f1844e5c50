package sftpserver

import (
	"bytes"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// A disk that runs full under an upload costs nobody the file they had.
func TestDiskFull(t *testing.T) {
	r := start(t, newWorld(), Limits{})
	c, _ := r.join("ann", everything)
	at := r.home("ann", "disk")
	if err := os.MkdirAll(at, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("none", at, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("cannot mount a small disk here (needs root): %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(at, unix.MNT_DETACH) })
	r.write(r.home("ann", "disk", "old"), "the old content")
	f, err := c.Create("/disk/old")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(bytes.Repeat([]byte("x"), 2<<20)); err == nil {
		t.Error("written to a full disk")
	}
	if err := f.Close(); err == nil {
		t.Error("closed well")
	}
	if got := r.content(r.home("ann", "disk", "old")); got != "the old content" {
		t.Errorf("the file has %d bytes", len(got))
	}
}
