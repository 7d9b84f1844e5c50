package cli

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"latchkey/backend/identity"
	"latchkey/backend/server"
)

func (a *app) userCommand() *cobra.Command {
	return group(&cobra.Command{Use: "user", Short: "Look after the people who can sign in"},
		a.userAdd(), a.userList(), a.userShow(), a.userPasswd(), a.userAble("enable", false), a.userAble("disable", true),
		a.userUpdate(), a.userRoles(), a.userDelete(), a.userReset2FA(), a.userKeyCommand())
}

type userJSON struct {
	ID                 identity.UserID   `json:"id"`
	Username           identity.Username `json:"username"`
	Roles              []string          `json:"roles"`
	Folder             string            `json:"folder"`
	StorageLimit       int64             `json:"storage_limit"` // bytes; 0: none
	TwoFactor          bool              `json:"two_factor"`
	Email              identity.Email    `json:"email"`
	Disabled           bool              `json:"disabled"`
	ExpiresAt          time.Time         `json:"expires_at,omitzero"`
	AllowedFrom        []string          `json:"allowed_from"` // networks; empty: from anywhere
	MustChangePassword bool              `json:"must_change_password"`
	CreatedAt          time.Time         `json:"created_at"`
	PasswordChangedAt  time.Time         `json:"password_changed_at"`
	LastSignInAt       time.Time         `json:"last_sign_in_at,omitzero"`
	SignIns            int64             `json:"sign_ins"`
}

func toUserJSON(u identity.User, roles roleNames) userJSON {
	return userJSON{
		ID: u.ID, Username: u.Username, Roles: roles.of(u), Folder: u.BasePath, StorageLimit: u.StorageLimit, TwoFactor: u.TOTPEnabled,
		Email: u.Email, Disabled: u.Disabled, ExpiresAt: u.ExpiresAt, AllowedFrom: networkTexts(u.AllowedFrom),
		MustChangePassword: u.MustChangePassword, CreatedAt: u.CreatedAt, PasswordChangedAt: u.PasswordChangedAt,
		LastSignInAt: u.LastLoginAt, SignIns: u.LoginCount,
	}
}

func (a *app) userList() *cobra.Command {
	return a.withJSON(&cobra.Command{
		Use:   "list",
		Short: "List the users",
		Args:  takes(0, 0),
		RunE: a.onCore(func(ctx context.Context, c *server.Core, _ []string) error {
			roles, err := namesOfRoles(ctx, c)
			if err != nil {
				return err
			}
			users, _, err := c.Accounts.Users(ctx, identity.UserFilter{}, identity.Page{})
			if err != nil {
				return err
			}
			t := table{head: []string{"ID", "NAME", "ROLES", "FOLDER", "2FA", "STATE", "MADE"}}
			out := make([]userJSON, len(users))
			for i, u := range users {
				out[i] = toUserJSON(u, roles)
				t.add(strconv.FormatInt(int64(u.ID), 10), string(u.Username), strings.Join(roles.of(u), ", "),
					u.BasePath, onOff(u.TOTPEnabled), state(u, a.env.Now()), a.when(u.CreatedAt))
			}
			return a.list(t, out)
		}),
	})
}

// state says whether and how a user can sign in.
func state(u identity.User, now time.Time) string {
	switch {
	case u.Disabled:
		return "disabled"
	case !u.ExpiresAt.IsZero() && !now.Before(u.ExpiresAt):
		return "expired"
	case u.MustChangePassword:
		return "must change password"
	}
	return "active"
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}
