package account_test

import (
	"testing"

	"latchkey/backend/account"
	"latchkey/backend/identity"
	"latchkey/backend/internal/testkit"
)

// delegate makes somebody who may look after users and roles, and no more than
// that, and returns how they act.
func delegate(t *testing.T, c *testkit.Core) (identity.User, identity.Origin) {
	t.Helper()
	role, err := c.Accounts.CreateRole(t.Context(), identity.Role{
		Name: "helpdesk", Scopes: []identity.Scope{{Path: "/", Permission: identity.PathWrite}},
		Grants: []identity.Permission{identity.UserManage, identity.RoleManage},
	}, testkit.Origin())
	must(t, err)
	u, err := c.Accounts.CreateUser(t.Context(), account.NewUser{
		Username: "helper", Password: testkit.Password, Roles: []identity.RoleID{role.ID}, BasePath: "/",
	}, testkit.Origin())
	must(t, err)
	who := c.MustWho(c.MustSignIn("helper", "desk").Token)
	return u, identity.Origin{Actor: u.ID, Rights: who.Rights(), Door: "test", Address: testkit.Address(1)}
}

// Nobody gives to others what they may not do, nor lays hands on an account
// that may do more.
func TestDelegateStaysBelow(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	helper, o := delegate(t, c)
	ann := c.User("ann")
	boss, err := c.Accounts.CreateUser(t.Context(), account.NewUser{Username: "boss", Password: testkit.Password, Roles: []identity.RoleID{identity.RoleAdmin}}, testkit.Origin())
	must(t, err)
	admins, off := []identity.RoleID{identity.RoleAdmin}, true
	text := "a password of theirs"
	ctx := t.Context()
	for what, do := range map[string]func() error{
		"make an administrator": func() error {
			_, err := c.Accounts.CreateUser(ctx, account.NewUser{Username: "evil", Password: testkit.Password, Roles: admins}, o)
			return err
		},
		"become an administrator": func() error {
			_, err := c.Accounts.UpdateUser(ctx, helper.ID, account.UserChange{Roles: &admins}, o)
			return err
		},
		"make somebody an administrator": func() error {
			_, err := c.Accounts.UpdateUser(ctx, ann.ID, account.UserChange{Roles: &admins}, o)
			return err
		},
		"change an administrator's password": func() error {
			_, err := c.Accounts.UpdateUser(ctx, boss.ID, account.UserChange{Password: &text}, o)
			return err
		},
		"reset an administrator's password": func() error { _, err := c.Accounts.ResetPassword(ctx, boss.ID, false, o); return err },
		"disable an administrator": func() error {
			_, err := c.Accounts.UpdateUser(ctx, boss.ID, account.UserChange{Disabled: &off}, o)
			return err
		},
		"delete an administrator":            func() error { return c.Accounts.DeleteUser(ctx, boss.ID, o) },
		"turn an administrator's factor off": func() error { return c.Accounts.CancelTOTP(ctx, boss.ID, o) },
		"make a role that may more": func() error {
			return makeRole(t, c, o, identity.Role{Name: "x", Grants: []identity.Permission{identity.SessionManage}})
		},
		"make a role with rights on files they lack": func() error {
			return makeRole(t, c, o, identity.Role{Name: "x", Scopes: []identity.Scope{{Path: "/team", Permission: identity.PathDelete}}})
		},
		"widen their own role":   func() error { return widen(t, c, o, helper.Roles[0], identity.SessionManage) },
		"widen everybody's role": func() error { return widen(t, c, o, identity.RoleGeneral, identity.APIKeyManage) },
	} {
		if err := do(); identity.KindOf(err) != identity.PermissionDenied {
			t.Errorf("a delegate can %s: %v", what, err)
		}
	}
	if _, err := c.SignIn(testkit.Attempt("boss", testkit.Password), ""); err != nil {
		t.Errorf("the administrator after that: %v", err)
	}
	must(t, makeRole(t, c, o, identity.Role{Name: "uploader", Scopes: []identity.Scope{{Path: "/a", Permission: identity.PathWrite}}}))
	_, err = c.Accounts.ResetPassword(ctx, ann.ID, false, o)
	must(t, err)
	must(t, c.Accounts.DeleteUser(ctx, ann.ID, o))
}

