package app

import (
	"context"
	"strconv"

	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/servers"
	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/identity"
)

// A Key is a public key on a server, as the page sees it.
type Key struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	Type        string `json:"type"` // such as "ssh-ed25519"; empty if nothing tells it
	Fingerprint string `json:"fingerprint"`
	AddedAt     int64  `json:"addedAt"`
	LastUsedAt  int64  `json:"lastUsedAt"` // 0: never
	Local       string `json:"local"`      // where the private half is on this computer; empty: nowhere

	Rules KeyRules `json:"rules"`
}

// A KeyList is what a server told, and when.
type KeyList struct {
	Keys []Key `json:"keys"`
	AsOf int64 `json:"asOf"`
	SFTP bool  `json:"sftp"` // the account may sign in over SFTP
}

// An Upload is a public key for a server.
type Upload struct {
	ID    string   `json:"id"`
	Title string   `json:"title"`
	Line  string   `json:"line"`
	Rules KeyRules `json:"rules"` // none where the server does not know them
}

// A KeyRef names a key: on a server by its id, on this computer by its path.
type KeyRef struct {
	ID  string `json:"id"`
	Key string `json:"key"`
}

// List lists the person's keys on a server, and says which of them are on this
// computer too. Whether the account may use SFTP is asked anew, because an
// administrator may just have changed it.
func (k *Keys) List(id string) (KeyList, error) {
	return ask(k.d, byNet, func(ctx context.Context) (KeyList, error) {
		var list []remote.SSHKey
		var me remote.Me
		err := k.d.companion.Servers.Act(ctx, servers.ID(id), func(ctx context.Context, a *remote.Account) (err error) {
			if list, err = a.SSHKeys(ctx); err == nil {
				me, err = a.Me(ctx)
			}
			return err
		})
		if err != nil {
			return KeyList{}, err
		}
		return KeyList{Keys: joinKeys(list, privateHalves()), AsOf: millis(k.d.env.Now()), SFTP: me.SFTP()}, nil
	})
}

// privateHalves finds the keys of this computer by their fingerprints. A folder
// that cannot be read holds none: the list of a server is of use without.
func privateHalves() map[identity.Fingerprint]sshkeys.KeyFile {
	found := map[identity.Fingerprint]sshkeys.KeyFile{}
	folder, err := sshkeys.Folder()
	if err != nil {
		return found
	}
	list, err := sshkeys.List(folder)
	if err != nil {
		return found
	}
	for _, f := range list {
		if f.HasPrivate && f.Fingerprint != "" {
			found[f.Fingerprint] = f
		}
	}
	return found
}

func joinKeys(list []remote.SSHKey, local map[identity.Fingerprint]sshkeys.KeyFile) []Key {
	out := make([]Key, len(list))
	for i, r := range list {
		here := local[r.Fingerprint]
		out[i] = Key{
			ID: strconv.FormatInt(int64(r.ID), 10), Title: r.Title, Type: r.Type, Fingerprint: string(r.Fingerprint),
			AddedAt: millis(r.AddedAt), LastUsedAt: millis(r.LastUsedAt), Local: here.Path,
			Rules: toKeyRules(r.Rules),
		}
		if r.Type == "" {
			out[i].Type = here.Type
		}
	}
	return out
}

// Upload puts a public key on a server. A key that is there already, or a title
// that is taken, is refused with ssh_key_known or ssh_key_title_taken.
func (k *Keys) Upload(u Upload) error {
	return do(k.d, byNet, func(ctx context.Context) error {
		return k.d.companion.Servers.Act(ctx, servers.ID(u.ID), func(ctx context.Context, a *remote.Account) error {
			return a.AddSSHKey(ctx, remote.NewSSHKey{Title: u.Title, Line: u.Line, Rules: u.Rules.rules()})
		})
	})
}

// Delete takes a public key off a server. Nothing on this computer changes.
func (k *Keys) Delete(r KeyRef) error {
	return do(k.d, byNet, func(ctx context.Context) error {
		n, err := strconv.ParseInt(r.Key, 10, 64)
		if err != nil {
			return remote.ErrNoKey.Because(err)
		}
		return k.d.companion.Servers.Act(ctx, servers.ID(r.ID), func(ctx context.Context, a *remote.Account) error {
			return a.DeleteSSHKey(ctx, identity.SSHKeyID(n))
		})
	})
}
