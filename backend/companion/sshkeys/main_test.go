package sshkeys

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"latchkey/backend/companion/sshkeys/askpass"
	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
)

func TestMain(m *testing.M) {
	if folder := os.Getenv(childFolder); folder != "" {
		makeForEver(folder)
	}
	if door := os.Getenv("LATCHKEY_ASKPASS"); door != "" { // ssh-keygen has started this program to ask
		if err := askpass.Ask(context.Background(), askpass.Address(door), os.Args[1], os.Getenv("SSH_ASKPASS_PROMPT") == "none", os.Stdout); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

const passphrase = "four words of mine"

func workshop() *Workshop { return NewWorkshop(env.System()) }

// keygen runs the real ssh-keygen in a folder.
func keygen(t testing.TB, folder string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "ssh-keygen", args...)
	cmd.Dir = folder
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("ssh-keygen %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// keygenWithInput is keygen for what reads its standard input.
func keygenWithInput(t testing.TB, folder, input string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "ssh-keygen", args...)
	cmd.Dir, cmd.Stdin = folder, strings.NewReader(input)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("ssh-keygen %v: %v\n%s", args, err, out)
	}
	return string(out)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantError(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
	if _, ok := errors.AsType[*identity.Error](err); err != nil && !ok {
		t.Errorf("%v cannot be shown", err)
	}
}

func content(t testing.TB, path ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(path...))
	must(t, err)
	return string(b)
}

func write(t testing.TB, text string, path ...string) {
	t.Helper()
	must(t, os.WriteFile(filepath.Join(path...), []byte(text), 0o600))
}

// names returns what is in a folder.
func names(t testing.TB, folder string) string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	must(t, err)
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return strings.Join(out, " ")
}

func makeKey(t testing.TB, r Request) KeyFile {
	t.Helper()
	k, err := workshop().Make(t.Context(), r)
	must(t, err)
	return k
}

func text(s string) secret.Text { return secret.New(s) }
