//go:build unix

package seal_test

import (
	"syscall"
	"testing"
)

// The mask is the process's own, so this test runs beside no other.
func TestOpenDoesNotRelyOnTheUmask(t *testing.T) {
	for _, mask := range []int{0, 0o022} {
		before := syscall.Umask(mask)
		dir, file := secrets(t)
		open(t, dir, true)
		syscall.Umask(before)
		wantMode(t, dir, 0o700)
		wantMode(t, file, 0o600)
	}
}
