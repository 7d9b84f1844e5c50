package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/companion/sshkeys/connect"
	"latchkey/backend/companion/sshkeys/hosts"
)

func (a *app) keyRotate() *cobra.Command {
	var f targetFlags
	var to, fresh string
	c := &cobra.Command{
		Use:   "rotate FILE --to [USER@]HOST --new FILE",
		Short: "Put a new key in the place of an old one on a server with SFTP",
		Long: "Put a new key in the place of an old one on a server with SFTP: add the new one to ~/.ssh/authorized_keys\n" +
			"there with the old one, sign in with the new one, and only then take the old one away. It stops where\n" +
			"something fails, and the old key stays good until the new one is. The files on this computer stay.",
		Args: takes(1, 1),
		RunE: a.onDesk(func(ctx context.Context, d *desk, args []string) error {
			if to == "" || fresh == "" {
				return usagef("Say with --to which server is meant, and with --new which key comes. Make that one with: %s", d.command("key generate"))
			}
			t, err := f.target(ctx, to)
			if err != nil {
				return err
			}
			_, book, err := hosts.Open()
			if err != nil {
				return err
			}
			r, err := d.rotation(ctx, args[0], fresh)
			if err != nil {
				return err
			}
			step, err := connect.Rotate(ctx, t, book, r)
			if err != nil {
				d.say("%s", howRotated(step))
				return d.explainHost(err, to, t)
			}
			d.say("%s lets in %s, and %s no more.", t.Address(), r.Line.Fingerprint, r.Which)
			return nil
		}),
	}
	f.where(c)
	c.Flags().StringVar(&to, "to", "", "on the account `[USER@]HOST`")
	c.Flags().StringVar(&fresh, "new", "", "let the key in `FILE` in")
	return c
}

// rotation opens both keys.
func (d *desk) rotation(ctx context.Context, old, fresh string) (r connect.Rotation, err error) {
	before, err := d.openKey(ctx, old)
	if err != nil {
		return r, err
	}
	r.New, err = d.openKey(ctx, fresh)
	if err != nil {
		return r, err
	}
	k, err := sshkeys.Find(fresh)
	if err != nil {
		return r, err
	}
	was, err := sshkeys.Find(old)
	if err != nil {
		return r, err
	}
	if k.Line == "" || was.Fingerprint == "" {
		return r, sshkeys.ErrNoPublic
	}
	if k.Fingerprint == was.Fingerprint {
		return r, usagef("Both files hold the same key.")
	}
	r.Old, r.Which, r.Line = connect.With(before), was.Fingerprint, k.Public
	return r, nil
}

func (d *desk) openKey(ctx context.Context, path string) (*sshkeys.Private, error) {
	typed, err := d.passphraseOf(ctx, path, false)
	if err != nil {
		return nil, err
	}
	return sshkeys.Open(path, typed)
}

func howRotated(s connect.Step) string {
	state := "Nothing was changed on the server."
	switch s {
	case connect.Uploaded:
		state = "The new key was added on the server but did not sign in, so the old one is still good."
	case connect.Tested:
		state = "The new key signs in, and the old one is still good, as it could not be removed."
	case connect.Nothing, connect.Removed:
	}
	return fmt.Sprintf("%s Run the same command again to go on.", state)
}
