package cli

import (
	"context"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/companion/vault"
	"latchkey/backend/config"
	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
)

// openVaultUnasked opens the vault if that takes no question.
func (d *desk) openVaultUnasked(ctx context.Context) bool {
	st, err := d.Vault.Status(ctx)
	if err != nil || st.State == vault.New || st.State == vault.Unusable || st.Protection != vault.ByKeyring && config.VaultPassphrase().IsZero() {
		return false
	}
	k := vault.WithPassphrase(config.VaultPassphrase())
	if st.Protection == vault.ByKeyring {
		k = vault.WithKeyring(vault.Briefly)
	}
	return d.Vault.Unlock(ctx, k) == nil
}

// keptPassphrase returns what the vault keeps for a key file and opens it. It
// asks nobody, so a vault that needs its passphrase typed counts as empty.
func (d *desk) keptPassphrase(ctx context.Context, path string, key identity.Fingerprint) secret.Text {
	if !d.openVaultUnasked(ctx) {
		return secret.Text{}
	}
	kept, err := d.KeptPassphrase(ctx, key)
	if err != nil || kept.IsZero() {
		return secret.Text{}
	}
	if _, err := sshkeys.Open(path, kept); err != nil {
		return secret.Text{} // another program has changed it
	}
	return kept
}

// keyForget takes a passphrase out of the vault.
func (a *app) keyForget() *cobra.Command {
	return &cobra.Command{
		Use:   "forget FILE",
		Short: "Take the passphrase of a key out of the vault; the key keeps it",
		Args:  takes(1, 1),
		RunE: a.onDesk(func(ctx context.Context, d *desk, args []string) error {
			k, err := sshkeys.Find(args[0])
			if err != nil {
				return err
			}
			if err := d.openVault(ctx); err != nil {
				return err
			}
			if err := d.ForgetPassphrase(ctx, k.Fingerprint); err != nil {
				return err
			}
			d.say("The vault does not keep the passphrase of %s.", k.Name)
			return nil
		}),
	}
}
