package login_test

import (
	"net/netip"
	"testing"
	"time"

	"latchkey/backend/account"
	"latchkey/backend/apikey"
	"latchkey/backend/credential/password"
	"latchkey/backend/identity"
	"latchkey/backend/internal/testkit"
	"latchkey/backend/login"
	"latchkey/backend/session"
)

func networks(list ...string) *[]netip.Prefix {
	out := networksOf(list...)
	return &out
}

func networksOf(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, s := range list {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}

// devKey makes a developer key for somebody who has just signed in.
func devKey(t *testing.T, c *testkit.Core, token string, proof account.Proof) (identity.APIKey, string) {
	t.Helper()
	k, text, err := c.Keys.Create(t.Context(), c.MustWho(token), apikey.NewKey{Kind: identity.KeyDev, Name: "script", Proof: proof}, testkit.Origin())
	must(t, err)
	return k, text.Reveal()
}

func withKey(c *testkit.Core, t *testing.T, name, text string) (session.SignedIn, error) {
	a := testkit.Attempt(name, "")
	a.LockFor = 2 * time.Hour
	return c.Login.SignInWithKey(t.Context(), a, text, session.Client{Address: a.Address}, testkit.Terms())
}

func TestSignInWithKey(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	c.User("bob")
	k, text := devKey(t, c, c.MustSignIn("ann", "phone").Token, account.Proof{})
	for _, name := range []string{"", "ann", " ANN"} {
		in, err := withKey(c, t, name, text)
		must(t, err)
		if in.Principal.User.ID != ann.ID || c.MustWho(in.Token).Key.ID != 0 {
			t.Errorf("as %q: signed in as %+v", name, in.Principal)
		}
	}
	for name, try := range map[string]struct{ login, text string }{
		"another's name":    {"bob", text},
		"nobody's name":     {"nobody", text},
		"another key":       {"ann", text[:len(text)-1] + "0"},
		"no key":            {"ann", ""},
		"garbage":           {"ann", "garbage"},
		"an API key's form": {"ann", "ak_1234567890abcdef1234567890abcdef12345678"},
	} {
		if try.text == text[:len(text)-1]+"0" && text[len(text)-1] == '0' {
			continue
		}
		if _, err := withKey(c, t, try.login, try.text); identity.AsError(err).Code != login.ErrCredentials.Code {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := c.Keys.SetEnabled(t.Context(), k, false, testkit.Origin())
	must(t, err)
	if _, err := withKey(c, t, "bob", text); identity.AsError(err).Code != login.ErrCredentials.Code {
		t.Errorf("a disabled key: %v", err)
	}
}

// Wrong keys count like wrong passwords of the account that they name, and
// without a name for the address alone: else anybody could lock all keys.
func TestKeysAreThrottled(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	c.User("ann")
	_, text := devKey(t, c, c.MustSignIn("ann", "phone").Token, account.Proof{})
	for range 3 {
		_, err := withKey(c, t, "ann", "wrong")
		want(t, "a wrong key", err, login.ErrCredentials)
	}
	wrong(t, c, "ann", 2)
	_, err := withKey(c, t, "ann", text)
	wantKind(t, "after five", err, identity.Throttled)
	for i := range 200 {
		a := testkit.Attempt("", "")
		a.Address = testkit.Address(100 + i/4)
		_, err := c.Login.SignInWithKey(t.Context(), a, "wrong", session.Client{Address: a.Address}, testkit.Terms())
		want(t, "a wrong key without a name", err, login.ErrCredentials)
	}
	_, err = withKey(c, t, "", text)
	must(t, err)
	for range 5 {
		_, err := withKey(c, t, "", "wrong")
		want(t, "a wrong key without a name", err, login.ErrCredentials)
	}
	_, err = withKey(c, t, "", text)
	wantKind(t, "after five from one address", err, identity.Throttled)
}

// A good key says nothing of the password, so it does not clear the way for
// guessing that.
func TestKeyForgetsNoFailures(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	c.User("ann")
	_, text := devKey(t, c, c.MustSignIn("ann", "phone").Token, account.Proof{})
	for range 4 {
		wrong(t, c, "ann", 1)
		_, err := withKey(c, t, "ann", text)
		must(t, err)
	}
	wantFailures(t, c, "ann", 4)
}

// A key is made under proof of both factors, and stands by itself then.
func TestKeyAndSecondFactor(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	c.User("ann")
	token := c.MustSignIn("ann", "phone").Token
	secret, _ := c.EnableTOTP(token)
	for what, proof := range map[string]account.Proof{"no code": {}, "a wrong code": {Code: "000000"}} {
		_, _, err := c.Keys.Create(t.Context(), c.MustWho(token), apikey.NewKey{Kind: identity.KeyDev, Name: "x", Proof: proof}, testkit.Origin())
		wantKind(t, what, err, identity.FactorRequired)
	}
	_, text := devKey(t, c, token, account.Proof{Code: c.Code(secret)})
	in, err := withKey(c, t, "ann", text)
	must(t, err)
	if len(in.Principal.Factors) != 1 || in.Principal.Factors[0] != identity.FactorKey {
		t.Errorf("factors: %v", in.Principal.Factors)
	}
	c.Clock.Add(time.Hour)
	_, _, err = c.Keys.Create(t.Context(), c.MustWho(token), apikey.NewKey{Kind: identity.KeyDev, Name: "x", Proof: account.Proof{Code: c.Code(secret)}}, testkit.Origin())
	want(t, "long after signing in, without the password", err, account.ErrProofNeeded)
	_, _, err = c.Keys.Create(t.Context(), c.MustWho(token), apikey.NewKey{Kind: identity.KeyDev, Name: "x", Proof: account.Proof{
		Password: password.DigestOf(testkit.Password), Code: c.Code(secret),
	}}, testkit.Origin())
	must(t, err)
}

// Deleting or disabling a key ends what keys have opened, and nothing else.
func TestAKeyTakesItsSessionsAlong(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	c.User("ann")
	c.User("bob")
	phone := c.MustSignIn("ann", "phone").Token
	k, text := devKey(t, c, phone, account.Proof{})
	_, bobs := devKey(t, c, c.MustSignIn("bob", "phone").Token, account.Proof{})
	other, err := withKey(c, t, "bob", bobs)
	must(t, err)
	for _, end := range []func() error{
		func() error { _, err := c.Keys.SetEnabled(t.Context(), k, false, testkit.Origin()); return err },
		func() error {
			return c.Keys.Delete(t.Context(), k, testkit.Origin())
		},
	} {
		_, err := c.Keys.SetEnabled(t.Context(), k, true, testkit.Origin())
		must(t, err)
		in, err := withKey(c, t, "ann", text)
		must(t, err)
		c.MustWho(in.Token)
		must(t, end())
		if _, err := c.Who(in.Token); err == nil {
			t.Error("a session outlives the key that opened it")
		}
	}
	c.MustWho(phone)
	c.MustWho(other.Token)
}
