package cli

import (
	"cmp"
	"context"
	"net/netip"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"latchkey/backend/identity"
	"latchkey/backend/server"
)

func (a *app) sessionCommand() *cobra.Command {
	return group(&cobra.Command{Use: "session", Short: "Look after the devices that are signed in, and open SFTP connections"},
		a.sessionList(), a.sessionEvict(), a.sessionRotateKey())
}

type sessionJSON struct {
	ID         identity.SessionID `json:"id"`
	Username   string             `json:"username"`
	UserAgent  string             `json:"user_agent"`
	Kind       string             `json:"kind"`              // "device" or "sftp"
	SSHKey     string             `json:"ssh_key,omitempty"` // the title of the one that opened a connection over SFTP
	Address    netip.Addr         `json:"address"`
	CreatedAt  time.Time          `json:"created_at"`
	LastActive time.Time          `json:"last_active"`
	ExpiresAt  time.Time          `json:"expires_at"`
}

func (a *app) sessionList() *cobra.Command {
	var user string
	c := a.withJSON(&cobra.Command{
		Use:   "list [--user NAME]",
		Short: "List the devices that are signed in, of one user or of everybody",
		Long: "List the devices that are signed in and the connections over SFTP that are open, of one user or of\n" +
			"everybody. A server that runs writes down when they were last active every half minute.",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 && user == "" {
				user = args[0] // the short way to write it
				return nil
			}
			return takes(0, 0)(cmd, args)
		},
		RunE: a.onCore(func(ctx context.Context, c *server.Core, _ []string) error {
			sessions, err := sessionsOf(ctx, c, user)
			if err != nil {
				return err
			}
			t := table{
				head:  []string{"ID", "USER", "LAST ACTIVE", "ADDRESS", "PROGRAM", "SIGNED IN", "EXPIRES"},
				empty: "No device is signed in.",
			}
			names := people{core: c}
			out := make([]sessionJSON, len(sessions))
			for i, s := range sessions {
				name, err := names.name(ctx, s.User)
				if err != nil {
					return err
				}
				out[i] = toSessionJSON(s, name)
				program := short(s.UserAgent) + over(s.Kind == identity.SFTPSession, s.SSHKey)
				t.add(string(s.ID), name, a.when(s.LastActive), s.Address.String(), program, a.when(s.CreatedAt), a.when(s.ExpiresAt))
			}
			return a.list(t, out)
		}),
	})
	c.Flags().StringVar(&user, "user", "", "list the devices of the user `NAME` only")
	return c
}

func toSessionJSON(s identity.Session, name string) sessionJSON {
	return sessionJSON{
		ID: s.ID, Username: name, UserAgent: s.UserAgent, Kind: cmp.Or(string(s.Kind), "device"), SSHKey: s.SSHKey,
		Address: s.Address, CreatedAt: s.CreatedAt, LastActive: s.LastActive, ExpiresAt: s.ExpiresAt,
	}
}

// over is what a table adds to the program of a connection over SFTP: what
// opened it. It adds nothing to a device.
func over(sftp bool, key string) string {
	switch {
	case !sftp:
		return ""
	case key == "":
		return "  (SFTP connection by password)"
	}
	return "  (SFTP connection by key " + strconv.Quote(key) + ")"
}

// sessionsOf returns the sessions of the user with a name, or all without one.
func sessionsOf(ctx context.Context, c *server.Core, name string) ([]identity.Session, error) {
	if name == "" {
		all, _, err := c.Sessions.ListAll(ctx, identity.Page{})
		return all, err
	}
	u, err := findUser(ctx, c, name)
	if err != nil {
		return nil, err
	}
	return c.Sessions.List(ctx, u.ID)
}

func (a *app) sessionEvict() *cobra.Command {
	var user string
	var all bool
	c := &cobra.Command{
		Use:   "evict ID | --user NAME | --all",
		Short: "Sign a device out, or all devices of a user, or of everybody",
		Long: "Sign a device out, or all devices of a user, or of everybody. They have to sign in again.\n" +
			"Connections over SFTP are closed at once, with what is under way. A key opens another one until it is\n" +
			"deleted: " + a.program + " user key delete",
		Args: func(cmd *cobra.Command, args []string) error {
			if !exactlyOne(len(args) == 1, user != "", all) || len(args) > 1 {
				return usagef("Say which devices: one id, --user NAME or --all.")
			}
			return nil
		},
		RunE: a.onCore(func(ctx context.Context, c *server.Core, args []string) error {
			if len(args) == 1 {
				return a.evictOne(ctx, c, args[0])
			}
			return a.evictMany(ctx, c, user)
		}),
	}
	c.Flags().StringVar(&user, "user", "", "sign out all devices of the user `NAME`")
	c.Flags().BoolVar(&all, "all", false, "sign out all devices of everybody")
	return c
}

func (a *app) evictOne(ctx context.Context, c *server.Core, word string) error {
	id, err := identity.ParseSessionID(word)
	if err != nil {
		return err
	}
	found, err := c.Sessions.Find(ctx, id)
	if err != nil {
		return err
	}
	if err := c.Sessions.End(ctx, 0, id, byHand()); err != nil {
		return err
	}
	if found.Kind == identity.SFTPSession {
		a.done(ctx, "The SFTP connection has been closed.")
		return nil
	}
	a.done(ctx, "The device has been signed out.")
	return nil
}

// evictMany signs out all devices of a user, or of everybody if there is no name.
func (a *app) evictMany(ctx context.Context, c *server.Core, name string) error {
	if name == "" {
		n, err := c.Sessions.EndAll(ctx, byHand())
		if err == nil {
			a.done(ctx, "Signed out: %s.", count(n, "device"))
		}
		return err
	}
	u, err := findUser(ctx, c, name)
	if err != nil {
		return err
	}
	n, err := c.Sessions.EndOthers(ctx, u.ID, "", byHand())
	if err == nil {
		a.done(ctx, "Signed out: %s of %s.", count(n, "device"), u.Username)
	}
	return err
}

func (a *app) sessionRotateKey() *cobra.Command {
	return &cobra.Command{
		Use:   "rotate-key",
		Short: "Make a new key for signing access tokens",
		Long: "Make a new key for signing access tokens. Devices that are signed in stay so, because the key\n" +
			"before the new one is still accepted; a second rotation ends what that one signed. Do it twice\n" +
			"if the key may have been seen by somebody else.",
		Args: takes(0, 0),
		RunE: a.onCore(func(ctx context.Context, c *server.Core, _ []string) error {
			if err := c.Tokens.Rotate(ctx); err != nil {
				return err
			}
			c.Audit.Record(byHand().Event(identity.AuditKeysRotated, ""))
			a.done(ctx, "New sign-ins use a new key. Tokens signed with the one before it are accepted until the next rotation.")
			return nil
		}),
	}
}

func exactlyOne(conditions ...bool) bool {
	n := 0
	for _, c := range conditions {
		if c {
			n++
		}
	}
	return n == 1
}
