package testkit

import (
	"net/netip"
	"time"

	"github.com/pquerna/otp/totp"

	"latchkey/backend/account"
	"latchkey/backend/credential/password"
	"latchkey/backend/identity"
	"latchkey/backend/login"
	"latchkey/backend/session"
)

// What the helpers use where a test does not care.
const (
	Password = "correct horse battery"
	Audience = "test"
	Lifetime = 48 * time.Hour
)

// Address returns an address of the documentation network, by number.
func Address(n int) netip.Addr {
	return netip.AddrFrom4([4]byte{198, 51, byte(n >> 8), byte(n)})
}

// Origin is the administrator, who acts through a test.
func Origin() identity.Origin {
	return identity.Origin{Actor: identity.AdminID, Rights: identity.Everything(), Door: "test", Address: Address(1)}
}

// Terms are those of a sign-in that lasts for Lifetime.
func Terms() session.Terms {
	return session.Terms{Audiences: []identity.Audience{Audience}, Life: Lifetime}
}

// Attempt is a sign-in from Address(1).
func Attempt(name, text string) login.Attempt {
	return login.Attempt{Username: name, Password: password.DigestOf(text), Address: Address(1), Door: "test"}
}

// seed makes the built-in roles and users. The administrator has Password.
func (c *Core) seed() {
	for i, name := range []string{"guest", "admin", "general"} {
		_, err := c.Store.CreateRole(c.t.Context(), identity.Role{
			ID: identity.RoleID(i + 1), Name: name, Default: name == "general",
			Scopes: []identity.Scope{{Path: "/"}}, CreatedAt: c.Clock.Now(),
		})
		c.must(err)
	}
	hash, err := c.Hasher.Hash(c.t.Context(), password.DigestOf(Password))
	c.must(err)
	for _, u := range []identity.User{
		{ID: identity.AdminID, Username: "admin", PasswordHash: hash, Roles: []identity.RoleID{identity.RoleAdmin}},
		{ID: identity.GuestID, Username: "guest", Disabled: true, Roles: []identity.RoleID{identity.RoleGuest}},
	} {
		u.BasePath, u.CreatedAt, u.PasswordChangedAt = "/", c.Clock.Now(), c.Clock.Now()
		_, err := c.Store.CreateUser(c.t.Context(), u)
		c.must(err)
	}
}

// User makes a user of the default role with Password.
func (c *Core) User(name string) identity.User {
	c.t.Helper()
	u, err := c.Accounts.CreateUser(c.t.Context(), account.NewUser{Username: name, Password: Password, BasePath: "/"}, Origin())
	c.must(err)
	return u
}

// SignIn tries to sign in from a device that names itself, or not if client is
// empty.
func (c *Core) SignIn(a login.Attempt, client string) (session.SignedIn, error) {
	return c.Login.SignIn(c.t.Context(), a, session.Client{
		ID: client, UserAgent: "testkit", Address: a.Address,
	}, Terms())
}

// MustSignIn is SignIn that succeeds, with Password.
func (c *Core) MustSignIn(name, client string) session.SignedIn {
	c.t.Helper()
	in, err := c.SignIn(Attempt(name, Password), client)
	if err != nil {
		c.t.Fatalf("sign in as %s: %v", name, err)
	}
	return in
}

// Who tells who acts with a token.
func (c *Core) Who(token string) (identity.Principal, error) {
	return c.Sessions.Authenticate(c.t.Context(), token, Audience, session.Client{UserAgent: "testkit", Address: Address(1)})
}

// MustWho is Who for a token that is good.
func (c *Core) MustWho(token string) identity.Principal {
	c.t.Helper()
	p, err := c.Who(token)
	c.must(err)
	return p
}

// EnableTOTP turns on the second factor of a user who has just signed in with
// a token, and returns its secret and the recovery codes. The clock moves on to
// the next time step, whose code is not spent.
func (c *Core) EnableTOTP(token string) (secret string, recovery []string) {
	c.t.Helper()
	p := c.MustWho(token)
	made, err := c.Accounts.StartTOTP(c.t.Context(), p)
	c.must(err)
	recovery, err = c.Accounts.EnableTOTP(c.t.Context(), p, account.TOTPSetUp{
		Secret: made.Base32(), Code: c.Code(made.Base32()), RecoveryCodes: true,
	}, Origin())
	c.must(err)
	c.Clock.Add(30 * time.Second)
	return made.Base32(), recovery
}

// Code returns the code of a secret at the clock's time.
func (c *Core) Code(secret string) string { return c.CodeAt(secret, c.Clock.Now()) }

// CodeAt returns the code of a secret at a time, by another implementation
// than the one under test.
func (c *Core) CodeAt(secret string, at time.Time) string {
	c.t.Helper()
	code, err := totp.GenerateCode(secret, at)
	c.must(err)
	return code
}

// Failures returns the failures, open reservations included, that are counted
// against an account from Address(1), and whether that is locked.
func (c *Core) Failures(account string) (failures, reserved int, locked bool) {
	c.t.Helper()
	list, err := c.Store.Throttles(c.t.Context(), identity.Page{})
	c.must(err)
	for _, k := range list {
		if k.Key == (identity.ThrottleKey{Scope: identity.ThrottlePair, Account: account, Address: Address(1).String()}) {
			return k.Failures, k.Reserved, k.LockedUntil.After(c.Clock.Now())
		}
	}
	return 0, 0, false
}

// Events returns the audit events of an action, newest first. The core is
// closed by it, so that all of them are written.
func (c *Core) Events(action identity.AuditAction) []identity.AuditEvent {
	c.t.Helper()
	all, err := c.Restart().Audit.List(c.t.Context(), 0, 1000)
	c.must(err)
	var out []identity.AuditEvent
	for _, e := range all {
		if e.Action == action {
			out = append(out, e)
		}
	}
	return out
}
