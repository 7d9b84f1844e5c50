package login_test

import (
	"testing"
	"time"

	"latchkey/backend/account"
	"latchkey/backend/internal/testkit"
	"latchkey/backend/login"
)

func withEmail(t *testing.T, c *testkit.Core, name, email string) {
	t.Helper()
	_, err := c.Accounts.CreateUser(t.Context(), account.NewUser{Username: name, Email: email, Password: testkit.Password}, testkit.Origin())
	must(t, err)
}

// A name and an address are two ways to say the same account, with one counter.
func TestSignInByEmail(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	withEmail(t, c, "ann", "Ann@Example.com")
	for _, typed := range []string{"ann@example.com", " ANN@example.COM ", "ann", "ＡＮＮ"} {
		if in, err := c.SignIn(testkit.Attempt(typed, testkit.Password), ""); err != nil || in.Principal.User.Username != "ann" {
			t.Errorf("as %q: %v", typed, err)
		}
	}
	wrong(t, c, "ann@example.com", 2)
	wrong(t, c, "ann", 2)
	wrong(t, c, "ANN@EXAMPLE.COM", 1)
	wantFailures(t, c, "ann", 5)
	wantKind(t, "by name", try(c, "ann", testkit.Password), throttled)
	wantKind(t, "by address", try(c, "ann@example.com", testkit.Password), throttled)
}

// A stranger cannot take an address that is somebody's name, nor the reverse,
// to receive what was typed for them.
func TestNamesAndAddressesDoNotClash(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	c.User("bob@example.com")
	withEmail(t, c, "ann", "ann@example.com")
	for _, n := range []account.NewUser{
		{Username: "x", Email: "bob@example.com"}, {Username: "x", Email: "Ann@example.com"}, {Username: "ANN@example.com"},
	} {
		n.Password = testkit.Password
		if u, err := c.Accounts.CreateUser(t.Context(), n, testkit.Origin()); err == nil {
			t.Errorf("made %+v", u)
		}
	}
}

func TestAccountsThatAreShut(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	end := c.Clock.Now().Add(time.Hour)
	for name, change := range map[string]account.UserChange{
		"expires": {ExpiresAt: &end},
		"home":    {AllowedFrom: networks("192.168.0.0/16")},
	} {
		u := c.User(name)
		_, err := c.Accounts.UpdateUser(t.Context(), u.ID, change, testkit.Origin())
		must(t, err)
	}
	must(t, try(c, "expires", testkit.Password))
	c.Clock.Add(time.Hour)
	want(t, "an account that has expired", try(c, "expires", testkit.Password), login.ErrCredentials)
	want(t, "an account from elsewhere", try(c, "home", testkit.Password), login.ErrCredentials)
	at := testkit.Attempt("home", testkit.Password)
	at.Address = networksOf("192.168.7.7/32")[0].Addr()
	in, err := c.SignIn(at, "")
	must(t, err)
	if _, err := c.Who(in.Token); err == nil {
		t.Error("a token works from where its account may not be used")
	}
}

func TestTemporaryPassword(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	before := c.MustSignIn("ann", "phone")
	made, err := c.Accounts.ResetPassword(t.Context(), ann.ID, true, testkit.Origin())
	must(t, err)
	if made.Sent {
		t.Error("it was sent, though nothing can send it")
	}
	if _, err := c.Who(before.Token); err == nil {
		t.Error("the session of before lives on")
	}
	want(t, "the old password", try(c, "ann", testkit.Password), login.ErrCredentials)
	c.Clock.Add(account.TemporaryFor - time.Second)
	in, err := c.SignIn(testkit.Attempt("ann", made.Password.Reveal()), "")
	must(t, err)
	if !in.Principal.User.MustChangePassword {
		t.Error("it need not be changed")
	}
	c.Clock.Add(time.Second)
	want(t, "after a day", try(c, "ann", made.Password.Reveal()), login.ErrCredentials)
	own := "my own password"
	_, err = c.Accounts.FirstReset(t.Context(), in.Principal, account.OwnChange{Password: &own}, testkit.Origin())
	must(t, err)
	c.Clock.Add(48 * time.Hour)
	must(t, try(c, "ann", own))
}
