package cli

import (
	"context"

	"latchkey/backend/companion/passphrase"
	"latchkey/backend/companion/vault"
	"latchkey/backend/config"
	"latchkey/backend/internal/secret"
)

// openVault opens the vault in the way that it is protected. Where there is
// none nobody is signed in anywhere, so nothing is to be opened.
func (d *desk) openVault(ctx context.Context) error {
	st, err := d.Vault.Status(ctx)
	switch {
	case err != nil:
		return err
	case st.State == vault.New:
		return nil
	case st.State == vault.Unusable:
		return st.Problem
	}
	return d.unlock(ctx, st.Protection)
}

// unlock opens the vault in one way, and in no other if that fails.
func (d *desk) unlock(ctx context.Context, by vault.Method) error {
	k, err := d.currentKey(ctx, by)
	if err != nil {
		return err
	}
	return d.Vault.Unlock(ctx, k)
}

// currentKey gets a key that the vault has already.
func (d *desk) currentKey(ctx context.Context, by vault.Method) (vault.Key, error) {
	switch by {
	case vault.ByPassphrase:
		text := config.VaultPassphrase()
		var err error
		switch {
		case !text.IsZero():
		case d.onTerminal():
			text, err = d.askHidden(ctx, "Passphrase of the vault: ")
		default:
			err = usagef("There is no terminal to ask for the vault's passphrase on. Set LATCHKEY_VAULT_PASSPHRASE.")
		}
		return vault.WithPassphrase(text), err
	case vault.ByRecovery:
		text, err := d.askOrRead(ctx, "Recovery key: ", "recovery key")
		return vault.WithRecovery(text), err
	case vault.ByKeyring:
	}
	return d.keyring(), nil
}

// keyring is the key that the system's keyring keeps. Only somebody at a
// terminal is given the time to unlock that.
func (d *desk) keyring() vault.Key {
	if d.onTerminal() {
		return vault.WithKeyring(vault.Asked)
	}
	return vault.WithKeyring(vault.Briefly)
}

// newKey gets the key of a protection that the vault is to have. It was opened
// by another one, or is new.
func (d *desk) newKey(ctx context.Context, to, openedBy vault.Method) (vault.Key, error) {
	if to == vault.ByKeyring {
		return d.keyring(), nil
	}
	text, err := d.newPassphrase(ctx, openedBy)
	return vault.WithPassphrase(text), err
}

// newPassphrase asks for a passphrase, and says if it will not hold for long;
// where nobody can be asked it reads one. The variable holds it unless that
// has opened the vault.
func (d *desk) newPassphrase(ctx context.Context, openedBy vault.Method) (secret.Text, error) {
	if given := config.VaultPassphrase(); !given.IsZero() && openedBy != vault.ByPassphrase {
		return given, nil
	}
	if !d.onTerminal() {
		return interruptible(ctx, func() (secret.Text, error) { return readLine(d.in, "passphrase") })
	}
	text, err := d.askTwice(ctx, "New passphrase for the vault: ")
	if err == nil {
		err = vault.CheckPassphrase(text)
	}
	if err == nil && passphrase.Estimate(text).Level < passphrase.Fair {
		d.say("That passphrase is easy to guess for somebody who has the file. A few words more make it a good one.")
	}
	return text, err
}

// askOrRead asks for a secret on a terminal, and otherwise reads it from
// standard input.
func (d *desk) askOrRead(ctx context.Context, prompt, what string) (secret.Text, error) {
	if d.onTerminal() {
		return d.askHidden(ctx, prompt)
	}
	return interruptible(ctx, func() (secret.Text, error) { return readLine(d.in, what) })
}
