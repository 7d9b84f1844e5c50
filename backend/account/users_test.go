package account_test

import (
	"slices"
	"testing"

	"latchkey/backend/account"
	"latchkey/backend/identity"
	"latchkey/backend/internal/testkit"
	"latchkey/backend/login"
	"latchkey/backend/session"
)

func TestCreateUser(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	create := func(n account.NewUser) (identity.User, error) {
		if n.Password == "" {
			n.Password = testkit.Password
		}
		return c.Accounts.CreateUser(t.Context(), n, testkit.Origin())
	}
	u, err := create(account.NewUser{Username: " Ann ", BasePath: "//a/./b/", Roles: []identity.RoleID{3, 1, 3}, MustChange: true})
	if err != nil || u.Username != "ann" || u.BasePath != "/a/b" || !slices.Equal(u.Roles, []identity.RoleID{1, 3}) || !u.MustChangePassword {
		t.Errorf("made %+v, %v", u, err)
	}
	if u, err = create(account.NewUser{Username: "plain"}); err != nil || !slices.Equal(u.Roles, []identity.RoleID{identity.RoleGeneral}) || u.BasePath != "/plain" {
		t.Errorf("made %+v, %v", u, err)
	}
	if u, err = create(account.NewUser{Username: "boss", BasePath: "/only/here", Roles: []identity.RoleID{identity.RoleAdmin}}); err != nil || u.BasePath != "/" {
		t.Errorf("an administrator is confined to %s, %v", u.BasePath, err)
	}
	for _, tc := range []struct {
		code string
		n    account.NewUser
	}{
		{"username_taken", account.NewUser{Username: "ann"}},
		{"username_taken", account.NewUser{Username: "ANN"}},
		{"username_taken", account.NewUser{Username: "ａｎｎ"}},
		{"username_taken", account.NewUser{Username: "Admin"}},
		{"username_taken", account.NewUser{Username: "guest"}},
		{"username_empty", account.NewUser{}},
		{"username_character", account.NewUser{Username: "a/b"}},
		{"path_invalid", account.NewUser{Username: "x", BasePath: "/a/../../etc"}},
		{"path_invalid", account.NewUser{Username: "x", BasePath: "relative"}},
		{"path_invalid", account.NewUser{Username: "x", BasePath: `/a\..\b`}},
		{"role_unknown", account.NewUser{Username: "x", Roles: []identity.RoleID{4711}}},
		{"role_unknown", account.NewUser{Username: "x", Roles: []identity.RoleID{-1}}},
		{"password_too_short", account.NewUser{Username: "x", Password: "short"}},
	} {
		if u, err := create(tc.n); err == nil || identity.AsError(err).Code != tc.code {
			t.Errorf("%+v: %+v, %v; want %s", tc.n, u, err, tc.code)
		}
	}
	_, err = c.Accounts.CreateUser(t.Context(), account.NewUser{Username: "x"}, testkit.Origin())
	wantCode(t, "no password", err, "password_missing")
}

func TestUpdateUserRefuses(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	for _, tc := range []struct {
		id   identity.UserID
		ch   account.UserChange
		code string
	}{
		{4711, account.UserChange{Username: ptr("x")}, "user_not_found"},
		{ann.ID, account.UserChange{Username: ptr("admin")}, "username_taken"},
		{ann.ID, account.UserChange{Username: ptr("")}, "username_empty"},
		{ann.ID, account.UserChange{BasePath: ptr("/..")}, "path_invalid"},
		{ann.ID, account.UserChange{Roles: &[]identity.RoleID{}}, "role_missing"},
		{ann.ID, account.UserChange{Roles: &[]identity.RoleID{4711}}, "role_unknown"},
		{identity.AdminID, account.UserChange{Disabled: ptr(true)}, "admin_stays"},
		{identity.AdminID, account.UserChange{Roles: &[]identity.RoleID{identity.RoleGeneral}}, "user_built_in"},
		{identity.AdminID, account.UserChange{Roles: &[]identity.RoleID{}}, "role_missing"},
		{identity.GuestID, account.UserChange{Roles: &[]identity.RoleID{identity.RoleAdmin}}, "user_built_in"},
		{identity.GuestID, account.UserChange{Password: ptr(newPassword)}, "guest_has_no_password"},
	} {
		before, _ := c.Store.Store.User(t.Context(), tc.id)
		wantCode(t, "update", update(t, c, tc.id, tc.ch), tc.code)
		after, _ := c.Store.Store.User(t.Context(), tc.id)
		if before.Username != after.Username || before.BasePath != after.BasePath || before.Disabled != after.Disabled ||
			before.PasswordHash != after.PasswordHash || !slices.Equal(before.Roles, after.Roles) {
			t.Errorf("%s: a refused change turned %+v into %+v", tc.code, before, after)
		}
	}
	must(t, update(t, c, identity.AdminID, account.UserChange{Roles: &[]identity.RoleID{identity.RoleAdmin}, Disabled: ptr(false)}))
}

