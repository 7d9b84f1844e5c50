package cli

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/servers"
	"latchkey/backend/identity"
)

type whoamiJSON struct {
	Server             string          `json:"server"`
	Address            string          `json:"address"`
	ID                 identity.UserID `json:"id"`
	Username           string          `json:"username"`
	Admin              bool            `json:"admin"`
	Roles              []string        `json:"roles"`
	Folder             string          `json:"folder"`
	SFTP               bool            `json:"sftp"`
	TwoFactor          bool            `json:"two_factor"`
	MustChangePassword bool            `json:"must_change_password"`
	ClockAhead         float64         `json:"clock_ahead_seconds"` // the server's
}

func (a *app) whoamiCommand() *cobra.Command {
	return a.withJSON(&cobra.Command{
		Use:   "whoami [SERVER]",
		Short: "Tell who you are signed in as",
		Args:  takes(0, 1),
		RunE: a.onDesk(func(ctx context.Context, d *desk, args []string) error {
			s, err := d.choose(ctx, word(args, 0))
			if err != nil {
				return err
			}
			if err := d.openVault(ctx); err != nil {
				return err
			}
			st, err := d.Servers.Check(ctx, s.ID)
			switch {
			case err != nil:
				return err
			case st.Err != nil:
				return st.Err
			case st.State != servers.SignedIn:
				return errNotSignedIn
			}
			out := toWhoamiJSON(s, st)
			if d.json {
				return d.printJSON(out)
			}
			return printTable(d.out, whoamiRows(out, st.Drift.Ahead))
		}),
	})
}

// errNotSignedIn is the same as that of package servers, which has no call
// that returns it without trying something.
var errNotSignedIn = identity.NewError(identity.Unauthenticated, "not_signed_in", "Nobody is signed in on that server. Sign in first.")

func toWhoamiJSON(s servers.Server, st servers.Status) whoamiJSON {
	return whoamiJSON{
		Server: s.Name, Address: s.Base.String(), ID: st.Me.ID, Username: st.Me.Username, Admin: st.Me.Admin, Roles: st.Me.Roles,
		Folder: st.Me.BasePath, SFTP: st.Me.SFTP(), TwoFactor: st.Me.SecondFactor, MustChangePassword: st.Me.MustChangePassword,
		ClockAhead: st.Drift.Ahead.Seconds(),
	}
}

// worthTelling is by how much a clock has to be wrong until codes of the
// second factor may be refused.
const worthTelling = 20 * time.Second

func whoamiRows(w whoamiJSON, drift time.Duration) [][]string {
	rows := [][]string{
		{"Server", w.Server},
		{"User", w.Username},
		{"Roles", strings.Join(w.Roles, ", ")},
		{"Folder", w.Folder},
		{"SFTP", allowed(w.SFTP)},
		{"Two-factor", onOff(w.TwoFactor)},
	}
	if w.MustChangePassword {
		rows = append(rows, []string{"Password", "must be changed before anything else"})
	}
	if drift.Abs() > worthTelling {
		rows = append(rows, []string{"Clock", "the server's is " + ahead(drift) + " this computer's"})
	}
	return rows
}

func allowed(yes bool) string {
	if yes {
		return "allowed"
	}
	return "not allowed"
}

// ahead says by how much something is before or behind.
func ahead(d time.Duration) string {
	if d < 0 {
		return remaining(-d) + " behind"
	}
	return remaining(d) + " ahead of"
}
