package session_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/backend/account"
	"latchkey/backend/identity"
	"latchkey/backend/internal/testkit"
	"latchkey/backend/session"
	"latchkey/backend/token"
)

func ptr[T any](v T) *T { return &v }

// A check that follows another one reads nothing and writes nothing.
func TestCheckCostsNoQueryAndNoWrite(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	in := open(t, c, c.User("ann").ID, device("phone"))
	c.MustWho(in.Token)
	c.Store.Calls()
	log := filepath.Join(c.Dir, "latchkey.db-wal")
	before, err := os.Stat(log)
	must(t, err)
	for range 1000 {
		c.Clock.Add(time.Second)
		c.MustWho(in.Token)
	}
	if calls := c.Store.Calls(); len(calls) != 0 {
		t.Errorf("1,000 checks made the calls %v, want none", calls)
	}
	after, err := os.Stat(log)
	must(t, err)
	if before.Size() != after.Size() || !before.ModTime().Equal(after.ModTime()) {
		t.Error("the database was written to")
	}
}

// changes are all that may happen to somebody who is signed in, and what their
// next request gets.
func changes(t *testing.T, c *testkit.Core, u identity.User, in session.SignedIn) map[string]struct {
	change func() error
	want   error
} {
	update := func(ch account.UserChange) func() error {
		return func() error {
			_, err := c.Accounts.UpdateUser(t.Context(), u.ID, ch, testkit.Origin())
			return err
		}
	}
	return map[string]struct {
		change func() error
		want   error
	}{
		"nothing":  {func() error { return nil }, nil},
		"renamed":  {update(account.UserChange{Username: ptr(string(u.Username) + "2")}), nil},
		"disabled": {update(account.UserChange{Disabled: ptr(true)}), session.ErrUserDisabled},
		"password": {update(account.UserChange{Password: ptr("another good one")}), session.ErrPasswordChanged},
		"deleted":  {func() error { return c.Accounts.DeleteUser(t.Context(), u.ID, testkit.Origin()) }, session.ErrUserGone},
		"created again": {func() error {
			if err := c.Accounts.DeleteUser(t.Context(), u.ID, testkit.Origin()); err != nil {
				return err
			}
			_, err := c.Accounts.CreateUser(t.Context(), account.NewUser{Username: string(u.Username), Password: testkit.Password}, testkit.Origin())
			return err
		}, session.ErrUserGone},
		"evicted": {func() error {
			return c.Sessions.End(t.Context(), u.ID, in.Session.ID, testkit.Origin())
		}, session.ErrEnded},
		"signed out":     {func() error { return c.Sessions.SignOut(t.Context(), in.Principal, testkit.Origin()) }, token.ErrInvalid},
		"keys rotated":   {func() error { return c.Tokens.Rotate(t.Context()) }, nil},
		"rotated twice":  {func() error { return errors.Join(c.Tokens.Rotate(t.Context()), c.Tokens.Rotate(t.Context())) }, token.ErrInvalid},
		"everybody ends": {func() error { _, err := c.Sessions.EndAll(t.Context(), testkit.Origin()); return err }, session.ErrEnded},
	}
}

func TestCheckSeesEveryChangeAtOnce(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	i := 0
	for name := range changes(t, c, identity.User{}, session.SignedIn{}) {
		u := c.User(fmt.Sprintf("user%d", i))
		in := open(t, c, u.ID, device("phone"))
		i++
		want(t, name+": before", whoErr(c, in.Token), nil)
		tc := changes(t, c, u, in)[name]
		must(t, tc.change())
		want(t, name+": after", whoErr(c, in.Token), tc.want)
		want(t, name+": and again", whoErr(c, in.Token), tc.want)
	}
}

// What the command line does beside a running server is seen within moments.
func TestCheckSeesChangesOfAnotherProcess(t *testing.T) {
	server := testkit.Open(t, testkit.Options{})
	cli := server.Again()
	i := 0
	for name := range changes(t, cli, identity.User{}, session.SignedIn{}) {
		u := server.User(fmt.Sprintf("user%d", i))
		in := open(t, server, u.ID, device("phone"))
		i++
		want(t, name+": before", whoErr(server, in.Token), nil)
		tc := changes(t, cli, u, in)[name]
		must(t, tc.change())
		for deadline := time.Now().Add(10 * time.Second); ; {
			err := whoErr(server, in.Token)
			if errors.Is(err, tc.want) {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s: the server still says %v, want %v", name, err, tc.want)
			}
			<-time.After(5 * time.Millisecond)
		}
	}
}

