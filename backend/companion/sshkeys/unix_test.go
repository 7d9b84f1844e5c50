//go:build unix

package sshkeys

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"latchkey/backend/internal/secret"
)

// The mask is the process's own, so this test runs beside no other.
func TestModesDoNotRelyOnTheUmask(t *testing.T) {
	for _, mask := range []int{0, 0o022, 0o077} {
		folder := filepath.Join(t.TempDir(), ".ssh")
		before := syscall.Umask(mask)
		_, err := workshop().Make(t.Context(), Request{Folder: folder, Name: "key"})
		syscall.Umask(before)
		must(t, err)
		for name, want := range map[string]os.FileMode{"": 0o700, "key": 0o600, "key.pub": 0o644} {
			if info, err := os.Stat(filepath.Join(folder, name)); err != nil || info.Mode().Perm() != want {
				t.Errorf("mask %o: %s has mode %v, %v", mask, name, info.Mode(), err)
			}
		}
	}
}

// Reading a pipe waits for somebody to write to it.
func TestPipes(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"key", "key.pub"} {
		must(t, syscall.Mkfifo(filepath.Join(folder, name), 0o600))
	}
	keys, err := List(folder)
	if err != nil || len(keys) != 1 || keys[0].HasPrivate || keys[0].Problem == nil {
		t.Errorf("listed %+v, %v", keys, err)
	}
	_, err = Open(filepath.Join(folder, "key"), secret.Text{})
	wantError(t, err, ErrNotAKey)
}
