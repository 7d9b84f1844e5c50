package server

import (
	"context"
	"fmt"
	"time"

	"latchkey/backend/config"
	"latchkey/backend/credential/password"
	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
	"latchkey/backend/store"
)

// hashTarget is what one password hash should cost on this machine.
const hashTarget = 50 * time.Millisecond

// seed fills an empty store: the built-in roles and users, and what a password
// hash costs. It returns the administrator's password if it made one up.
func (c *Core) seed(ctx context.Context, cfg config.Config, e env.Env) (secret.Text, error) {
	made, given := secret.Text{}, cfg.AdminPassword
	if given.IsZero() {
		made = NewPassword(e)
		given = made
	} else if err := password.CheckNew(given.Reveal(), adminName, cfg.PasswordMin); err != nil {
		return made, identity.NewError(identity.Invalid, "admin_password_refused",
			"LATCHKEY_ADMIN_PASSWORD cannot be used: "+identity.AsError(err).Message)
	}
	start := time.Now() // not env's: this measures the machine
	hash, err := c.hasher.Hash(ctx, password.DigestOf(given.Reveal()))
	if err != nil {
		return made, err
	}
	tuned := password.Tuned(time.Since(start), hashTarget)
	c.hasher.SetParams(tuned)
	if tuned != password.Floor() {
		// Again: a hash that costs less than others would tell of its owner.
		if hash, err = c.hasher.Hash(ctx, password.DigestOf(given.Reveal())); err != nil {
			return made, err
		}
	}
	if err := c.Store.SaveSetting(ctx, settingCosts, []byte(tuned.String())); err != nil {
		return made, err
	}
	return made, createBuiltIns(ctx, c.Store, hash, !made.IsZero(), e.Now())
}

const (
	adminName identity.Username = "admin"
	guestName identity.Username = "guest"
)

func createBuiltIns(ctx context.Context, st store.Store, hash identity.PasswordHash, mustChange bool, now time.Time) error {
	for _, r := range []identity.Role{
		{ID: identity.RoleGuest, Name: "guest", Description: "Whoever has not signed in", Scopes: []identity.Scope{{Path: "/"}}},
		{ID: identity.RoleAdmin, Name: "admin", Description: "Runs the server", Scopes: []identity.Scope{{Path: "/", Permission: identity.PathAll}}},
		{ID: identity.RoleGeneral, Name: "general", Description: "Everybody else", Default: true, Scopes: []identity.Scope{{Path: "/"}}},
	} {
		r.CreatedAt = now
		if _, err := st.CreateRole(ctx, r); err != nil {
			return fmt.Errorf("make role %s: %w", r.Name, err)
		}
	}
	for _, u := range []identity.User{
		{ID: identity.AdminID, Username: adminName, PasswordHash: hash, MustChangePassword: mustChange, Roles: []identity.RoleID{identity.RoleAdmin}},
		{ID: identity.GuestID, Username: guestName, Disabled: true, Roles: []identity.RoleID{identity.RoleGuest}},
	} {
		u.BasePath, u.CreatedAt, u.PasswordChangedAt = "/", now, now
		if _, err := st.CreateUser(ctx, u); err != nil {
			return fmt.Errorf("make user %s: %w", u.Username, err)
		}
	}
	return nil
}

// NewPassword makes up a password of 80 bits in four groups. Its letters are
// Crockford's base 32, in which none looks like another.
func NewPassword(e env.Env) secret.Text {
	const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
	var text []byte
	for i, b := range e.Bytes(16) {
		if i > 0 && i%4 == 0 {
			text = append(text, '-')
		}
		text = append(text, alphabet[int(b)%len(alphabet)])
	}
	return secret.New(string(text))
}
