package server

import (
	"context"
	"fmt"
	"time"

	"latchkey/backend/config"
	"latchkey/backend/credential/password"
	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
	"latchkey/backend/store"
)

// hashTarget is what one password hash should cost on this machine.
const hashTarget = 50 * time.Millisecond

// An Admin is the administrator that somebody chose for a first start.
type Admin struct {
	Username string // as typed
	Password secret.Text
}

var errGuestName = identity.InvalidField("username", "username_taken", "That user name is taken. Choose another.")

// check returns the name in its one form, or an error about the field that
// cannot be as it is: username or password.
func (a Admin) check(cfg config.Config) (identity.Username, error) {
	name, err := identity.ParseUsername(a.Username)
	if err != nil {
		return "", err
	}
	if name == guestName {
		return "", errGuestName
	}
	return name, password.CheckNew(a.Password.Reveal(), name, cfg.PasswordMin)
}

// seed fills an empty store: the built-in roles and users, and what a password
// hash costs. It returns the administrator's password if it made one up.
func (c *Core) seed(ctx context.Context) (made secret.Text, err error) {
	name, given, err := c.firstAdmin()
	if err != nil {
		return made, err
	}
	if given.IsZero() {
		made = password.Make(c.opts.Env)
		given = made
	}
	hash, err := c.firstHash(ctx, given)
	if err != nil {
		return made, err
	}
	return made, createBuiltIns(ctx, c.Store, identity.User{
		ID: identity.AdminID, Username: name, PasswordHash: hash, MustChangePassword: !made.IsZero(),
		Roles: []identity.RoleID{identity.RoleAdmin},
	}, c.opts.Env.Now())
}

// firstAdmin returns the name of the first administrator, and the password
// unless it is to be made up.
func (c *Core) firstAdmin() (identity.Username, secret.Text, error) {
	if chosen := c.opts.Admin; chosen != nil {
		name, err := chosen.check(c.cfg)
		return name, chosen.Password, err
	}
	given := c.cfg.AdminPassword
	if given.IsZero() {
		return adminName, given, nil
	}
	if err := password.CheckNew(given.Reveal(), adminName, c.cfg.PasswordMin); err != nil {
		return adminName, given, identity.NewError(identity.Invalid, "admin_password_refused",
			"LATCHKEY_ADMIN_PASSWORD cannot be used: "+identity.AsError(err).Message)
	}
	return adminName, given, nil
}

// firstHash hashes the first password, and keeps what a hash is to cost here.
func (c *Core) firstHash(ctx context.Context, given secret.Text) (identity.PasswordHash, error) {
	start := time.Now() // not env's: this measures the machine
	hash, err := c.hasher.Hash(ctx, password.DigestOf(given.Reveal()))
	if err != nil {
		return "", err
	}
	tuned := password.Tuned(time.Since(start), hashTarget)
	c.hasher.SetParams(tuned)
	if tuned != password.Floor() {
		// Again: a hash that costs less than others would tell of its owner.
		if hash, err = c.hasher.Hash(ctx, password.DigestOf(given.Reveal())); err != nil {
			return "", err
		}
	}
	return hash, c.Store.SaveSetting(ctx, settingCosts, []byte(tuned.String()))
}

const (
	adminName identity.Username = "admin"
	guestName identity.Username = "guest"
)

func createBuiltIns(ctx context.Context, st store.Store, admin identity.User, now time.Time) error {
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
		admin,
		{ID: identity.GuestID, Username: guestName, Disabled: true, Roles: []identity.RoleID{identity.RoleGuest}},
	} {
		u.BasePath, u.CreatedAt, u.PasswordChangedAt = "/", now, now
		if _, err := st.CreateUser(ctx, u); err != nil {
			return fmt.Errorf("make user %s: %w", u.Username, err)
		}
	}
	return nil
}
