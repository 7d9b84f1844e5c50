package cli

import (
	"cmp"
	"context"
	"errors"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/identity"
)

func (a *app) keyUpload() *cobra.Command {
	var title, to string
	var yes, passwordStdin bool
	var f targetFlags
	var limits keyRuleFlags
	c := a.withJSON(&cobra.Command{
		Use:   "upload FILE [SERVER]",
		Short: "Give a server the public half of a key; - reads it from standard input",
		Long: "Give a server the public half of a key; - reads it from standard input. SERVER is one of your list.\n" +
			"With --to it is any other that has SFTP: the key is added to ~/.ssh/authorized_keys there, and the\n" +
			"password is asked for once, unless --identity names a key that opens it already. The limits are for\n" +
			"Latchkey servers of your list; others do not know them, and the key is not sent.",
		Args: takes(1, 2),
	})
	c.RunE = a.onDesk(func(ctx context.Context, d *desk, args []string) error {
		rules, err := limits.rules()
		if err != nil {
			return err
		}
		k, err := d.readPublic(ctx, args[0])
		if err != nil {
			return err
		}
		if to != "" {
			switch {
			case len(args) > 1:
				return usagef("Use either the name of a server or --to.")
			case limits.given(c):
				return usagef("Limits are for Latchkey servers of your list. With --to leave --expires, --from, --read-only and --folder out.")
			}
			return d.uploadTo(ctx, k, args[0], to, f, passwordStdin)
		}
		n := remote.NewSSHKey{Title: cmp.Or(title, k.Comment, "SSH key"), Line: k.Line, Rules: rules}
		err = d.act(ctx, word(args, 1), func(ctx context.Context, acc *remote.Account) error {
			if err := d.askIfOfUse(ctx, acc, yes); err != nil {
				return err
			}
			return acc.AddSSHKey(ctx, n)
		})
		if err != nil {
			return err
		}
		d.changed(ctx, "The key %q has been uploaded to %s: %s", n.Title, d.at.Name, k.Fingerprint)
		return d.tell(uploadedJSON{Server: d.at.Name, Title: n.Title, Fingerprint: k.Fingerprint, Added: true})
	})
	c.Flags().StringVar(&title, "title", "", "call the key `TITLE` there (default: the comment in the file)")
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	c.Flags().StringVar(&to, "to", "", "add it to the keys of an account on any server with SFTP: `[USER@]HOST`")
	c.Flags().IntVarP(&f.port, "port", "p", 0, "with --to, connect to the port `N`")
	c.Flags().StringVarP(&f.identity, "identity", "i", "", "with --to, sign in with the private key in `FILE`")
	c.Flags().BoolVar(&passwordStdin, "password-stdin", false, "with --to, read the password from standard input")
	limits.addTo(c)
	return c
}

// uploadedJSON tells about a public key that a server has got.
type uploadedJSON struct {
	Server      string               `json:"server"` // its name on the list, or its address
	Title       string               `json:"title,omitempty"`
	Fingerprint identity.Fingerprint `json:"fingerprint"`
	Added       bool                 `json:"added"` // it was not there before
}

// readPublic reads the public half of a key. Named by its private half it is
// the public one all the same: no other is ever sent.
func (d *desk) readPublic(ctx context.Context, name string) (sshkeys.Public, error) {
	if name != "-" {
		k, err := sshkeys.Find(name)
		if err == nil && k.Line != "" {
			return k.Public, nil
		}
		if err != nil && !errors.Is(err, sshkeys.ErrNotAKey) {
			return sshkeys.Public{}, err
		}
	}
	text, err := d.readKey(ctx, name)
	if err != nil {
		return sshkeys.Public{}, err
	}
	return sshkeys.ParsePublic([]byte(text))
}

// askIfOfUse warns somebody whose key would open nothing.
func (d *desk) askIfOfUse(ctx context.Context, acc *remote.Account, yes bool) error {
	me, err := acc.Me(ctx)
	if err != nil || me.SFTP() {
		return err
	}
	d.say("Your account on %s may not use SFTP, so the key opens nothing until an administrator allows that.", d.at.Name)
	return d.confirm(ctx, yes, "Upload it all the same?")
}
