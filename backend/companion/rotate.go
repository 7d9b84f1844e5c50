package companion

import (
	"context"

	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/rotation"
	"latchkey/backend/companion/servers"
	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/companion/sshkeys/sshconfig"
	"latchkey/backend/identity"
)

// Rotation begins to put a new key in the place of an old one, or goes on with
// that. At is the server of the list where it is done; none: a server that is not
// on the list. The folder of the ssh config and the other places where the key is
// of use are filled in here.
// Errors: those of rotation.Begin.
func (c *Companion) Rotation(at servers.ID, o rotation.Order) (*rotation.Rotation, error) {
	home, err := sshkeys.Folder()
	if err != nil {
		return nil, err
	}
	o.Folder = sshconfig.Folder(home)
	old, err := sshkeys.Find(o.Key)
	if err != nil {
		return nil, err
	}
	o.Elsewhere = func(ctx context.Context) []rotation.Use { return c.usesElsewhere(ctx, at, old.Fingerprint) }
	return rotation.Begin(c.Workshop, c.rotations, o)
}

// usesElsewhere names the other servers that let a key in, or that cannot be
// asked.
func (c *Companion) usesElsewhere(ctx context.Context, at servers.ID, which identity.Fingerprint) (out []rotation.Use) {
	there, missing, err := c.KeysEverywhere(ctx)
	if err != nil {
		return []rotation.Use{{Kind: rotation.Unasked}}
	}
	for _, t := range there {
		if t.Server.ID != at && t.Key.Fingerprint == which {
			out = append(out, rotation.Use{Kind: rotation.OnServer, Name: t.Server.Name})
		}
	}
	for _, m := range missing {
		if m.Server.ID != at {
			out = append(out, rotation.Use{Kind: rotation.Unasked, Name: m.Server.Name})
		}
	}
	return out
}

// KeyList is what a server of the list knows of the person's keys; nil if it
// knows none, and takes them from authorized_keys.
func (c *Companion) KeyList(s servers.Server) rotation.KeyList {
	if !(remote.Server{Kind: s.Kind, Version: s.Version}).Capabilities().SSHKeys {
		return nil
	}
	return keyList{c.Servers, s.ID}
}

// A keyList asks anew each time, so that a token that has ended is renewed.
type keyList struct {
	book *servers.Book
	id   servers.ID
}

// SSHKeys is remote.Account.SSHKeys.
func (l keyList) SSHKeys(ctx context.Context) (keys []remote.SSHKey, err error) {
	err = l.book.Act(ctx, l.id, func(ctx context.Context, a *remote.Account) (err error) {
		keys, err = a.SSHKeys(ctx)
		return err
	})
	return keys, err
}

// AddSSHKey is remote.Account.AddSSHKey.
func (l keyList) AddSSHKey(ctx context.Context, k remote.NewSSHKey) error {
	return l.book.Act(ctx, l.id, func(ctx context.Context, a *remote.Account) error { return a.AddSSHKey(ctx, k) })
}

// DeleteSSHKey is remote.Account.DeleteSSHKey.
func (l keyList) DeleteSSHKey(ctx context.Context, id identity.SSHKeyID) error {
	return l.book.Act(ctx, l.id, func(ctx context.Context, a *remote.Account) error { return a.DeleteSSHKey(ctx, id) })
}
