package cli

import (
	"cmp"
	"context"
	"io"
	"os"

	"github.com/spf13/cobra"

	"latchkey/backend/account"
	"latchkey/backend/credential/sshkey"
	"latchkey/backend/identity"
	"latchkey/backend/server"
)

func (a *app) userKeyAdd() *cobra.Command {
	var title string
	var f keyRuleFlags
	c := &cobra.Command{
		Use:   "add NAME FILE.pub",
		Short: "Add a public SSH key to a user; - reads it from standard input",
		Long: "Add a public SSH key to a user; - reads it from standard input. The flags limit what it opens. When it\n" +
			"expires and where it is taken from may also stand before the key as in an authorized_keys file:\n" +
			"expiry-time=\"20301231\",from=\"192.168.1.0/24\" ssh-ed25519 AAAA...",
		Args: takes(2, 2),
		RunE: a.onUser(func(ctx context.Context, c *server.Core, u identity.User, rest []string) error {
			line, err := a.readKey(ctx, rest[0])
			if err != nil {
				return err
			}
			_, comment, err := sshkey.Parse(line, a.env.Now().Location())
			if err != nil {
				return err
			}
			rules, err := f.rules()
			if err != nil {
				return err
			}
			who, err := c.Sessions.Principal(ctx, u.ID)
			if err != nil {
				return err
			}
			k, err := c.Accounts.AddSSHKey(ctx, who, account.NewSSHKey{Title: cmp.Or(title, comment, "SSH key"), Line: line, Rules: rules}, byHand())
			if err != nil {
				return err
			}
			a.done(ctx, "The key %q has been added to %s: %s", k.Title, u.Username, k.Fingerprint)
			return a.adviseSFTP(ctx, c, u)
		}),
	}
	c.Flags().StringVar(&title, "title", "", "call the key `TITLE` (default: the comment in the file)")
	f.addTo(c)
	return c
}

// readKey reads a key from a file, or from standard input if it is named "-".
// What is too long for a key is cut, and refused by who reads it.
func (a *app) readKey(ctx context.Context, name string) (string, error) {
	const most = 64 << 10 // bytes
	if name == "-" {
		return interruptible(ctx, func() (string, error) {
			text, err := io.ReadAll(io.LimitReader(a.in, most))
			if err != nil {
				return "", errInput.Because(err)
			}
			return string(text), nil
		})
	}
	f, err := os.Open(name)
	if err != nil {
		return "", usagef("The file %s cannot be read. Name the public half of a key, such as id_ed25519.pub.", name)
	}
	defer func() { _ = f.Close() }() // only read
	text, err := io.ReadAll(io.LimitReader(f, most))
	if err != nil {
		return "", usagef("The file %s cannot be read. Name the public half of a key, such as id_ed25519.pub.", name)
	}
	return string(text), nil
}
