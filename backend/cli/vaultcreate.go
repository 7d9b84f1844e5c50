package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/vault"
	"latchkey/backend/internal/secret"
)

func (a *app) vaultCreate() *cobra.Command {
	var byKeyring, byPassphrase bool
	c := &cobra.Command{
		Use:   "create --keyring | --passphrase",
		Short: "Make the vault, and print its recovery key once",
		Long: "Make the vault, and print its recovery key once. The recovery key opens the vault when the keyring\n" +
			"is gone or the passphrase is forgotten: write it down, and keep it away from this computer.\n" +
			"The passphrase is asked for, or taken from LATCHKEY_VAULT_PASSPHRASE or standard input.",
		Args: takes(0, 0),
	}
	c.RunE = a.onDesk(func(ctx context.Context, d *desk, _ []string) error {
		if !exactlyOne(byKeyring, byPassphrase) {
			return usagef("Say what protects the vault: --keyring or --passphrase.")
		}
		by := vault.ByKeyring
		if byPassphrase {
			by = vault.ByPassphrase
		}
		return d.createVault(ctx, by)
	})
	c.Flags().BoolVar(&byKeyring, "keyring", false, "let the system's keyring open it")
	c.Flags().BoolVar(&byPassphrase, "passphrase", false, "let a passphrase open it")
	return c
}

func (d *desk) createVault(ctx context.Context, by vault.Method) error {
	if err := d.noVaultYet(ctx); err != nil {
		return err // before anything is asked
	}
	d.newVault = true
	k, err := d.newKey(ctx, by, 0)
	if err != nil {
		return err
	}
	recovery, err := d.Vault.Create(ctx, k)
	if err != nil {
		return err
	}
	d.say("The vault has been made. It opens with %s.", means(by))
	return d.showRecovery(recovery)
}

// noVaultYet returns nil if there is no vault, and otherwise what is there.
func (d *desk) noVaultYet(ctx context.Context) error {
	_, err := d.protection(ctx)
	switch {
	case errors.Is(err, vault.ErrNew):
		return nil
	case err == nil:
		return vault.ErrExists
	}
	return err
}

// showRecovery prints a recovery key, alone on standard output.
func (d *desk) showRecovery(key secret.Text) error {
	d.say("Write this recovery key down and keep it away from this computer. It is not shown again:")
	_, err := fmt.Fprintln(d.out, key.Reveal())
	return err
}

func (a *app) vaultRecoveryKey() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use:   "recovery-key",
		Short: "Make a new recovery key, and print it once",
		Args:  takes(0, 0),
		RunE: a.onDesk(func(ctx context.Context, d *desk, _ []string) error {
			by, err := d.protection(ctx)
			if err != nil {
				return err
			}
			if err := d.confirm(ctx, yes, "The recovery key that you have opens nothing from then on. Make a new one?"); err != nil {
				return err
			}
			if err := d.unlock(ctx, by); err != nil {
				return err
			}
			key, err := d.Vault.NewRecoveryKey(ctx)
			if err != nil {
				return err
			}
			return d.showRecovery(key)
		}),
	}
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return c
}