// Rights are those of now, not those of the sign-in.
func TestRightsAreThoseOfNow(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	in := open(t, c, ann.ID, device("phone"))
	update := func(ch account.UserChange) {
		t.Helper()
		_, err := c.Accounts.UpdateUser(t.Context(), ann.ID, ch, testkit.Origin())
		must(t, err)
	}
	if c.MustWho(in.Token).Can(identity.UserManage) {
		t.Fatal("a plain user manages users")
	}
	update(account.UserChange{Roles: &[]identity.RoleID{identity.RoleAdmin}})
	if !c.MustWho(in.Token).Can(identity.UserManage) {
		t.Error("a new administrator does not manage users")
	}
	update(account.UserChange{Roles: &[]identity.RoleID{identity.RoleGeneral}})
	if c.MustWho(in.Token).Can(identity.UserManage) {
		t.Error("a former administrator still manages users")
	}
	_, err := c.Accounts.UpdateRole(t.Context(), identity.RoleGeneral, func(r identity.Role) identity.Role {
		r.Scopes = []identity.Scope{{Path: "/", Permission: identity.PathWrite}}
		return r
	}, testkit.Origin())
	must(t, err)
	if !c.MustWho(in.Token).PathPermission("/x").Has(identity.PathWrite) {
		t.Error("a role's new right is not there")
	}
	update(account.UserChange{MustChange: ptr(true)})
	if p := c.MustWho(in.Token); p.Can(identity.OwnAccount) || !p.Can(identity.OwnAccountLimited) {
		t.Error("somebody who must change their password may do other things")
	}
}

// A role that goes away while its user is being read must not make the user
// look deleted.
func TestRoleDeletedWhileUserIsRead(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	role, err := c.Accounts.CreateRole(t.Context(), identity.Role{Name: "short-lived"}, testkit.Origin())
	must(t, err)
	ann := c.User("ann")
	_, err = c.Accounts.UpdateUser(t.Context(), ann.ID, account.UserChange{Roles: &[]identity.RoleID{role.ID}}, testkit.Origin())
	must(t, err)
	in := open(t, c, ann.ID, device("phone"))
	_, err = c.Accounts.UpdateUser(t.Context(), ann.ID, account.UserChange{SSOID: ptr("x")}, testkit.Origin()) // forget ann
	must(t, err)
	var once sync.Once
	c.Store.FailWith(func(method string) (err error) {
		if method == "Role" {
			once.Do(func() {
				_, err = c.Accounts.UpdateUser(t.Context(), ann.ID,
					account.UserChange{Roles: &[]identity.RoleID{identity.RoleGeneral}}, testkit.Origin())
				err = errors.Join(err, c.Accounts.DeleteRole(t.Context(), role.ID, testkit.Origin()))
			})
		}
		return err
	})
	p, err := c.Who(in.Token)
	if err != nil || len(p.Roles) != 1 || p.Roles[0].ID != identity.RoleGeneral {
		t.Errorf("roles are %v, %v; want those of now", p.RoleNames(), err)
	}
}

func TestRestartSignsNobodyOut(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	named, shared := open(t, c, ann.ID, device("phone")), open(t, c, ann.ID, session.Client{UserAgent: "curl"})
	again := c.Restart()
	for _, in := range []session.SignedIn{named, shared} {
		want(t, "after a restart", whoErr(again, in.Token), nil)
	}
	if n := len(live(t, again, ann.ID)); n != 2 {
		t.Errorf("%d devices after a restart, want 2", n)
	}
}