// Whoever reaches the files below a path only makes accounts that reach no
// further, and lays hands on none that do.
func TestDelegateStaysBelowTheirPath(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	_, o := delegate(t, c)
	everywhere, inside := c.User("ann"), "/team/sub"
	team := "/team"
	_, err := c.Accounts.UpdateUser(t.Context(), o.Actor, account.UserChange{BasePath: &team}, testkit.Origin())
	must(t, err)
	o.Rights = c.MustWho(c.MustSignIn("helper", "desk").Token).Rights()
	text, outside := "a password of theirs", "/teams"
	made, err := c.Accounts.CreateUser(t.Context(), account.NewUser{Username: "new", Password: testkit.Password}, o)
	must(t, err)
	if made.BasePath != team+"/new" {
		t.Errorf("a delegate of %s makes an account for %s", team, made.BasePath)
	}
	_, err = c.Accounts.UpdateUser(t.Context(), made.ID, account.UserChange{BasePath: &inside, Password: &text}, o)
	must(t, err)
	for what, do := range map[string]func() error{
		"make an account that reaches further": func() error {
			_, err := c.Accounts.CreateUser(t.Context(), account.NewUser{Username: "evil", Password: testkit.Password, BasePath: "/"}, o)
			return err
		},
		"let an account reach further": func() error {
			_, err := c.Accounts.UpdateUser(t.Context(), made.ID, account.UserChange{BasePath: &outside}, o)
			return err
		},
		"reach further themselves": func() error {
			_, err := c.Accounts.UpdateUser(t.Context(), o.Actor, account.UserChange{BasePath: &outside}, o)
			return err
		},
		"change the password of somebody who does": func() error {
			_, err := c.Accounts.UpdateUser(t.Context(), everywhere.ID, account.UserChange{Password: &text}, o)
			return err
		},
		"delete somebody who does": func() error { return c.Accounts.DeleteUser(t.Context(), everywhere.ID, o) },
	} {
		wantCode(t, what, do(), "more_than_you")
	}
}

// What is filtered by may be as somebody types it.
func TestUsersFilter(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	c.User("ann")
	email := "Ann@Example.com"
	ann, err := c.Accounts.UserByName(t.Context(), "ann")
	must(t, err)
	_, err = c.Accounts.UpdateUser(t.Context(), ann.ID, account.UserChange{Email: &email}, testkit.Origin())
	must(t, err)
	for _, f := range []identity.UserFilter{
		{Username: " NN"}, {Username: "ＡＮ"}, {Email: "N@EXAMPLE"}, {Username: "ann", Email: "ann", Status: identity.UserActive},
	} {
		if list, total, err := c.Accounts.Users(t.Context(), f, identity.Page{}); err != nil || total != 1 || list[0].ID != ann.ID {
			t.Errorf("filter %+v: %v, %d, %v", f, list, total, err)
		}
	}
	_, _, err = c.Accounts.Users(t.Context(), identity.UserFilter{Status: "gone"}, identity.Page{})
	wantCode(t, "a status that there is not", err, "status_invalid")
}

func makeRole(t *testing.T, c *testkit.Core, o identity.Origin, r identity.Role) error {
	t.Helper()
	_, err := c.Accounts.CreateRole(t.Context(), r, o)
	return err
}

func widen(t *testing.T, c *testkit.Core, o identity.Origin, id identity.RoleID, p identity.Permission) error {
	t.Helper()
	_, err := c.Accounts.UpdateRole(t.Context(), id, func(r identity.Role) identity.Role {
		r.Grants = append(r.Grants, p)
		return r
	}, o)
	return err
}

