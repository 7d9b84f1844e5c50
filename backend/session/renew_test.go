package session_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"latchkey/backend/account"
	"latchkey/backend/identity"
	"latchkey/backend/internal/testkit"
	"latchkey/backend/session"
	"latchkey/backend/token"
)

const (
	accessLife = 2 * time.Hour
	renewLife  = 7 * 24 * time.Hour
)

func renewable() session.Terms {
	return session.Terms{Audiences: []identity.Audience{testkit.Audience}, Life: accessLife, Renew: renewLife}
}

// signedIn opens a session that can be renewed.
func signedIn(t *testing.T, c *testkit.Core, name string) session.SignedIn {
	t.Helper()
	in, err := c.Sessions.Open(t.Context(), c.User(name).ID, []identity.FactorKind{identity.FactorPassword}, device(name), renewable())
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func renew(t *testing.T, c *testkit.Core, refresh string) (session.SignedIn, error) {
	t.Helper()
	return c.Sessions.Renew(t.Context(), refresh, testkit.Audience, session.Client{UserAgent: "testkit", Address: testkit.Address(1)},
		identity.Origin{Door: "test", Address: testkit.Address(1)})
}

func TestRenew(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	in := signedIn(t, c, "ann")
	if want := c.Clock.Now().Add(renewLife).Truncate(time.Second); !in.RenewUntil.Equal(want) {
		t.Errorf("can be renewed until %v, want %v", in.RenewUntil, want)
	}
	began := c.Clock.Now()
	for range 3 {
		c.Clock.Add(6 * 24 * time.Hour)
		if _, err := c.Who(in.Token); !errors.Is(err, token.ErrExpired) {
			t.Errorf("an old access token: %v", err)
		}
		next, err := renew(t, c, in.Refresh)
		if err != nil {
			t.Fatal(err)
		}
		if next.Token == in.Token || next.Refresh == in.Refresh || next.Session.ID != in.Session.ID || !next.ExpiresAt.Equal(c.Clock.Now().Add(accessLife).Truncate(time.Second)) {
			t.Errorf("renewed: %+v", next)
		}
		who := c.MustWho(next.Token)
		if !who.SignedInAt.Equal(began) || who.User.Username != "ann" {
			t.Errorf("signed in at %v, want %v: renewing is no proof of the password", who.SignedInAt, began)
		}
		in = next
	}
	if n := len(c.Store.Calls()); n == 0 {
		t.Error("nothing was asked of the store")
	}
}

// The access token of before goes on to its own end: two tabs may share it.
func TestRenewKeepsTheAccessTokenOfBefore(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	in := signedIn(t, c, "ann")
	version := c.Store.Version()
	c.Clock.Add(time.Hour)
	if _, err := renew(t, c, in.Refresh); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Who(in.Token); err != nil {
		t.Errorf("the access token of before: %v", err)
	}
	if c.Store.Version() != version {
		t.Error("renewing makes everybody be read again")
	}
	c.Clock.Add(time.Hour)
	if _, err := c.Who(in.Token); !errors.Is(err, token.ErrExpired) {
		t.Errorf("after its end: %v", err)
	}
}

func TestRenewAgainWithinGrace(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	in := signedIn(t, c, "ann")
	c.Clock.Add(time.Minute)
	first, err := renew(t, c, in.Refresh)
	if err != nil {
		t.Fatal(err)
	}
	c.Clock.Add(10 * time.Second)
	again, err := renew(t, c, in.Refresh)
	if err != nil || again.Refresh != first.Refresh || again.Token != first.Token {
		t.Errorf("after ten seconds: %v; the same answer: %v", err, again.Refresh == first.Refresh && again.Token == first.Token)
	}
	if _, err := renew(t, c, first.Refresh); err != nil {
		t.Errorf("what both were given: %v", err)
	}
	// The one that went on has been used: who still has the old one is another.
	if _, err := renew(t, c, in.Refresh); !errors.Is(err, session.ErrReused) {
		t.Errorf("an old one whose successor was used: %v", err)
	}
}

func TestReuseEndsTheSignIn(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	in := signedIn(t, c, "ann")
	other := c.MustSignIn("ann", "another")
	c.Clock.Add(time.Minute)
	next, err := renew(t, c, in.Refresh)
	if err != nil {
		t.Fatal(err)
	}
	c.Clock.Add(10*time.Second + time.Microsecond)
	if _, err := renew(t, c, in.Refresh); !errors.Is(err, session.ErrReused) {
		t.Fatalf("used again: %v", err)
	}
	for what, raw := range map[string]string{"before": in.Token, "after": next.Token} {
		if _, err := c.Who(raw); !errors.Is(err, session.ErrReused) {
			t.Errorf("the access token of %s: %v", what, err)
		}
	}
	if _, err := renew(t, c, next.Refresh); !errors.Is(err, session.ErrReused) {
		t.Errorf("the refresh token that was good: %v", err)
	}
	if _, err := c.Who(other.Token); err != nil {
		t.Errorf("another device: %v", err)
	}
	events := c.Events(identity.AuditTokenReused)
	if len(events) != 1 || events[0].Actor != in.Principal.User.ID || events[0].Door != "test" {
		t.Errorf("events: %+v", events)
	}
}

func TestRenewInParallel(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	in := signedIn(t, c, "ann")
	c.Clock.Add(time.Minute)
	const callers = 50
	got := make([]session.SignedIn, callers)
	var all sync.WaitGroup
	for i := range callers {
		all.Go(func() {
			var err error
			if got[i], err = renew(t, c, in.Refresh); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, g := range got {
		if g.Refresh != got[0].Refresh || g.Token != got[0].Token {
			t.Error("two of them were given different tokens")
		}
	}
	if kept, err := c.Store.AccessToken(t.Context(), in.Principal.Token); err != nil || kept.Generation != 2 {
		t.Errorf("kept: %+v, %v; want generation 2", kept, err)
	}
}

func TestRenewRefuses(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	o := testkit.Origin()
	yes := true
	past := c.Clock.Now().Add(-time.Hour)
	for _, tc := range []struct {
		name string
		do   func(in session.SignedIn) error
		want error
	}{
		{"signed out", func(in session.SignedIn) error { return c.Sessions.SignOut(t.Context(), in.Principal, o) }, token.ErrInvalid},
		{"evicted", func(in session.SignedIn) error { return c.Sessions.End(t.Context(), 0, in.Session.ID, o) }, session.ErrEnded},
		{"disabled", func(in session.SignedIn) error {
			_, err := c.Accounts.UpdateUser(t.Context(), in.Principal.User.ID, account.UserChange{Disabled: &yes}, o)
			return err
		}, session.ErrUserDisabled},
		{"expired account", func(in session.SignedIn) error {
			_, err := c.Accounts.UpdateUser(t.Context(), in.Principal.User.ID, account.UserChange{ExpiresAt: &past}, o)
			return err
		}, session.ErrUserExpired},
		{"password changed", func(in session.SignedIn) error {
			password := "another good password"
			_, err := c.Accounts.UpdateUser(t.Context(), in.Principal.User.ID, account.UserChange{Password: &password}, o)
			return err
		}, session.ErrPasswordChanged},
		{"deleted", func(in session.SignedIn) error { return c.Accounts.DeleteUser(t.Context(), in.Principal.User.ID, o) }, session.ErrUserGone},
	} {
		in := signedIn(t, c, "u"+tc.name[:2]+tc.name[len(tc.name)-2:])
		if err := tc.do(in); err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		if _, err := renew(t, c, in.Refresh); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, err, tc.want)
		}
	}
}

func TestRenewKnowsItsTokens(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	in := signedIn(t, c, "ann")
	plain := c.MustSignIn("ann", "alist")
	for what, raw := range map[string]string{"an access token": in.Token, "garbage": "x.y.z", "nothing": ""} {
		if _, err := renew(t, c, raw); !errors.Is(err, token.ErrInvalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	client := session.Client{UserAgent: "testkit"}
	if _, err := c.Sessions.Renew(t.Context(), in.Refresh, "another", client, testkit.Origin()); !errors.Is(err, token.ErrInvalid) {
		t.Errorf("of another dialect: %v", err)
	}
	if _, err := c.Sessions.RenewAccess(t.Context(), plain.Token, testkit.Audience, client, testkit.Origin()); !errors.Is(err, token.ErrInvalid) {
		t.Errorf("a token that cannot be renewed: %v", err)
	}
	c.Clock.Add(renewLife)
	if _, err := renew(t, c, in.Refresh); !errors.Is(err, token.ErrExpired) {
		t.Errorf("after its end: %v", err)
	}
}

// Where there is no refresh token the access token is exchanged itself.
func TestRenewAccess(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	in := signedIn(t, c, "ann")
	client := session.Client{UserAgent: "testkit", Address: testkit.Address(1)}
	c.Clock.Add(3 * 24 * time.Hour) // it has expired
	next, err := c.Sessions.RenewAccess(t.Context(), in.Token, testkit.Audience, client, testkit.Origin())
	if err != nil {
		t.Fatal(err)
	}
	c.MustWho(next.Token)
	c.Clock.Add(time.Minute)
	if _, err := c.Sessions.RenewAccess(t.Context(), in.Token, testkit.Audience, client, testkit.Origin()); !errors.Is(err, session.ErrReused) {
		t.Errorf("used again: %v", err)
	}
	if _, err := c.Who(next.Token); !errors.Is(err, session.ErrReused) {
		t.Errorf("what it was exchanged for: %v", err)
	}
}

// exchangeable is a sign-in of which the access token is exchanged itself.
func exchangeable(t *testing.T, c *testkit.Core, name string) session.SignedIn {
	t.Helper()
	terms := renewable()
	terms.Life, terms.Renew, terms.Exchange = 30*24*time.Hour, 30*24*time.Hour, true
	in, err := c.Sessions.Open(t.Context(), c.User(name).ID, nil, device(name), terms)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func exchange(t *testing.T, c *testkit.Core, access string) session.SignedIn {
	t.Helper()
	next, err := c.Sessions.RenewAccess(t.Context(), access, testkit.Audience, session.Client{UserAgent: "testkit", Address: testkit.Address(1)}, testkit.Origin())
	if err != nil {
		t.Fatal(err)
	}
	return next
}

// A copy of an access token is worth nothing once its owner has exchanged it,
// however it is renewed and whatever is known of it from before.
func TestExchangedAccessTokenIsRefused(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	another := c.Again() // another process, which hears nothing of an exchange
	for name, next := range map[string]func(in session.SignedIn) (session.SignedIn, error){
		"access":  func(in session.SignedIn) (session.SignedIn, error) { return exchange(t, c, in.Token), nil },
		"refresh": func(in session.SignedIn) (session.SignedIn, error) { return renew(t, c, in.Refresh) },
	} {
		in := exchangeable(t, c, name)
		c.Clock.Add(time.Hour)
		for _, core := range []*testkit.Core{c, another} {
			core.MustWho(in.Token) // from now on it is known to be good
		}
		after, err := next(in)
		if err != nil {
			t.Fatal(err)
		}
		c.Clock.Add(10 * time.Second)
		want(t, name+": within the grace", whoErr(c, in.Token), nil)
		c.Clock.Add(time.Microsecond)
		for range 2 {
			want(t, name+": after it", whoErr(c, in.Token), token.ErrInvalid)
			want(t, name+": after it, elsewhere", whoErr(another, in.Token), token.ErrInvalid)
		}
		want(t, name+": the next", whoErr(c, after.Token), nil)
		again := exchange(t, c, after.Token)
		c.Clock.Add(11 * time.Second)
		want(t, name+": the next, exchanged", whoErr(c, after.Token), token.ErrInvalid)
		want(t, name+": after a restart", whoErr(c.Again(), after.Token), token.ErrInvalid)
		want(t, name+": the one after the next", whoErr(c, again.Token), nil)
	}
}

// Two exchanges in a row end the first text at once, unless it was just seen.
func TestExchangedTwiceIsRefusedAtOnce(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	in := exchangeable(t, c, "ann")
	next := exchange(t, c, exchange(t, c, in.Token).Token)
	want(t, "two before", whoErr(c, in.Token), token.ErrInvalid)
	want(t, "in use", whoErr(c, next.Token), nil)
}

// A clock that is set back makes no exchanged text good for longer.
func TestExchangedAccessTokenAndTheClock(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	in := exchangeable(t, c, "ann")
	c.Clock.Add(time.Hour)
	c.MustWho(in.Token)
	exchange(t, c, in.Token)
	c.Clock.Add(-30 * time.Minute)
	want(t, "half an hour earlier", whoErr(c, in.Token), token.ErrInvalid)
}

// What is known of such a token is asked of the store again, but not each time.
func TestExchangeableTokenIsSeldomRead(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	in := exchangeable(t, c, "ann")
	c.MustWho(in.Token)
	c.Store.Calls()
	for range 100 {
		c.Clock.Add(time.Second)
		c.MustWho(in.Token)
	}
	if calls := c.Store.Calls(); len(calls) != 1 || calls["AccessToken"] != 10 {
		t.Errorf("100 checks in 100 seconds made the calls %v, want 10 of AccessToken", calls)
	}
}

func TestRenewEndsAtLast(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	in := signedIn(t, c, "ann")
	began := c.Clock.Now()
	last := began
	for {
		c.Clock.Add(6 * 24 * time.Hour)
		next, err := renew(t, c, in.Refresh)
		if errors.Is(err, token.ErrExpired) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		in, last = next, c.Clock.Now()
	}
	if left := last.Sub(began); left > 90*24*time.Hour || left < 80*24*time.Hour {
		t.Errorf("was renewed for %v, want about 90 days", left)
	}
}

func TestOpaqueTokens(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	terms := session.Terms{Audiences: []identity.Audience{testkit.Audience}, Life: time.Hour, Opaque: true}
	in, err := c.Sessions.Open(t.Context(), ann.ID, nil, device("x"), terms)
	if err != nil || len(in.Token) != 36 || in.Refresh != "" {
		t.Fatalf("opened: %+v, %v", in, err)
	}
	if who := c.MustWho(in.Token); who.User.ID != ann.ID || who.Session != in.Session.ID {
		t.Errorf("who: %+v", who)
	}
	if _, err := c.Sessions.Authenticate(t.Context(), in.Token, "another", session.Client{}); !errors.Is(err, token.ErrInvalid) {
		t.Errorf("for another dialect: %v", err)
	}
	if again := c.Restart(); again.MustWho(in.Token).User.ID != ann.ID {
		t.Error("a restart signs out")
	} else {
		c = again
	}
	c.Clock.Add(time.Hour - time.Second)
	c.MustWho(in.Token)
	c.Clock.Add(time.Second)
	if _, err := c.Who(in.Token); !errors.Is(err, token.ErrExpired) {
		t.Errorf("after its end: %v", err)
	}
	c.Clock.Add(-time.Minute)
	if err := c.Sessions.SignOut(t.Context(), c.MustWho(in.Token), testkit.Origin()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Who(in.Token); !errors.Is(err, token.ErrInvalid) {
		t.Errorf("after signing out: %v", err)
	}
}
