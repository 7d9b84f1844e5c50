package companion_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/companion/vault"
	"latchkey/backend/internal/secret"
)

// A passphrase in the vault opens its key while the vault is open, and no file
// of the data folder shows it.
func TestKeptPassphrase(t *testing.T) {
	data, folder, ctx := filepath.Join(t.TempDir(), "data"), t.TempDir(), t.Context()
	c := open(t, data)
	const words = "river boat lantern"
	typed := secret.New(words)
	made, err := c.Workshop.Make(ctx, sshkeys.Request{Folder: folder, Name: "id_kept", Passphrase: typed})
	if err != nil {
		t.Fatal(err)
	}
	opens := func(what string, want error) {
		t.Helper()
		if _, err := c.OpenKey(ctx, made.Path, secret.Text{}); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", what, err, want)
		}
	}
	opens("without a vault", sshkeys.ErrPassphraseNeeded)
	if err := c.KeepPassphrase(ctx, made.Fingerprint, typed); err == nil {
		t.Error("kept without a vault")
	}
	key := vault.WithPassphrase(secret.New("three lamps and a boat"))
	if _, err := c.Vault.Create(ctx, key); err != nil {
		t.Fatal(err)
	}
	opens("not kept", sshkeys.ErrPassphraseNeeded)
	if err := c.KeepPassphrase(ctx, made.Fingerprint, typed); err != nil {
		t.Fatal(err)
	}
	opens("kept", nil)
	if kept, err := c.KeptPassphrases(ctx); err != nil || len(kept) != 1 || !kept[made.Fingerprint] {
		t.Errorf("kept for %v, %v", kept, err)
	}
	if _, err := c.OpenKey(ctx, made.Path, secret.New("another")); !errors.Is(err, sshkeys.ErrPassphraseWrong) {
		t.Errorf("what was typed does not count: %v", err)
	}
	text, err := os.ReadFile(filepath.Join(data, "vault.db"))
	if err != nil || bytes.Contains(text, []byte(words)) {
		t.Errorf("the vault's file shows the passphrase: %v", err)
	}
	c.Vault.Lock()
	opens("locked", sshkeys.ErrPassphraseNeeded)
	if err := c.Vault.Unlock(ctx, key); err != nil {
		t.Fatal(err)
	}

	// What is kept follows a change here. One by another program makes it unfit.
	fresh := secret.New("orchid gravel lantern")
	if err := c.ChangeKeyPassphrase(ctx, made.Path, typed, fresh); err != nil {
		t.Fatal(err)
	}
	opens("changed", nil)
	if err := c.Workshop.ChangePassphrase(made.Path, fresh, typed); err != nil {
		t.Fatal(err)
	}
	opens("changed elsewhere", sshkeys.ErrPassphraseNeeded)
	if err := c.ChangeKeyPassphrase(ctx, made.Path, typed, secret.Text{}); err != nil {
		t.Fatal(err)
	}
	if kept, err := c.KeptPassphrase(ctx, made.Fingerprint); err != nil || !kept.IsZero() {
		t.Errorf("kept after it was taken off: %v", err)
	}
	opens("no passphrase", nil)
	if err := c.ForgetPassphrase(ctx, made.Fingerprint); err != nil {
		t.Errorf("forgetting nothing: %v", err)
	}
}
