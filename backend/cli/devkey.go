package cli

import (
	"context"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/remote"
	"latchkey/backend/identity"
)

func (a *app) devKeyCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "devkey",
		Short: "Make developer keys, and look after them",
		Long: "Make developer keys, and look after them. A developer key is for scripts: it stands in for your\n" +
			"password on the XSwitch API, and whoever has it can act as you. Name one by its id, by how it\n" +
			"begins, or by its name if no other has that.",
	}, a.devKeyList(), a.devKeyMake(), a.devKeyReplace(), a.devKeyDisable(), a.devKeyEnable(), a.devKeyDelete())
}

type devKeyJSON struct {
	ID         identity.APIKeyID  `json:"id"`
	Name       string             `json:"name"`
	Prefix     string             `json:"prefix"`
	Status     identity.KeyStatus `json:"status"`
	CreatedAt  time.Time          `json:"created_at,omitzero"`
	ExpiresAt  time.Time          `json:"expires_at,omitzero"`
	LastUsedAt time.Time          `json:"last_used_at,omitzero"`
	Address    string             `json:"last_address,omitempty"`
	Key        string             `json:"key,omitempty"` // its text, when it is made
}

func toDevKeyJSON(k remote.DevKey) devKeyJSON {
	return devKeyJSON{
		ID: k.ID, Name: k.Name, Prefix: k.Prefix, Status: k.Status,
		CreatedAt: k.CreatedAt, ExpiresAt: k.ExpiresAt, LastUsedAt: k.LastUsedAt, Address: k.Address,
	}
}

func (a *app) devKeyList() *cobra.Command {
	return a.withJSON(&cobra.Command{
		Use:   "list [SERVER]",
		Short: "List your developer keys, with their last use",
		Args:  takes(0, 1),
		RunE: a.onDesk(func(ctx context.Context, d *desk, args []string) error {
			var keys []remote.DevKey
			err := d.act(ctx, word(args, 0), func(ctx context.Context, acc *remote.Account) (err error) {
				keys, err = acc.DevKeys(ctx)
				return err
			})
			if err != nil {
				return err
			}
			t := table{
				head:  []string{"ID", "NAME", "BEGINS WITH", "STATE", "MADE", "ENDS", "LAST USED", "FROM"},
				empty: "You have no developer keys. Make one with: " + d.command("devkey make NAME"),
			}
			out := make([]devKeyJSON, len(keys))
			for i, k := range keys {
				out[i] = toDevKeyJSON(k)
				t.add(strconv.FormatInt(int64(k.ID), 10), k.Name, k.Prefix, keyState(k.Status), d.whenKnown(k.CreatedAt),
					d.when(k.ExpiresAt), d.when(k.LastUsedAt), orDash(k.Address))
			}
			return d.list(t, out)
		}),
	})
}

// keyState says what has become of a key made for programs.
func keyState(s identity.KeyStatus) string {
	switch s {
	case identity.KeyInactive:
		return "disabled"
	case identity.KeyExpired:
		return "ended"
	case identity.KeyActive:
	}
	return "active"
}

// findDevKey finds a key by its id, by how its text begins, or by its name if
// no other has that.
func findDevKey(keys []remote.DevKey, typed string) (remote.DevKey, error) {
	var found []remote.DevKey
	for _, k := range keys {
		if typed == strconv.FormatInt(int64(k.ID), 10) || typed == k.Prefix {
			return k, nil
		}
		if k.Name == typed {
			found = append(found, k)
		}
	}
	switch len(found) {
	case 0:
		return remote.DevKey{}, identity.NewError(identity.NotFound, remote.ErrNoDevKey.Code,
			"There is no developer key "+strconv.Quote(typed)+". It may have been deleted already.")
	case 1:
		return found[0], nil
	}
	return remote.DevKey{}, usagef("You have %s with the name %q. Say which by its id.", count(len(found), "key"), typed)
}

// onDevKey calls the server that the second argument names about the key that
// the first one names.
func (d *desk) onDevKey(ctx context.Context, args []string, do func(context.Context, *remote.Account, remote.DevKey) error) (remote.DevKey, error) {
	var key remote.DevKey
	err := d.act(ctx, word(args, 1), func(ctx context.Context, acc *remote.Account) error {
		keys, err := acc.DevKeys(ctx)
		if err == nil {
			key, err = findDevKey(keys, args[0])
		}
		if err == nil {
			err = do(ctx, acc, key)
		}
		return err
	})
	return key, err
}

func (a *app) devKeyDisable() *cobra.Command {
	return a.devKeySwitch("disable", "disabled", "Have a key do nothing until it is enabled again", (*remote.Account).DisableDevKey)
}

func (a *app) devKeyEnable() *cobra.Command {
	return a.devKeySwitch("enable", "enabled", "Let a key that was disabled be used again", (*remote.Account).EnableDevKey)
}

func (a *app) devKeySwitch(verb, state, short string, do func(*remote.Account, context.Context, identity.APIKeyID) error) *cobra.Command {
	return &cobra.Command{
		Use:   verb + " KEY [SERVER]",
		Short: short,
		Args:  takes(1, 2),
		RunE: a.onDesk(func(ctx context.Context, d *desk, args []string) error {
			k, err := d.onDevKey(ctx, args, func(ctx context.Context, acc *remote.Account, k remote.DevKey) error {
				return do(acc, ctx, k.ID)
			})
			if err == nil {
				d.changed(ctx, "The developer key %q is %s on %s.", k.Name, state, d.at.Name)
			}
			return err
		}),
	}
}

func (a *app) devKeyDelete() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use:   "delete KEY [SERVER]",
		Short: "End a key for good",
		Args:  takes(1, 2),
		RunE: a.onDesk(func(ctx context.Context, d *desk, args []string) error {
			k, err := d.onDevKey(ctx, args, func(ctx context.Context, acc *remote.Account, k remote.DevKey) error {
				warning := "What uses the developer key " + strconv.Quote(k.Name) + " cannot sign in to " + d.at.Name + " with it any more."
				if err := d.confirmName(ctx, yes, k.Name, warning, "Type its name to delete it: "); err != nil {
					return err
				}
				return acc.DeleteDevKey(ctx, k.ID)
			})
			if err == nil {
				d.changed(ctx, "The developer key %q has been deleted from %s.", k.Name, d.at.Name)
				d.say("What developer keys had signed in there is signed out.")
			}
			return err
		}),
	}
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return c
}
