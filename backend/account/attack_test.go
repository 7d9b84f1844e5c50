package account_test

import (
	"net/netip"
	"testing"
	"time"

	"latchkey/backend/account"
	"latchkey/backend/apikey"
	"latchkey/backend/identity"
	"latchkey/backend/internal/testkit"
	"latchkey/backend/session"
)

// actor makes somebody with a role of some grants, and returns how they act.
func actor(t *testing.T, c *testkit.Core, name string, grants ...identity.Permission) (identity.User, identity.Origin) {
	t.Helper()
	role, err := c.Accounts.CreateRole(t.Context(), identity.Role{Name: name + "s", Grants: grants}, testkit.Origin())
	must(t, err)
	u, err := c.Accounts.CreateUser(t.Context(), account.NewUser{Username: name, Password: testkit.Password, Roles: []identity.RoleID{role.ID}}, testkit.Origin())
	must(t, err)
	who := c.MustWho(c.MustSignIn(name, "desk").Token)
	return u, identity.Origin{Actor: u.ID, Rights: who.Rights(), Door: "test", Address: testkit.Address(1)}
}

// The default role is given to those who come without one: it is a gift like
// any other, and what it allows is decided by who may do everything.
func TestDefaultRoleIsAGift(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	_, users := actor(t, c, "users-only", identity.UserManage)
	_, err := c.Accounts.CreateUser(t.Context(), account.NewUser{Username: "x", Password: testkit.Password, BasePath: "/"}, users)
	wantCode(t, "a user of the default role, by somebody who has less", err, "more_than_you")

	_, roles := actor(t, c, "roles-only", identity.RoleManage)
	_, err = c.Accounts.CreateRole(t.Context(), identity.Role{Name: "mine", Default: true}, roles)
	wantCode(t, "a default role of their own", err, "more_than_you")
	mine, err := c.Accounts.CreateRole(t.Context(), identity.Role{Name: "mine"}, roles)
	must(t, err)
	_, err = c.Accounts.UpdateRole(t.Context(), mine.ID, func(r identity.Role) identity.Role { r.Default = true; return r }, roles)
	wantCode(t, "make it the default", err, "more_than_you")
	_, err = c.Accounts.UpdateRole(t.Context(), mine.ID, func(r identity.Role) identity.Role { r.Default = true; return r }, testkit.Origin())
	must(t, err)
	_, err = c.Accounts.UpdateRole(t.Context(), mine.ID, func(r identity.Role) identity.Role {
		r.Grants = []identity.Permission{identity.RoleManage}
		return r
	}, roles)
	wantCode(t, "widen the default", err, "more_than_you")
	_, err = c.Accounts.UpdateRole(t.Context(), mine.ID, func(r identity.Role) identity.Role { r.Description = "of mine"; return r }, roles)
	must(t, err)
}

// Who looks after others does not lift what was set for themselves, nor forget
// their own failures.
func TestNobodyLiftsTheirOwnLimits(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	helper, o := actor(t, c, "helper", identity.UserManage)
	end := c.Clock.Now().Add(time.Hour)
	home := []netip.Prefix{netip.MustParsePrefix("198.51.0.0/16")}
	_, err := c.Accounts.UpdateUser(t.Context(), helper.ID, account.UserChange{ExpiresAt: &end, AllowedFrom: &home}, testkit.Origin())
	must(t, err)
	_, err = c.Accounts.UpdateUser(t.Context(), helper.ID, account.UserChange{ExpiresAt: &time.Time{}}, o)
	wantCode(t, "one's own end", err, "yourself")
	_, err = c.Accounts.UpdateUser(t.Context(), helper.ID, account.UserChange{AllowedFrom: &[]netip.Prefix{}}, o)
	wantCode(t, "one's own networks", err, "yourself")
	email := "evil@example.com"
	_, err = c.Accounts.UpdateUser(t.Context(), helper.ID, account.UserChange{Email: &email}, o)
	wantCode(t, "one's own address", err, "own_profile")

	for range 4 {
		if _, err := c.SignIn(testkit.Attempt("helper", "wrong"), ""); err == nil {
			t.Fatal("a wrong password is good")
		}
	}
	active := identity.UserActive
	_, err = c.Accounts.UpdateUser(t.Context(), helper.ID, account.UserChange{Status: &active}, o)
	must(t, err)
	if failures, _, _ := c.Failures("helper"); failures != 4 {
		t.Errorf("%d failures are left after calling oneself active, want 4", failures)
	}
}

