package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/remote"
	"latchkey/backend/identity"
)

func (a *app) keyDelete() *cobra.Command {
	var yes bool
	c := a.withJSON(&cobra.Command{
		Use:   "delete TITLE|FINGERPRINT [SERVER]",
		Short: "Take a key off a server; the files on this computer stay",
		Args:  takes(1, 2),
		RunE: a.onDesk(func(ctx context.Context, d *desk, args []string) error {
			var key remote.SSHKey
			err := d.act(ctx, word(args, 1), func(ctx context.Context, acc *remote.Account) error {
				keys, err := acc.SSHKeys(ctx)
				if err != nil {
					return err
				}
				if key, err = findSSHKey(keys, args[0]); err != nil {
					return err
				}
				// A key that is gone locks out whoever has no other.
				warning := fmt.Sprintf("The key %q (%s) opens nothing on %s any more.", key.Title, key.Fingerprint, d.at.Name)
				if err := d.confirmName(ctx, yes, key.Title, warning, "Type its title to delete it: "); err != nil {
					return err
				}
				return acc.DeleteSSHKey(ctx, key.ID)
			})
			if err != nil {
				return err
			}
			d.changed(ctx, "The key %q has been deleted from %s.", key.Title, d.at.Name)
			return d.tell(deletedKeyJSON{d.at.Name, key.ID, key.Title, key.Fingerprint})
		}),
	})
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return c
}

// deletedKeyJSON tells about a key that a server has no more.
type deletedKeyJSON struct {
	Server      string               `json:"server"`
	ID          identity.SSHKeyID    `json:"id"`
	Title       string               `json:"title"`
	Fingerprint identity.Fingerprint `json:"fingerprint"`
}

// confirmName has a name typed before something is done that cannot be undone.
func (d *desk) confirmName(ctx context.Context, yes bool, name, warning, prompt string) error {
	if yes {
		return nil
	}
	if !d.onTerminal() {
		return usagef("There is no terminal to ask on. If you are sure, add --yes.")
	}
	d.say("%s", warning)
	typed, err := d.askLine(ctx, prompt)
	if err == nil && typed != strings.TrimSpace(name) {
		err = errUnconfirmed
	}
	return err
}

// findSSHKey finds a key by its fingerprint, with or without "SHA256:" before
// it, or by its title if no other has that.
func findSSHKey(keys []remote.SSHKey, typed string) (remote.SSHKey, error) {
	var found []remote.SSHKey
	for _, k := range keys {
		if strings.TrimPrefix(string(k.Fingerprint), "SHA256:") == strings.TrimPrefix(typed, "SHA256:") {
			return k, nil
		}
		if k.Title == typed {
			found = append(found, k)
		}
	}
	switch len(found) {
	case 0:
		return remote.SSHKey{}, identity.NewError(identity.NotFound, "ssh_key_not_found",
			"There is no key "+strconv.Quote(typed)+" on the server. It may have been deleted already.")
	case 1:
		return found[0], nil
	}
	return remote.SSHKey{}, usagef("%s have the title %q. Name the key by its fingerprint.", count(len(found), "key"), typed)
}
