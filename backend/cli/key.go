package cli

import (
	"cmp"
	"context"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/identity"
)

func (a *app) keyCommand() *cobra.Command {
	return group(&cobra.Command{Use: "key", Short: "Make SSH keys, and look after those that servers know"},
		a.keyGenerate(), a.keyList(), a.keyShow(), a.keyConvert(), a.keyPassphrase(), a.keyUpload(), a.keyDelete())
}

// keyFolder returns the folder where the keys of this computer are.
func keyFolder(named string) (string, error) {
	if named != "" {
		return filepath.Abs(named)
	}
	return sshkeys.Folder()
}

type keyJSON struct {
	ID          identity.SSHKeyID    `json:"id,omitempty"` // on the server
	Title       string               `json:"title,omitempty"`
	Type        string               `json:"type,omitempty"`
	Fingerprint identity.Fingerprint `json:"fingerprint"`
	OnServer    bool                 `json:"on_server"`
	AddedAt     time.Time            `json:"added_at,omitzero"`
	LastUsedAt  time.Time            `json:"last_used_at,omitzero"`
	File        string               `json:"file,omitempty"` // the private half, on this computer
}

func (a *app) keyList() *cobra.Command {
	var folder string
	var here bool
	c := a.withJSON(&cobra.Command{
		Use:   "list [SERVER]",
		Short: "List your keys on the server, and those on this computer",
		Args:  takes(0, 1),
		RunE: a.onDesk(func(ctx context.Context, d *desk, args []string) error {
			folder, err := keyFolder(folder)
			if err != nil {
				return err
			}
			local, err := sshkeys.List(folder)
			if err != nil {
				return err
			}
			var there []remote.SSHKey
			if !here {
				err = d.act(ctx, word(args, 0), func(ctx context.Context, acc *remote.Account) (err error) {
					there, err = acc.SSHKeys(ctx)
					return err
				})
			}
			if err != nil {
				return err
			}
			return d.listKeys(joinKeys(there, local))
		}),
	})
	c.Flags().StringVar(&folder, "folder", "", "look for keys in the folder `DIR` of this computer (default ~/.ssh)")
	c.Flags().BoolVar(&here, "here", false, "list those on this computer only, and ask no server")
	return c
}

// joinKeys puts together what the server and this computer know of the same
// key: first the server's, in its order, then the others.
func joinKeys(there []remote.SSHKey, local []sshkeys.KeyFile) []keyJSON {
	out := make([]keyJSON, 0, len(there)+len(local))
	at := map[identity.Fingerprint]int{}
	for _, k := range there {
		at[k.Fingerprint] = len(out)
		out = append(out, keyJSON{
			ID: k.ID, Title: k.Title, Type: k.Type, Fingerprint: k.Fingerprint, OnServer: true, AddedAt: k.AddedAt, LastUsedAt: k.LastUsedAt,
		})
	}
	for _, k := range local {
		if k.Fingerprint == "" {
			continue // nothing can be told about it
		}
		i, known := at[k.Fingerprint]
		if !known {
			out = append(out, keyJSON{Title: k.Comment, Fingerprint: k.Fingerprint})
			i = len(out) - 1
			at[k.Fingerprint] = i
		}
		out[i].Type = cmp.Or(out[i].Type, k.Type)
		if k.HasPrivate {
			out[i].File = cmp.Or(out[i].File, k.Path)
		}
	}
	return out
}

func (d *desk) listKeys(keys []keyJSON) error {
	t := table{
		head:  []string{"TITLE", "TYPE", "FINGERPRINT", "ADDED", "LAST USED", "ON THIS COMPUTER"},
		empty: "There are no keys. Make one with: " + d.command("key generate"),
	}
	for _, k := range keys {
		added, used := "not on the server", "-"
		if k.OnServer {
			added, used = d.whenKnown(k.AddedAt), d.when(k.LastUsedAt)
		}
		t.add(orDash(k.Title), orDash(k.Type), string(k.Fingerprint), added, used, orDash(k.File))
	}
	return d.list(t, keys)
}

// whenKnown is when for a time that a server may not tell.
func (d *desk) whenKnown(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return d.when(t)
}