func TestBuiltInUsersStay(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	for _, id := range []identity.UserID{identity.AdminID, identity.GuestID} {
		want(t, "delete", c.Accounts.DeleteUser(t.Context(), id, testkit.Origin()), account.ErrBuiltInUser)
	}
	want(t, "nobody", c.Accounts.DeleteUser(t.Context(), 4711, testkit.Origin()), account.ErrUserNotFound)
}

// A disabled user is out at every door, and a change of password, by whomever,
// lets them in no more than before.
func TestDisabledUserStaysOut(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	p, token := signedIn(t, c, "ann")
	must(t, update(t, c, p.User.ID, account.UserChange{Disabled: ptr(true)}))
	_, err := c.Who(token)
	want(t, "token", err, session.ErrUserDisabled)
	_, err = c.SignIn(testkit.Attempt("ann", testkit.Password), "phone")
	want(t, "password", err, login.ErrCredentials)
	must(t, update(t, c, p.User.ID, account.UserChange{Password: ptr(newPassword)}))
	_, err = c.SignIn(testkit.Attempt("ann", newPassword), "phone")
	want(t, "new password", err, login.ErrCredentials)
	if u, err := c.Accounts.User(t.Context(), p.User.ID); err != nil || !u.Disabled {
		t.Errorf("disabled %v, %v", u.Disabled, err)
	}
}

// Whoever gets a deleted user's name gets nothing else of theirs.
func TestNameGoesToSomebodyElse(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	p, token := signedIn(t, c, "ann")
	_, recovery := c.EnableTOTP(token)
	_, err := c.Accounts.AddSSHKey(t.Context(), p, account.NewSSHKey{Title: "laptop", Line: keyLine}, testkit.Origin())
	must(t, err)
	must(t, c.Accounts.DeleteUser(t.Context(), p.User.ID, testkit.Origin()))
	again := c.User("ann")
	if again.ID == p.User.ID {
		t.Fatal("the id was given again")
	}
	_, err = c.Who(token)
	want(t, "the old token", err, session.ErrUserGone)
	in := c.MustSignIn("ann", "phone") // without a code
	if who := c.MustWho(in.Token); who.User.ID != again.ID || who.User.TOTPEnabled {
		t.Errorf("signed in as %+v", who.User)
	}
	if _, total, err := c.Accounts.SSHKeys(t.Context(), again.ID, identity.Page{}); total != 0 || err != nil {
		t.Errorf("%d keys came with the name, %v", total, err)
	}
	c.EnableTOTP(in.Token)
	a := testkit.Attempt("ann", testkit.Password)
	a.Code = recovery[0]
	_, err = c.SignIn(a, "")
	want(t, "the old recovery code", err, login.ErrCodeWrong)
}

func TestUserByName(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	if u, err := c.Accounts.UserByName(t.Context(), " ＡＮＮ"); err != nil || u.ID != ann.ID {
		t.Errorf("found %d, %v", u.ID, err)
	}
	_, err := c.Accounts.UserByName(t.Context(), "bob")
	want(t, "nobody", err, account.ErrUserNotFound)
	_, err = c.Accounts.UserByName(t.Context(), "a b")
	wantCode(t, "no name", err, "username_character")
	if list, total, err := c.Accounts.Users(t.Context(), identity.UserFilter{}, identity.Page{Offset: 2, Limit: 5}); err != nil || total != 3 || len(list) != 1 {
		t.Errorf("%d of %d users, %v", len(list), total, err)
	}
}

func TestUserChangesAreRecorded(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	must(t, update(t, c, ann.ID, account.UserChange{Password: ptr(newPassword)}))
	must(t, c.Accounts.DeleteUser(t.Context(), ann.ID, testkit.Origin()))
	for _, action := range []identity.AuditAction{
		identity.AuditUserCreated, identity.AuditUserUpdated, identity.AuditPasswordChanged, identity.AuditUserDeleted,
	} {
		events := c.Events(action)
		if len(events) != 1 || events[0].Target != "user 3" || events[0].Actor != identity.AdminID || events[0].Door != "test" {
			t.Errorf("%s is recorded as %+v", action, events)
		}
	}
}
