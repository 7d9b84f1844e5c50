package companion

import (
	"context"
	"errors"

	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/companion/vault"
	"latchkey/backend/identity"
)

// keyPassphrases is where the vault keeps what opens key files, by the
// fingerprints of the keys: a file can move, and have another name.
const keyPassphrases vault.Bucket = "key passphrases"

// KeepPassphrase keeps what opens a key file, in place of what was kept for that
// key. Errors are those of the vault.
func (c *Companion) KeepPassphrase(ctx context.Context, key identity.Fingerprint, passphrase Secret) error {
	return c.Vault.Shelf(keyPassphrases).Put(ctx, string(key), []byte(passphrase.Reveal()))
}

// KeptPassphrase returns what is kept for a key, or none. Errors are those of
// the vault.
func (c *Companion) KeptPassphrase(ctx context.Context, key identity.Fingerprint) (Secret, error) {
	text, err := c.Vault.Shelf(keyPassphrases).Get(ctx, string(key))
	if errors.Is(err, vault.ErrNoRecord) {
		return Secret{}, nil
	}
	defer clear(text)
	return NewSecret(string(text)), err
}

// KeptPassphrases tells for which keys a passphrase is kept. Errors are those
// of the vault.
func (c *Companion) KeptPassphrases(ctx context.Context) (map[identity.Fingerprint]bool, error) {
	list, err := c.Vault.Shelf(keyPassphrases).List(ctx)
	out := make(map[identity.Fingerprint]bool, len(list))
	for _, r := range list {
		clear(r.Content)
		out[identity.Fingerprint(r.Name)] = true
	}
	return out, err
}

// ForgetPassphrase removes what is kept for a key, if there is anything. Errors
// are those of the vault.
func (c *Companion) ForgetPassphrase(ctx context.Context, key identity.Fingerprint) error {
	return c.Vault.Shelf(keyPassphrases).Delete(ctx, string(key))
}

// OpenKey is sshkeys.OpenWithComment that takes the passphrase from the vault,
// if that is open and keeps it, where none was typed. One that does not fit any
// more, because another program has changed it, counts as none.
func (c *Companion) OpenKey(ctx context.Context, path string, typed Secret) (*sshkeys.Private, error) {
	private, needed := sshkeys.OpenWithComment(path, typed)
	if !errors.Is(needed, sshkeys.ErrPassphraseNeeded) {
		return private, needed
	}
	file, err := sshkeys.Find(path)
	if err != nil {
		return nil, err
	}
	kept, err := c.KeptPassphrase(ctx, file.Fingerprint)
	if err != nil || kept.IsZero() {
		return nil, needed
	}
	private, err = sshkeys.OpenWithComment(path, kept)
	if errors.Is(err, sshkeys.ErrPassphraseWrong) {
		return nil, needed
	}
	return private, err
}

// ChangeKeyPassphrase is Workshop.ChangePassphrase; what the vault keeps for the
// key follows.
func (c *Companion) ChangeKeyPassphrase(ctx context.Context, path string, old, fresh Secret) error {
	if err := c.Workshop.ChangePassphrase(path, old, fresh); err != nil {
		return err
	}
	file, err := sshkeys.Find(path)
	if err != nil {
		return err
	}
	kept, err := c.KeptPassphrase(ctx, file.Fingerprint)
	switch {
	case err != nil || kept.IsZero():
		return nil // there is none, or nobody can tell now; one that does not fit counts as none
	case fresh.IsZero():
		return c.ForgetPassphrase(ctx, file.Fingerprint)
	}
	return c.KeepPassphrase(ctx, file.Fingerprint, fresh)
}
