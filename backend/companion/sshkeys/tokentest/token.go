// Package tokentest has ssh-keygen find a security token of software, for tests
// of what makes keys in one.
package tokentest

import (
	_ "embed"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

//go:embed testdata/token.c
var source []byte

// PlugIn has the real ssh-keygen, started by this test, find the token. Settings
// are NAME=VALUE, as the source of the token lists them. Without a C compiler the
// test is skipped.
func PlugIn(t *testing.T, settings ...string) {
	t.Helper()
	cc, err := exec.LookPath("cc")
	if err != nil {
		t.Skip("there is no C compiler to make a token with")
	}
	folder := t.TempDir()
	file, library := filepath.Join(folder, "token.c"), filepath.Join(folder, "token.so")
	if err := os.WriteFile(file, source, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), cc, "-shared", "-fPIC", "-o", library, file).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Setenv("SSH_SK_PROVIDER", library)
	for _, s := range settings {
		name, value, _ := strings.Cut(s, "=")
		t.Setenv(name, value)
	}
}
