package cli

import (
	"cmp"
	"context"
	"errors"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/sshkeys"
)

func (a *app) keyUpload() *cobra.Command {
	var title string
	var yes bool
	c := &cobra.Command{
		Use:   "upload FILE [SERVER]",
		Short: "Give a server the public half of a key; - reads it from standard input",
		Args:  takes(1, 2),
		RunE: a.onDesk(func(ctx context.Context, d *desk, args []string) error {
			k, err := d.readPublic(ctx, args[0])
			if err != nil {
				return err
			}
			n := remote.NewSSHKey{Title: cmp.Or(title, k.Comment, "SSH key"), Line: k.Line}
			err = d.act(ctx, word(args, 1), func(ctx context.Context, acc *remote.Account) error {
				if err := d.askIfOfUse(ctx, acc, yes); err != nil {
					return err
				}
				return acc.AddSSHKey(ctx, n)
			})
			if err == nil {
				d.changed(ctx, "The key %q has been uploaded to %s: %s", n.Title, d.at.Name, k.Fingerprint)
			}
			return err
		}),
	}
	c.Flags().StringVar(&title, "title", "", "call the key `TITLE` there (default: the comment in the file)")
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return c
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
