package app

import (
	"context"
	"strconv"
	"time"

	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/servers"
	"latchkey/backend/identity"
)

// KeyRules are what a key on a server is limited to. Empty ones limit nothing.
type KeyRules struct {
	ExpiresAt int64  `json:"expiresAt"` // 0: never
	From      string `json:"from"`      // addresses and networks with commas between; empty: anywhere
	ReadOnly  bool   `json:"readOnly"`
	Folder    string `json:"folder"` // empty: all that the person sees
}

// A KeyLimit gives a key on a server other rules.
type KeyLimit struct {
	ID    string   `json:"id"`
	Key   string   `json:"key"`
	Rules KeyRules `json:"rules"`
}

func toKeyRules(r identity.KeyRules) KeyRules {
	return KeyRules{millis(r.ExpiresAt), string(r.From), r.ReadOnly, r.Folder}
}

func (r KeyRules) rules() identity.KeyRules {
	out := identity.KeyRules{From: identity.AddressPatterns(r.From), ReadOnly: r.ReadOnly, Folder: r.Folder}
	if r.ExpiresAt != 0 {
		out.ExpiresAt = time.UnixMilli(r.ExpiresAt)
	}
	return out
}

// CheckFrom says what is wrong with a list of addresses that is being typed:
// ssh_key_from_invalid, ssh_key_from_host. An empty one limits nothing.
func (k *Keys) CheckFrom(typed string) error {
	return do(k.d, atOnce, func(context.Context) error {
		if typed == "" {
			return nil
		}
		_, err := identity.ParseAddressPatterns(typed)
		return err
	})
}

// Limit gives a key on a server other rules in place of those it has, which its
// open connections obey at once. Refused with ssh_key_rules_unsupported where
// the server is none of ours.
func (k *Keys) Limit(l KeyLimit) error {
	return do(k.d, byNet, func(ctx context.Context) error {
		n, err := strconv.ParseInt(l.Key, 10, 64)
		if err != nil {
			return remote.ErrNoKey.Because(err)
		}
		return k.d.companion.Servers.Act(ctx, servers.ID(l.ID), func(ctx context.Context, a *remote.Account) error {
			return a.LimitSSHKey(ctx, identity.SSHKeyID(n), l.Rules.rules())
		})
	})
}
