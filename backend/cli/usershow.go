package cli

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"latchkey/backend/identity"
	"latchkey/backend/server"
)

// userDetail is everything that can be told about one user.
type userDetail struct {
	userJSON
	RecoveryCodes int         `json:"recovery_codes"`
	SSHKeys       int         `json:"ssh_keys"`
	APIKeys       int         `json:"api_keys"` // and developer keys
	Sessions      int         `json:"sessions"`
	Locked        bool        `json:"locked"`
	StorageUsed   int64       `json:"storage_used"` // bytes
	Permissions   []scopeJSON `json:"permissions"`
}

func (a *app) userShow() *cobra.Command {
	return a.withJSON(&cobra.Command{
		Use:   "show NAME",
		Short: "Tell everything about a user",
		Args:  takes(1, 1),
		RunE: a.onCore(func(ctx context.Context, c *server.Core, args []string) error {
			u, err := findUser(ctx, c, args[0])
			if err != nil {
				return err
			}
			d, err := detail(ctx, c, u, a.env.Now())
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(d)
			}
			return printTable(a.out, a.detailRows(u, d))
		}),
	})
}

func detail(ctx context.Context, c *server.Core, u identity.User, now time.Time) (userDetail, error) {
	who, err := c.Sessions.Principal(ctx, u.ID)
	if err != nil {
		return userDetail{}, err
	}
	d := userDetail{Permissions: toScopesJSON(who.Scopes())}
	d.userJSON = toUserJSON(u, roleNamesIn(who.Roles))
	room, err := c.Files.Usage(ctx, u.BasePath)
	if err != nil {
		return d, err
	}
	d.StorageUsed = room.Used
	if d.RecoveryCodes, err = c.Accounts.RecoveryCodesLeft(ctx, u.ID); err != nil {
		return d, err
	}
	if _, d.SSHKeys, err = c.Accounts.SSHKeys(ctx, u.ID, identity.Page{Limit: 1}); err != nil {
		return d, err
	}
	if _, d.APIKeys, err = c.Keys.List(ctx, identity.APIKeyFilter{User: u.ID}, identity.Page{Limit: 1}); err != nil {
		return d, err
	}
	sessions, err := c.Sessions.List(ctx, u.ID)
	if err != nil {
		return d, err
	}
	d.Sessions = len(sessions)
	counters, err := c.Throttle.List(ctx, identity.Page{})
	d.Locked = slices.ContainsFunc(held(counters, now), func(l lockJSON) bool { return l.Account == string(u.Username) })
	return d, err
}

func lastSignIn(when string, times int64) string {
	if times == 0 {
		return when
	}
	return when + ", " + count(int(times), "time") + " in all"
}

func (a *app) detailRows(u identity.User, d userDetail) [][]string {
	factor := onOff(d.TwoFactor)
	if d.TwoFactor {
		factor += ", " + count(d.RecoveryCodes, "recovery code") + " left"
	}
	standing := state(u, a.env.Now())
	if d.Locked {
		standing += ", locked after failed sign-ins; see: " + a.command("lock list")
	}
	rows := [][]string{
		{"Name", string(u.Username)},
		{"Id", strconv.FormatInt(int64(u.ID), 10)},
		{"E-mail", orDash(string(u.Email))},
		{"State", standing},
		{"Ends", a.when(u.ExpiresAt)},
		{"Usable from", fromWords(u.AllowedFrom)},
		{"Roles", strings.Join(d.Roles, ", ")},
		{"Folder", u.BasePath},
		{"Storage", sizeText(d.StorageUsed) + " used, limit " + limitText(u.StorageLimit)},
		{"Two-factor", factor},
		{"SSH keys", strconv.Itoa(d.SSHKeys)},
		{"Keys for programs", strconv.Itoa(d.APIKeys)},
		{"Devices", strconv.Itoa(d.Sessions)},
		{"Made", a.when(u.CreatedAt)},
		{"Password set", a.when(u.PasswordChangedAt)},
		{"Last sign-in", lastSignIn(a.when(u.LastLoginAt), u.LoginCount)},
	}
	for i, s := range d.Permissions {
		label := ""
		if i == 0 {
			label = "May"
		}
		rows = append(rows, []string{label, s.Path + ": " + s.words()})
	}
	return rows
}