// Tokens that this server signed, for what it never gave out together.
func TestTokenIsBoundToItsSessionAndUser(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann, bob := c.User("ann"), c.User("bob")
	a, b := open(t, c, ann.ID, device("phone")), open(t, c, bob.ID, device("phone"))
	good := identity.AccessToken{
		ID: a.Principal.Token, Session: a.Session.ID, User: ann.ID,
		IssuedAt: c.Clock.Now(), ExpiresAt: c.Clock.Now().Add(time.Hour),
	}
	for name, change := range map[string]func(*identity.AccessToken){
		"another user":    func(k *identity.AccessToken) { k.User = identity.AdminID },
		"another session": func(k *identity.AccessToken) { k.Session = b.Session.ID },
		"another token":   func(k *identity.AccessToken) { k.ID = b.Principal.Token },
		"never given":     func(k *identity.AccessToken) { k.ID = identity.TokenID(c.Env.ID()) },
	} {
		for _, known := range []bool{false, true} { // before and after the real one is in memory
			if known {
				c.MustWho(a.Token)
				c.MustWho(b.Token)
			}
			forged := good
			change(&forged)
			raw, err := c.Tokens.Issue(forged, token.Use{Audiences: []identity.Audience{testkit.Audience}})
			must(t, err)
			if p, err := c.Who(raw); err == nil {
				t.Errorf("%s: signed in as %s", name, p.User.Username)
			}
		}
	}
	raw, err := c.Tokens.Issue(good, token.Use{Audiences: []identity.Audience{"drive"}})
	must(t, err)
	c.MustWho(a.Token)
	want(t, "another dialect", whoErr(c, raw), token.ErrInvalid)
	_, err = c.Sessions.Authenticate(t.Context(), a.Token, "drive", device("phone"))
	want(t, "a token in memory, for another dialect", err, token.ErrInvalid)
}

// Time is asked anew for what is in memory too.
func TestTimeRunsOutInMemory(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	in := open(t, c, ann.ID, device("phone"))
	for _, tc := range []struct {
		at   time.Time
		want error
	}{
		{in.ExpiresAt.Add(-time.Nanosecond), nil},
		{in.ExpiresAt, token.ErrExpired},
		{in.ExpiresAt.AddDate(10, 0, 0), token.ErrExpired},
		{testkit.Start.Add(-30 * time.Second), nil},
		{testkit.Start.Add(-24 * time.Hour), token.ErrInvalid},
		{time.Unix(0, 0), token.ErrInvalid},
		{testkit.Start.Add(time.Hour), nil},
		{testkit.Start.Add(time.Hour).In(time.FixedZone("UTC+14", 14*3600)), nil},
	} {
		c.Clock.Set(tc.at)
		want(t, tc.at.String(), whoErr(c, in.Token), tc.want)
	}
	c.Clock.Set(in.ExpiresAt)
	if got := live(t, c, ann.ID); len(got) != 0 {
		t.Errorf("%d devices live on after their last token", len(got))
	}
}

// What memory does not hold is not guessed while the store fails.
func TestCheckFailsClosed(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	in := open(t, c, c.User("ann").ID, device("phone"))
	broken := errors.New("disk on fire")
	for _, method := range []string{"AccessToken", "User", "Role", "Setting"} {
		c.User(strings.ToLower(method)) // memory is out of date now
		c.Store.FailWith(func(m string) error {
			if m == method {
				return broken
			}
			return nil
		})
		_, err := c.Who(in.Token)
		if !errors.Is(err, broken) || identity.KindOf(err) == identity.Unauthenticated {
			t.Errorf("%s fails: %v, want a fault and no refusal", method, err)
		}
		c.Store.FailWith(nil)
	}
	want(t, "when it works again", whoErr(c, in.Token), nil)
	must(t, c.Sessions.End(t.Context(), 0, in.Session.ID, testkit.Origin()))
	c.Store.FailWith(func(m string) error {
		if m == "Session" {
			return broken
		}
		return nil
	})
	want(t, "the reason cannot be read", whoErr(c, in.Token), broken)
}

// No check that begins after the end of a session finds it alive, with many
// checks under way meanwhile.
func TestEndUnderLoad(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	for i := range 30 {
		in := open(t, c, ann.ID, device(fmt.Sprint(i)))
		var ended atomic.Bool
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for {
					over := ended.Load()
					_, err := c.Who(in.Token)
					if over {
						want(t, "after the end", err, session.ErrEnded)
						return
					}
				}
			})
		}
		must(t, c.Sessions.End(t.Context(), ann.ID, in.Session.ID, testkit.Origin()))
		ended.Store(true)
		wg.Wait()
	}
}