// A name is not a way out of a lock.
func TestRenameKeepsTheLock(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	who := c.MustWho(c.MustSignIn("ann", "phone").Token)
	locked := identity.UserLocked
	_, err := c.Accounts.UpdateUser(t.Context(), ann.ID, account.UserChange{Status: &locked}, testkit.Origin())
	must(t, err)
	name := "anna"
	_, err = c.Accounts.UpdateOwn(t.Context(), who, account.OwnChange{Username: &name}, testkit.Origin())
	must(t, err)
	if _, err := c.SignIn(testkit.Attempt("anna", testkit.Password), ""); identity.KindOf(err) != identity.Throttled {
		t.Errorf("under the new name: %v", err)
	}
}

// One signs in by one's e-mail address, and is written to there.
func TestEmailNeedsProof(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	c.User("ann")
	who := c.MustWho(c.MustSignIn("ann", "phone").Token)
	_, text, err := c.Keys.Create(t.Context(), who, apikey.NewKey{Kind: identity.KeyAPI, Name: "x", Permissions: []string{"write"}}, testkit.Origin())
	must(t, err)
	key, err := c.Keys.Authenticate(t.Context(), identity.KeyAPI, text.Reveal(), session.Client{})
	must(t, err)
	email := "evil@example.com"
	_, err = c.Accounts.UpdateOwn(t.Context(), key, account.OwnChange{Email: &email}, testkit.Origin())
	wantCode(t, "by a key", err, "key_changes_no_email")
	nickname := "Annie"
	_, err = c.Accounts.UpdateOwn(t.Context(), key, account.OwnChange{Profile: account.ProfileChange{Nickname: &nickname}}, testkit.Origin())
	must(t, err)
	c.Clock.Add(account.FreshFor)
	_, err = c.Accounts.UpdateOwn(t.Context(), who, account.OwnChange{Email: &email}, testkit.Origin())
	wantCode(t, "long after signing in", err, "proof_needed")
	same := ""
	_, err = c.Accounts.UpdateOwn(t.Context(), who, account.OwnChange{Email: &same}, testkit.Origin())
	must(t, err)
}

// Strangers take no name that could be taken for another's.
func TestRegisteredNames(t *testing.T) {
	c := testkit.Open(t, testkit.Options{Registration: true})
	for i, tc := range []struct{ name, email, code string }{
		{"аdmin", "a@example.com", "username_reserved"},
		{"boss@corp.example", "a@example.com", "username_reserved"},
		{"ann@example.com", "ann@example.com", ""},
		{"李雷", "b@example.com", ""},
		{"jürgen", "c@example.com", ""},
	} {
		_, err := c.Accounts.Register(t.Context(), account.NewUser{Username: tc.name, Email: tc.email, Password: testkit.Password}, stranger(i))
		if (err == nil) != (tc.code == "") || err != nil && identity.AsError(err).Code != tc.code {
			t.Errorf("%s: %v, want %q", tc.name, err, tc.code)
		}
	}
}

// Tries that lead to nothing keep nobody else out.
func TestRegistrationCannotBeShut(t *testing.T) {
	c := testkit.Open(t, testkit.Options{Registration: true})
	for i := range 200 {
		_, err := c.Accounts.Register(t.Context(), account.NewUser{Username: "xavier", Email: "no address", Password: testkit.Password}, stranger(i))
		if err == nil {
			t.Fatal("made")
		}
	}
	_, err := c.Accounts.Register(t.Context(), account.NewUser{Username: "xavier", Email: "x@example.com", Password: testkit.Password}, stranger(500))
	must(t, err)
}
