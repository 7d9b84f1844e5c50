package cli

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"latchkey/backend/account"
	"latchkey/backend/identity"
	"latchkey/backend/server"
)

func (a *app) userKeyCommand() *cobra.Command {
	return group(&cobra.Command{Use: "key", Short: "Look after the SSH keys of a user"},
		a.userKeyList(), a.userKeyAdd(), a.userKeyLimit(), a.userKeyDelete())
}

type sshKeyJSON struct {
	ID          identity.SSHKeyID    `json:"id"`
	Title       string               `json:"title"`
	Type        string               `json:"type"`
	Fingerprint identity.Fingerprint `json:"fingerprint"`
	AddedAt     time.Time            `json:"added_at"`
	LastUsedAt  time.Time            `json:"last_used_at,omitzero"`
	keyRulesJSON
}

func (a *app) userKeyList() *cobra.Command {
	return a.withJSON(&cobra.Command{
		Use:   "list NAME",
		Short: "List the SSH keys of a user",
		Args:  takes(1, 1),
		RunE: a.onUser(func(ctx context.Context, c *server.Core, u identity.User, _ []string) error {
			keys, _, err := c.Accounts.SSHKeys(ctx, u.ID, identity.Page{})
			if err != nil {
				return err
			}
			t := table{
				head:  []string{"ID", "TITLE", "TYPE", "FINGERPRINT", "ADDED", "LAST USED", "LIMITS"},
				empty: string(u.Username) + " has no SSH keys.",
			}
			out := make([]sshKeyJSON, len(keys))
			for i, k := range keys {
				out[i] = sshKeyJSON{k.ID, k.Title, k.Type, k.Fingerprint, k.AddedAt, k.LastUsedAt, toKeyRulesJSON(k.Rules)}
				t.add(strconv.FormatInt(int64(k.ID), 10), k.Title, k.Type, string(k.Fingerprint), a.when(k.AddedAt), a.when(k.LastUsedAt),
					a.ruleWords(k.Rules))
			}
			return a.list(t, out)
		}),
	})
}

func (a *app) userKeyDelete() *cobra.Command {
	return &cobra.Command{
		Use:   "delete NAME ID|FINGERPRINT",
		Short: "Delete an SSH key, and close the connections that it opened",
		Args:  takes(2, 2),
		RunE: a.onUser(func(ctx context.Context, c *server.Core, u identity.User, rest []string) error {
			k, err := findKey(ctx, c, u.ID, rest[0])
			if err != nil {
				return err
			}
			if err := c.Accounts.DeleteSSHKey(ctx, u.ID, k.ID, byHand()); err != nil {
				return err
			}
			a.done(ctx, "The key %q of %s has been deleted.", k.Title, u.Username)
			return nil
		}),
	}
}

// findKey finds a user's key by its number, or by its fingerprint with or
// without "SHA256:" before it.
func findKey(ctx context.Context, c *server.Core, owner identity.UserID, word string) (identity.SSHKey, error) {
	keys, _, err := c.Accounts.SSHKeys(ctx, owner, identity.Page{})
	if err != nil {
		return identity.SSHKey{}, err
	}
	for _, k := range keys {
		bare := strings.TrimPrefix(string(k.Fingerprint), "SHA256:")
		if word == strconv.FormatInt(int64(k.ID), 10) || strings.TrimPrefix(word, "SHA256:") == bare {
			return k, nil
		}
	}
	return identity.SSHKey{}, account.ErrSSHKeyNotFound
}
