package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/vault"
)

func (a *app) vaultMove() *cobra.Command {
	var to string
	var recovery bool
	c := &cobra.Command{
		Use:   "move --to keyring|passphrase",
		Short: "Change what opens the vault",
		Long: "Change what opens the vault. From a passphrase to a passphrase is a change of passphrase, and from\n" +
			"the keyring to the keyring makes a new key there.\n" +
			"The new passphrase is asked for, or read from standard input; LATCHKEY_VAULT_PASSPHRASE holds the\n" +
			"one that the vault has, or if it has none the new one.",
		Args: takes(0, 0),
		RunE: a.onDesk(func(ctx context.Context, d *desk, _ []string) error {
			by, known := map[string]vault.Method{"keyring": vault.ByKeyring, "passphrase": vault.ByPassphrase}[to]
			if !known {
				return usagef("Say what is to open the vault: --to keyring or --to passphrase.")
			}
			if err := d.moveVault(ctx, by, recovery); err != nil {
				return err
			}
			d.say("The vault opens with %s from now on. The recovery key stays the same.", means(by))
			return nil
		}),
	}
	c.Flags().StringVar(&to, "to", "", "let `WHAT` open it: keyring or passphrase")
	c.Flags().BoolVar(&recovery, "recovery", false, "open it with the recovery key this once")
	return c
}

func (d *desk) moveVault(ctx context.Context, to vault.Method, recovery bool) error {
	before, err := d.protection(ctx)
	if err != nil {
		return err
	}
	by := before
	if recovery {
		by = vault.ByRecovery
	}
	current, err := d.currentKey(ctx, by)
	if err != nil {
		return err
	}
	if err := d.Vault.Unlock(ctx, current); err != nil {
		return err // before a new passphrase is asked for
	}
	if before == vault.ByPassphrase && to == vault.ByPassphrase {
		next, err := d.newPassphrase(ctx, by)
		if err != nil {
			return err
		}
		return d.Vault.ChangePassphrase(ctx, current, next)
	}
	k, err := d.newKey(ctx, to, by)
	if err != nil {
		return err
	}
	return d.Vault.Move(ctx, k)
}

func (a *app) vaultRestorePrevious() *cobra.Command {
	return &cobra.Command{
		Use:   "restore-previous",
		Short: "Put the previous version in the place of a vault that is damaged or gone",
		Long: "Put the previous version in the place of a vault that is damaged or gone. What changed last is lost,\n" +
			"such as one sign-in. A damaged file is kept under another name.",
		Args: takes(0, 0),
		RunE: a.onDesk(func(ctx context.Context, d *desk, _ []string) error {
			kept, err := d.Vault.RestorePrevious(ctx)
			if err != nil {
				return err
			}
			d.say("The previous version of the vault is in its place.")
			d.sayKept(kept)
			return nil
		}),
	}
}

func (a *app) vaultSetAside() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use:   "set-aside",
		Short: "Give a vault that nothing opens another name, so that a new one can be made",
		Args:  takes(0, 0),
		RunE: a.onDesk(func(ctx context.Context, d *desk, _ []string) error {
			if err := d.confirm(ctx, yes, "You will have to sign in on every server again. Set the vault aside?"); err != nil {
				return err
			}
			kept, err := d.Vault.SetAside(ctx)
			if err != nil {
				return err
			}
			d.sayKept(kept)
			return nil
		}),
	}
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return c
}

// sayKept tells where files went that were not thrown away.
func (d *desk) sayKept(paths []string) {
	if len(paths) > 0 {
		d.say("Kept as: %s", strings.Join(paths, ", "))
	}
}
