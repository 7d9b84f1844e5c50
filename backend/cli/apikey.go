package cli

import (
	"context"
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"latchkey/backend/apikey"
	"latchkey/backend/identity"
	"latchkey/backend/server"
)

func (a *app) apiKeyCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "apikey",
		Short: "Look after the keys that people made for programs",
		Long: "Look after the keys that people made for programs: API keys, which are limited to some permissions,\n" +
			"and developer keys, which may do what their owner may. Nobody but their owner can make one.",
	}, a.apiKeyList(), a.apiKeyAble("disable", false), a.apiKeyAble("enable", true), a.apiKeyDelete())
}

type apiKeyJSON struct {
	ID          identity.APIKeyID     `json:"id"`
	Username    string                `json:"username"`
	Kind        identity.KeyKind      `json:"kind"`
	Name        string                `json:"name"`
	Description string                `json:"description"`
	Prefix      string                `json:"prefix"`
	Status      identity.KeyStatus    `json:"status"`
	Permissions []identity.Permission `json:"permissions"` // of an API key
	CreatedAt   time.Time             `json:"created_at"`
	ExpiresAt   time.Time             `json:"expires_at,omitzero"`
	LastUsedAt  time.Time             `json:"last_used_at,omitzero"`
	LastAddress netip.Addr            `json:"last_address,omitzero"`
}

func (a *app) apiKeyList() *cobra.Command {
	var user string
	c := a.withJSON(&cobra.Command{
		Use:   "list [--user NAME]",
		Short: "List the keys of one user or of everybody",
		Long: "List the keys of one user or of everybody.\n" +
			"A server that runs writes down when they were last used every half minute.",
		Args: takes(0, 0),
		RunE: a.onCore(func(ctx context.Context, c *server.Core, _ []string) error {
			var f identity.APIKeyFilter
			if user != "" {
				u, err := findUser(ctx, c, user)
				if err != nil {
					return err
				}
				f.User = u.ID
			}
			keys, _, err := c.Keys.List(ctx, f, identity.Page{})
			if err != nil {
				return err
			}
			return a.listAPIKeys(ctx, c, keys)
		}),
	})
	c.Flags().StringVar(&user, "user", "", "list the keys of the user `NAME` only")
	return c
}

func (a *app) listAPIKeys(ctx context.Context, c *server.Core, keys []identity.APIKey) error {
	t := table{
		head:  []string{"ID", "USER", "KIND", "NAME", "BEGINS WITH", "STATE", "MADE", "ENDS", "LAST USED", "FROM"},
		empty: "There are no keys for programs.",
	}
	names := people{core: c}
	out := make([]apiKeyJSON, len(keys))
	for i, k := range keys {
		name, err := names.name(ctx, k.User)
		if err != nil {
			return err
		}
		status, from := k.Status(a.env.Now()), "-"
		if k.LastAddress.IsValid() {
			from = k.LastAddress.String()
		}
		out[i] = apiKeyJSON{
			k.ID, name, k.Kind, k.Name, k.Description, k.Prefix, status, append([]identity.Permission{}, k.Permissions...),
			k.CreatedAt, k.ExpiresAt, k.LastUsedAt, k.LastAddress,
		}
		t.add(strconv.FormatInt(int64(k.ID), 10), name, string(k.Kind), short(k.Name), k.Prefix, keyState(status),
			a.when(k.CreatedAt), a.when(k.ExpiresAt), a.when(k.LastUsedAt), from)
	}
	return a.list(t, out)
}

// apiKeyAble is the command that lets a key be used, or no longer.
func (a *app) apiKeyAble(verb string, enabled bool) *cobra.Command {
	short := "Have a key do nothing until it is enabled again"
	if enabled {
		short = "Let a key that was disabled be used again"
	}
	return &cobra.Command{
		Use:   verb + " ID",
		Short: short,
		Args:  takes(1, 1),
		RunE: a.onCore(func(ctx context.Context, c *server.Core, args []string) error {
			k, err := a.findAPIKey(ctx, c, args[0])
			if err == nil {
				_, err = c.Keys.SetEnabled(ctx, k, enabled, byHand())
			}
			if err == nil {
				a.done(ctx, "The key %q is %sd.", k.Name, verb)
			}
			return err
		}),
	}
}

func (a *app) apiKeyDelete() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use:   "delete ID",
		Short: "End a key for good",
		Args:  takes(1, 1),
		RunE: a.onCore(func(ctx context.Context, c *server.Core, args []string) error {
			k, err := a.findAPIKey(ctx, c, args[0])
			if err != nil {
				return err
			}
			names := people{core: c}
			owner, err := names.name(ctx, k.User)
			if err != nil {
				return err
			}
			if err := a.confirm(ctx, yes, fmt.Sprintf("Delete the key %q of %s for good?", k.Name, owner)); err != nil {
				return err
			}
			if err := c.Keys.Delete(ctx, k, byHand()); err != nil {
				return err
			}
			a.done(ctx, "The key %q of %s has been deleted.", k.Name, owner)
			return nil
		}),
	}
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return c
}

// findAPIKey finds a key of either kind by its id.
func (a *app) findAPIKey(ctx context.Context, c *server.Core, typed string) (identity.APIKey, error) {
	id, err := strconv.ParseInt(typed, 10, 64)
	if err != nil {
		return identity.APIKey{}, usagef("Name the key by its id. See the ids with: %s", a.command("apikey list"))
	}
	k, err := c.Keys.Of(ctx, 0, identity.KeyDev, identity.APIKeyID(id))
	if identity.KindOf(err) == identity.NotFound {
		k, err = c.Keys.Of(ctx, 0, identity.KeyAPI, identity.APIKeyID(id))
	}
	if identity.KindOf(err) == identity.NotFound {
		unknown := *apikey.ErrNotFound
		unknown.Message = "There is no key with the id " + typed + ". It may have been deleted already."
		return k, &unknown
	}
	return k, err
}