// Somebody can always run the server, and nobody shuts themselves out.
func TestSomebodyStays(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	boss, err := c.Accounts.CreateUser(t.Context(), account.NewUser{Username: "boss", Password: testkit.Password, Roles: []identity.RoleID{identity.RoleAdmin}}, testkit.Origin())
	must(t, err)
	mine := identity.Origin{Actor: boss.ID, Rights: identity.Everything(), Door: "test"}
	off, end := true, c.Clock.Now()
	locked, inactive := identity.UserLocked, identity.UserInactive
	for what, tc := range map[string]struct {
		id     identity.UserID
		change account.UserChange
		code   string
	}{
		"disable the administrator":     {identity.AdminID, account.UserChange{Disabled: &off}, "admin_stays"},
		"let the administrator expire":  {identity.AdminID, account.UserChange{ExpiresAt: &end}, "admin_stays"},
		"lock the administrator":        {identity.AdminID, account.UserChange{Status: &locked}, "admin_stays"},
		"shut the administrator":        {identity.AdminID, account.UserChange{Status: &inactive}, "admin_stays"},
		"take the administrator's role": {identity.AdminID, account.UserChange{Roles: &[]identity.RoleID{identity.RoleGeneral}}, "user_built_in"},
		"disable oneself":               {boss.ID, account.UserChange{Disabled: &off}, "yourself"},
		"lock oneself":                  {boss.ID, account.UserChange{Status: &locked}, "yourself"},
	} {
		_, err := c.Accounts.UpdateUser(t.Context(), tc.id, tc.change, mine)
		wantCode(t, what, err, tc.code)
	}
	wantCode(t, "delete oneself", c.Accounts.DeleteUser(t.Context(), boss.ID, mine), "yourself")
	wantCode(t, "delete the administrator", c.Accounts.DeleteUser(t.Context(), identity.AdminID, mine), "user_built_in")
	_, err = c.Accounts.ResetPassword(t.Context(), boss.ID, false, mine)
	wantCode(t, "reset one's own password", err, "own_profile")
	_, err = c.Accounts.ResetPassword(t.Context(), identity.GuestID, false, mine)
	wantCode(t, "reset the guest's password", err, "guest_has_no_password")
}

func TestStatuses(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	set := func(s identity.UserStatus) {
		t.Helper()
		_, err := c.Accounts.UpdateUser(t.Context(), ann.ID, account.UserChange{Status: &s}, testkit.Origin())
		must(t, err)
	}
	status := func() identity.UserStatus {
		t.Helper()
		u, err := c.Accounts.User(t.Context(), ann.ID)
		must(t, err)
		got, err := c.Accounts.Statuses(t.Context(), []identity.User{u})
		must(t, err)
		for _, s := range []identity.UserStatus{identity.UserActive, identity.UserInactive, identity.UserLocked} {
			list, total, err := c.Accounts.Users(t.Context(), identity.UserFilter{Username: "ann", Status: s}, identity.Page{})
			if err != nil || (total == 1) != (s == got[0]) || len(list) != total {
				t.Errorf("listed as %s: %d, %v; the status is %s", s, total, err, got[0])
			}
		}
		return got[0]
	}
	for _, want := range []identity.UserStatus{identity.UserActive, identity.UserLocked, identity.UserInactive, identity.UserLocked, identity.UserActive} {
		set(want)
		if got := status(); got != want {
			t.Errorf("set to %s, is %s", want, got)
		}
		_, err := c.SignIn(testkit.Attempt("ann", testkit.Password), "")
		if (err == nil) != (want == identity.UserActive) {
			t.Errorf("while %s: %v", want, err)
		}
	}
	past := c.Clock.Now()
	_, err := c.Accounts.UpdateUser(t.Context(), ann.ID, account.UserChange{ExpiresAt: &past}, testkit.Origin())
	must(t, err)
	if got := status(); got != identity.UserInactive {
		t.Errorf("expired, is %s", got)
	}
	made := identity.UserStatus("made up")
	_, err = c.Accounts.UpdateUser(t.Context(), ann.ID, account.UserChange{Status: &made}, testkit.Origin())
	wantCode(t, "a status that there is not", err, "status_invalid")
}
