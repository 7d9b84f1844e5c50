package app

import (
	"context"
	"path/filepath"
	"strings"
	"time"

	"latchkey/backend/companion"
	"latchkey/backend/companion/passphrase"
	"latchkey/backend/companion/vault"
)

// Vault is the lock screen, and the panel that says what protects the vault.
type Vault struct{ d *desk }

// A Protection is what opens the vault, or is to open it.
type Protection struct {
	Method     string `json:"method"`     // "keyring", "passphrase" or "recovery"
	Passphrase string `json:"passphrase"` // or the recovery key; empty for the keyring
}

// A PassphraseChange is a passphrase and the one that takes its place.
type PassphraseChange struct {
	Current string `json:"current"`
	Next    string `json:"next"`
}

// A Strength says how long a passphrase is likely to hold.
type Strength struct {
	Level    int    `json:"level"` // 0 (minutes) to 4 (for good)
	Weakness string `json:"weakness"`
}

// byKeyring is how long the page waits where the keyring is asked. A person may
// have to unlock that, for which the vault gives them 30 seconds.
const byKeyring = 45 * time.Second

// key is what a person has chosen or typed, for the vault. They are there, so
// the keyring has time to ask them.
func (p Protection) key() (vault.Key, error) {
	switch text := companion.NewSecret(p.Passphrase); p.Method {
	case "keyring":
		return vault.WithKeyring(vault.Asked), nil
	case "passphrase":
		return vault.WithPassphrase(text), nil
	case "recovery":
		return vault.WithRecovery(text), nil
	}
	return vault.Key{}, vault.ErrNoProtection
}

// Status tells how the vault stands.
func (v *Vault) Status() (VaultStatus, error) {
	return ask(v.d, atOnce, func(context.Context) (VaultStatus, error) { return v.d.vaultStatus(), nil })
}

// Probe finds out whether the system's keyring would keep a key, and returns
// why not. Nobody is asked: one that is locked or slow is no keyring yet.
func (v *Vault) Probe() (*Problem, error) {
	return ask(v.d, byKeyring, func(ctx context.Context) (*Problem, error) {
		return asProblem(v.d.companion.Vault.ProbeKeyring(ctx, vault.Briefly)), nil
	})
}

// Strength estimates a passphrase or password that somebody is choosing.
func (v *Vault) Strength(text string) (Strength, error) {
	return ask(v.d, atOnce, func(context.Context) (Strength, error) {
		s := passphrase.Estimate(companion.NewSecret(text))
		return Strength{Level: int(s.Level), Weakness: string(s.Weakness)}, nil
	})
}

// Create makes the vault and returns its recovery key, which cannot be had
// again.
func (v *Vault) Create(p Protection) (string, error) {
	return ask(v.d, byKeyring, func(ctx context.Context) (string, error) {
		k, err := p.key()
		if err != nil {
			return "", err
		}
		recovery, err := v.d.companion.Vault.Create(ctx, k)
		if err != nil {
			return "", err
		}
		v.d.vaultChanged()
		return recovery.Reveal(), nil
	})
}

// Unlock opens the vault.
func (v *Vault) Unlock(p Protection) (VaultStatus, error) {
	return ask(v.d, byKeyring, func(ctx context.Context) (VaultStatus, error) {
		k, err := p.key()
		if err != nil {
			return VaultStatus{}, err
		}
		if err := v.d.companion.Vault.Unlock(ctx, k); err != nil {
			return VaultStatus{}, err
		}
		v.d.mu.Lock()
		v.d.refused = nil
		v.d.mu.Unlock()
		v.d.vaultChanged()
		return v.d.vaultStatus(), nil
	})
}

// Lock closes the vault, and takes a secret off the clipboard.
func (v *Vault) Lock() error {
	return do(v.d, atOnce, func(context.Context) error {
		v.d.lock()
		return nil
	})
}

// Move changes what protects the open vault.
func (v *Vault) Move(p Protection) error {
	return do(v.d, byKeyring, func(ctx context.Context) error {
		k, err := p.key()
		if err != nil {
			return err
		}
		if err := v.d.companion.Vault.Move(ctx, k); err != nil {
			return err
		}
		v.d.vaultChanged()
		return nil
	})
}

// ChangePassphrase changes the passphrase of a vault that one protects.
func (v *Vault) ChangePassphrase(c PassphraseChange) error {
	return do(v.d, byKeyring, func(ctx context.Context) error {
		current := vault.WithPassphrase(companion.NewSecret(c.Current))
		if err := v.d.companion.Vault.ChangePassphrase(ctx, current, companion.NewSecret(c.Next)); err != nil {
			return err
		}
		v.d.vaultChanged()
		return nil
	})
}

// RestorePrevious puts the vault's previous version in the place of a damaged
// one. It is locked then.
func (v *Vault) RestorePrevious() (VaultStatus, error) {
	return ask(v.d, atOnce, func(ctx context.Context) (VaultStatus, error) {
		if _, err := v.d.companion.Vault.RestorePrevious(ctx); err != nil {
			return VaultStatus{}, err
		}
		v.d.vaultChanged()
		return v.d.vaultStatus(), nil
	})
}

// SetAside gives a vault that nothing opens another name, and returns that.
func (v *Vault) SetAside() (string, error) {
	return ask(v.d, atOnce, func(ctx context.Context) (string, error) {
		paths, err := v.d.companion.Vault.SetAside(ctx)
		if err != nil {
			return "", err
		}
		v.d.vaultChanged()
		names := make([]string, 0, len(paths))
		for _, p := range paths {
			names = append(names, filepath.Base(p))
		}
		return strings.Join(names, ", "), nil
	})
}
