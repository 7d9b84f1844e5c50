package login_test

import (
	"strings"
	"testing"

	"latchkey/backend/account"
	"latchkey/backend/credential/password"
	"latchkey/backend/identity"
	"latchkey/backend/internal/testkit"
	"latchkey/backend/login"
)

func stored(t *testing.T, c *testkit.Core, id identity.UserID) identity.PasswordHash {
	t.Helper()
	u, err := c.Store.User(t.Context(), id)
	must(t, err)
	return u.PasswordHash
}

// A hash of other costs is renewed at sign-in, which is no change of password.
func TestStaleHashIsRenewed(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	phone := c.MustSignIn("ann", "phone")
	before := stored(t, c, ann.ID)
	c.Hasher.SetParams(password.Params{MemoryKiB: 128, Passes: 2, Lanes: 1})
	want(t, "a wrong guess", try(c, "ann", "wrong"), login.ErrCredentials)
	if stored(t, c, ann.ID) != before {
		t.Error("a wrong guess renewed the hash")
	}
	must(t, try(c, "ann", testkit.Password))
	after := stored(t, c, ann.ID)
	if after == before || !strings.Contains(string(after), "m=128,t=2,p=1") {
		t.Errorf("the hash was not renewed: %s", string(after)[:30])
	}
	must(t, try(c, "ann", testkit.Password))
	if stored(t, c, ann.ID) != after {
		t.Error("a fresh hash was renewed again")
	}
	c.MustWho(phone.Token)
}

// The renewal must not bring a password back that was changed meanwhile.
func TestRenewalLosesToAChange(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	c.Hasher.SetParams(password.Params{MemoryKiB: 128, Passes: 2, Lanes: 1})
	other := "another good one"
	c.Store.FailWith(func(method string) error {
		if method != "UpdateUser" { // the renewal is about to be written
			return nil
		}
		c.Store.FailWith(nil)
		_, err := c.Accounts.UpdateUser(t.Context(), ann.ID, account.UserChange{Password: &other}, testkit.Origin())
		return err
	})
	want(t, "the old password", try(c, "ann", testkit.Password), login.ErrCredentials)
	want(t, "the old password, later", try(c, "ann", testkit.Password), login.ErrCredentials)
	must(t, try(c, "ann", other))
}

// A renewal that cannot be written keeps nobody out.
func TestRenewalThatFails(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	c.User("ann")
	c.Hasher.SetParams(password.Params{MemoryKiB: 128, Passes: 2, Lanes: 1})
	c.Store.FailWith(func(method string) error {
		if method == "UpdateUser" {
			return identity.NewError(identity.Unavailable, "storage_failing", "No.")
		}
		return nil
	})
	must(t, try(c, "ann", testkit.Password))
	if !strings.Contains(c.Logged(), "renew password hash") {
		t.Error("the log says nothing")
	}
}

// A damaged row lets nobody in and asks for no absurd work; the log tells it,
// but not the hash.
func TestDamagedHash(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	good := string(stored(t, c, ann.ID))
	for _, damaged := range []string{
		"x", "$", "$argon2id$", good[:len(good)-1], good + "A", strings.Replace(good, "p=1", "p=255", 1),
		strings.Replace(good, "m=64", "m=4294967295", 1), strings.Replace(good, "t=1", "t=4294967295", 1),
		strings.Replace(good, "argon2id", "argon2i", 1), strings.Replace(good, "v=19", "v=16", 1),
		strings.Repeat("$argon2id", 10000),
	} {
		_, err := c.Store.UpdateUser(t.Context(), ann.ID, func(u identity.User) (identity.User, error) {
			u.PasswordHash = identity.PasswordHash(damaged)
			return u, nil
		})
		must(t, err)
		for _, text := range []string{testkit.Password, ""} {
			want(t, damaged[:min(len(damaged), 40)], try(c, "ann", text), login.ErrCredentials)
		}
		_, err = c.Throttle.ClearAll(t.Context())
		must(t, err)
	}
	if log := c.Logged(); !strings.Contains(log, "stored password hash is unusable") || strings.Contains(log, good[30:60]) {
		t.Error("the log does not tell of the damage, or tells the hash")
	}
}
