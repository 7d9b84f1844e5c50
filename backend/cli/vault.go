package cli

import (
	"context"
	"path/filepath"

	"github.com/spf13/cobra"

	"latchkey/backend/companion"
	"latchkey/backend/companion/vault"
	"latchkey/backend/identity"
)

func (a *app) vaultCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "vault",
		Short: "Look after the vault, which keeps what servers gave you",
		Long: "Look after the vault, which keeps what servers gave you when you signed in. It is one file in the\n" +
			"data folder, which a key in the system's keyring or a passphrase opens. Each command opens it by\n" +
			"itself; the passphrase is asked for, or taken from LATCHKEY_VAULT_PASSPHRASE.",
	}, a.vaultCreate(), a.vaultStatus(), a.vaultUnlock(), a.vaultLock(), a.vaultMove(), a.vaultRecoveryKey(), a.vaultRestorePrevious(), a.vaultSetAside())
}

type vaultJSON struct {
	File       string       `json:"file"`
	State      string       `json:"state"` // new, locked or unusable
	Protection string       `json:"protection,omitempty"`
	Problem    *problemJSON `json:"problem,omitempty"`
}

type problemJSON struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (a *app) vaultStatus() *cobra.Command {
	return a.withJSON(&cobra.Command{
		Use:   "status",
		Short: "Tell whether there is a vault, and what opens it",
		Args:  takes(0, 0),
		RunE: a.onDesk(func(ctx context.Context, d *desk, _ []string) error {
			st, err := d.Vault.Status(ctx)
			if err != nil {
				return err
			}
			out := vaultJSON{File: filepath.Join(d.data, companion.VaultFile), State: st.State.String()}
			if st.Protection != 0 {
				out.Protection = st.Protection.String()
			}
			if st.Problem != nil {
				out.Problem = &problemJSON{st.Problem.Code, st.Problem.Message}
			}
			if d.json {
				return d.printJSON(out)
			}
			return d.printVault(out, st)
		}),
	})
}

func (d *desk) printVault(out vaultJSON, st vault.Status) error {
	switch st.State {
	case vault.New:
		return vault.ErrNew
	case vault.Unusable:
		return st.Problem
	case vault.Locked, vault.Unlocked:
	}
	return printTable(d.out, [][]string{{"File", out.File}, {"Opened by", means(st.Protection)}})
}

// means says in words what opens a vault.
func means(m vault.Method) string {
	switch m {
	case vault.ByPassphrase:
		return "its passphrase"
	case vault.ByRecovery:
		return "its recovery key"
	case vault.ByKeyring:
	}
	return "the system's keyring"
}

func (a *app) vaultUnlock() *cobra.Command {
	var recovery bool
	c := &cobra.Command{
		Use:   "unlock",
		Short: "Try whether the vault opens",
		Long:  "Try whether the vault opens. It does not stay open: each command opens it by itself.",
		Args:  takes(0, 0),
		RunE: a.onDesk(func(ctx context.Context, d *desk, _ []string) error {
			by, err := d.protection(ctx)
			if err != nil {
				return err
			}
			if recovery {
				by = vault.ByRecovery
			}
			if err := d.unlock(ctx, by); err != nil {
				return err
			}
			d.say("The vault opens with %s.", means(by))
			return nil
		}),
	}
	c.Flags().BoolVar(&recovery, "recovery", false, "try the recovery key instead")
	return c
}

// protection returns what the vault is protected by, or why it cannot be used.
func (d *desk) protection(ctx context.Context) (vault.Method, error) {
	st, err := d.Vault.Status(ctx)
	switch {
	case err != nil:
		return 0, err
	case st.State == vault.New:
		return 0, vault.ErrNew
	case st.State == vault.Unusable:
		return 0, st.Problem
	}
	return st.Protection, nil
}

var errNothingToLock = identity.NewError(identity.Conflict, "vault_not_lockable",
	"The vault opens whenever the system's keyring is unlocked, so it cannot be locked by itself. Lock the keyring, or have a passphrase asked for each time:")

func (a *app) vaultLock() *cobra.Command {
	return &cobra.Command{
		Use:   "lock",
		Short: "Tell whether the vault is locked, and how to lock it",
		Long: "Tell whether the vault is locked, and how to lock it. No command leaves the vault open, so that\n" +
			"nothing has to be locked after one. A window that has it open is locked in the window.",
		Args: takes(0, 0),
		RunE: a.onDesk(func(ctx context.Context, d *desk, _ []string) error {
			by, err := d.protection(ctx)
			if err != nil {
				return err
			}
			if by == vault.ByKeyring {
				e := *errNothingToLock
				e.Message += " " + d.command("vault move --to passphrase")
				return &e
			}
			d.say("The vault is locked: each command asks for its passphrase, and forgets it. Lock an open window in the window.")
			return nil
		}),
	}
}
