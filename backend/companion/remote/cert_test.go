package remote_test

import (
	"os"
	"path/filepath"
	"testing"

	"latchkey/backend/httpapi/tlscert"
	"latchkey/backend/internal/env"
)

// selfMade makes a certificate that nobody vouches for, and its key, in PEM.
func selfMade(t *testing.T) (cert, key []byte) {
	t.Helper()
	dir := t.TempDir()
	if _, err := tlscert.Own(dir, tlscert.Names{}, env.System()); err != nil {
		t.Fatal(err)
	}
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	return read("tls.crt"), read("tls.key")
}
