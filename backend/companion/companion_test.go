package companion_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"latchkey/backend/companion"
	"latchkey/backend/companion/servers"
	"latchkey/backend/companion/vault"
	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
)

func open(t *testing.T, data string) *companion.Companion {
	t.Helper()
	c, err := companion.Open(companion.Options{Data: data, Env: env.System(), UserAgent: "Latchkey test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// Looking at everything makes nothing, in a folder that is not there.
func TestOpenMakesNothing(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	c := open(t, data)
	st, err := c.Vault.Status(t.Context())
	if err != nil || st.State != vault.New {
		t.Errorf("the vault is %v, %v", st.State, err)
	}
	list, err := c.Servers.List(t.Context())
	if err != nil || len(list) != 0 {
		t.Errorf("the list is %v, %v", list, err)
	}
	if id := c.LastUsed(); id != "" {
		t.Errorf("the last server is %q", id)
	}
	c.Use("some server") // there is nowhere to write it down
	if _, err := os.Lstat(data); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is there: %v", err)
	}
}

// What one has made the other finds, until it is closed.
func TestParts(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	c := open(t, data)
	_, err := c.Vault.Create(t.Context(), vault.WithPassphrase(secret.New("three lamps and a boat")))
	if err != nil {
		t.Fatal(err)
	}
	own, err := c.Servers.AddOwn(t.Context(), "This computer")
	if err != nil {
		t.Fatal(err)
	}
	c.Use(own.ID)

	other := open(t, data)
	list, err := other.Servers.List(t.Context())
	if err != nil || len(list) != 1 || list[0] != own || other.LastUsed() != own.ID {
		t.Errorf("the other has %v and %q, %v", list, other.LastUsed(), err)
	}
	if err := other.Vault.Unlock(t.Context(), vault.WithPassphrase(secret.New("three lamps and a boat"))); err != nil {
		t.Error(err)
	}
	other.Close()
	if st, err := other.Vault.Status(t.Context()); err != nil || st.State != vault.Locked {
		t.Errorf("closed it is %v, %v", st.State, err)
	}
	for _, name := range []string{companion.VaultFile, "servers.json", "server.last"} {
		info, err := os.Stat(filepath.Join(data, name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
}

// What was written by somebody else is not believed.
func TestLastUsedIsBounded(t *testing.T) {
	for _, tc := range []struct {
		text string
		want servers.ID
	}{
		{"abc\n", "abc"},
		{"  abc", "abc"},
		{"", ""},
		{string(make([]byte, 100)), ""},
	} {
		data := t.TempDir()
		if err := os.WriteFile(filepath.Join(data, "server.last"), []byte(tc.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := open(t, data).LastUsed(); got != tc.want {
			t.Errorf("%q is %q, want %q", tc.text, got, tc.want)
		}
	}
}
