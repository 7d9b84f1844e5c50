package cli

import (
	"context"
	"errors"
	"net"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/servers"
	"latchkey/backend/identity"
)

func (a *app) serverCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "server",
		Short: "Look after the list of your servers",
		Long: "Look after the list of your servers. Commands that need one use the only one or the one that was\n" +
			"used last, unless you name it. The server of this data folder is called " + ownWord + ".",
	}, a.serverAdd(), a.serverList(), a.serverTrust(), a.serverRemove(), a.serverSetAside())
}

type serverJSON struct {
	Name        string             `json:"name"`
	Address     string             `json:"address"`
	Own         bool               `json:"own"`
	Kind        remote.Kind        `json:"kind,omitempty"`
	Version     string             `json:"version,omitempty"`
	Username    string             `json:"username,omitempty"`
	State       servers.State      `json:"state"` // as last seen
	Since       time.Time          `json:"since,omitzero"`
	SFTP        string             `json:"sftp"`
	Certificate remote.Fingerprint `json:"certificate,omitempty"` // that was accepted
}

func (a *app) serverList() *cobra.Command {
	return a.withJSON(&cobra.Command{
		Use:   "list",
		Short: "List your servers, as each was last seen",
		Args:  takes(0, 0),
		RunE: a.onDesk(func(ctx context.Context, d *desk, _ []string) error {
			list, err := d.Servers.List(ctx)
			if err != nil {
				return err
			}
			t := table{
				head:  []string{"NAME", "ADDRESS", "KIND", "USER", "LAST SEEN"},
				empty: errNoServers.Message + " Add one with: " + d.command("server add ADDRESS"),
			}
			out := make([]serverJSON, len(list))
			for i, s := range list {
				out[i] = toServerJSON(s)
				t.add(s.Name, whereIs(s), kindOf(s), orDash(s.Username), d.lastSeen(out[i]))
			}
			return d.list(t, out)
		}),
	})
}

func toServerJSON(s servers.Server) serverJSON {
	out := serverJSON{
		Name: s.Name, Address: s.Base.String(), Own: s.Own, Kind: s.Kind, Version: s.Version, Username: s.Username,
		State: s.Last, Since: s.LastAt, SFTP: net.JoinHostPort(s.SFTP.Host, strconv.Itoa(s.SFTP.Port)), Certificate: s.Pin,
	}
	if out.State == "" {
		out.State = servers.Unknown
	}
	return out
}

func (d *desk) lastSeen(s serverJSON) string {
	words := map[servers.State]string{
		servers.SignedIn: "signed in", servers.SignedOut: "signed out", servers.Offline: "offline",
		servers.Untrusted: "its certificate is not accepted", servers.Changed: "its certificate has changed",
	}[s.State]
	if words == "" {
		return "never"
	}
	return words + ", " + d.when(s.Since)
}

// whereIs writes where a server is for a person.
func whereIs(s servers.Server) string {
	if s.Own {
		return "this data folder"
	}
	return s.Base.String()
}

// kindOf writes what a server is for a person.
func kindOf(s servers.Server) string {
	if s.Version == "" {
		return orDash(string(s.Kind))
	}
	return string(s.Kind) + " " + s.Version
}

func (a *app) serverRemove() *cobra.Command {
	return &cobra.Command{
		Use:   "remove NAME",
		Short: "Sign out of a server, and take it off the list",
		Args:  takes(1, 1),
		RunE: a.onDesk(func(ctx context.Context, d *desk, args []string) error {
			s, err := d.find(ctx, args[0])
			if err != nil {
				return err
			}
			if s.Own {
				_ = d.own.open(ctx) // it may be gone, which is no reason to keep it on the list
			}
			if err := d.openVault(ctx); err != nil {
				return err // it may hold a token of that server
			}
			signedOut := d.Servers.SignOut(ctx, s.ID)
			if signedOut != nil && !isHereOnly(signedOut) {
				return signedOut
			}
			if err := d.Servers.Remove(ctx, s.ID); err != nil {
				return err
			}
			d.say("The server %s has been taken off the list.", s.Name)
			if signedOut != nil {
				d.say("It could not be told that you have signed out. If you can, end this device in its list of devices.")
			}
			return nil
		}),
	}
}

// isHereOnly reports whether an error says that signing out has worked on this
// computer, but the server could not be told.
func isHereOnly(err error) bool {
	e, ok := errors.AsType[*identity.Error](err)
	return ok && e.Code == "signed_out_here_only"
}

func (a *app) serverSetAside() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use:   "set-aside",
		Short: "Give a list that cannot be read another name, so that a new one can be begun",
		Args:  takes(0, 0),
		RunE: a.onDesk(func(ctx context.Context, d *desk, _ []string) error {
			if err := d.confirm(ctx, yes, "You will have to add every server again. Set the list aside?"); err != nil {
				return err
			}
			kept, err := d.List.SetAside(ctx)
			if err != nil {
				return err
			}
			d.sayKept([]string{kept})
			return nil
		}),
	}
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return c
}
