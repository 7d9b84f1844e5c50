package login_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"latchkey/backend/account"
	"latchkey/backend/identity"
	"latchkey/backend/internal/testkit"
	"latchkey/backend/login"
)

const line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"

func addKey(t *testing.T, c *testkit.Core, name string) identity.SSHKey {
	t.Helper()
	k, err := c.Accounts.AddSSHKey(t.Context(), c.MustWho(c.MustSignIn(name, "").Token),
		account.NewSSHKey{Title: "laptop", Line: line}, testkit.Origin())
	must(t, err)
	return k
}

// A key opens the account of its owner and no other one, and why not is not told.
func TestCheckSSHKey(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	c.User("bob")
	key := addKey(t, c, "ann")
	check := func(name string, f identity.Fingerprint) error {
		_, _, err := c.Login.CheckSSHKey(t.Context(), name, f, testkit.Address(1))
		return err
	}
	p, found, err := c.Login.CheckSSHKey(t.Context(), "ANN ", key.Fingerprint, testkit.Address(1))
	if err != nil || p.User.ID != ann.ID || found.ID != key.ID || len(p.Factors) != 1 || p.Factors[0] != identity.FactorSSHKey {
		t.Errorf("ann with her key: %+v, %v", p, err)
	}
	want(t, "another user", check("bob", key.Fingerprint), login.ErrKeyRefused)
	want(t, "nobody", check("nobody", key.Fingerprint), login.ErrKeyRefused)
	want(t, "no name", check("", key.Fingerprint), login.ErrKeyRefused)
	want(t, "odd name", check("../ann", key.Fingerprint), login.ErrKeyRefused)
	want(t, "guest", check("guest", key.Fingerprint), login.ErrKeyRefused)
	want(t, "another key", check("ann", "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), login.ErrKeyRefused)
	want(t, "no key", check("ann", ""), login.ErrKeyRefused)

	update := func(ch account.UserChange) {
		t.Helper()
		_, err := c.Accounts.UpdateUser(t.Context(), ann.ID, ch, testkit.Origin())
		must(t, err)
	}
	yes, no := true, false
	update(account.UserChange{MustChange: &yes})
	want(t, "must change the password", check("ann", key.Fingerprint), login.ErrMustChangePassword)
	want(t, "must change the password, another key", check("ann", ""), login.ErrKeyRefused)
	update(account.UserChange{MustChange: &no, Disabled: &yes})
	want(t, "disabled", check("ann", key.Fingerprint), login.ErrKeyRefused)
	update(account.UserChange{Disabled: &no})
	must(t, check("ann", key.Fingerprint))
	must(t, c.Accounts.DeleteSSHKey(t.Context(), ann.ID, key.ID, testkit.Origin()))
	want(t, "deleted", check("ann", key.Fingerprint), login.ErrKeyRefused)
}

// A key opens nothing outside its rules, and of them only the time is told.
func TestCheckSSHKeyRules(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	c.User("ann")
	key, err := c.Accounts.AddSSHKey(t.Context(), c.MustWho(c.MustSignIn("ann", "").Token), account.NewSSHKey{
		Title: "laptop", Line: `from="192.0.2.0/24" ` + line,
		Rules: identity.KeyRules{ExpiresAt: c.Clock.Now().Add(time.Hour), ReadOnly: true, Folder: "/photos/"},
	}, testkit.Origin())
	must(t, err)
	if want := (identity.KeyRules{ExpiresAt: key.Rules.ExpiresAt, From: "192.0.2.0/24", ReadOnly: true, Folder: "/photos"}); key.Rules != want {
		t.Errorf("the rules are %+v, want %+v", key.Rules, want)
	}
	check := func(from string) error {
		var addr netip.Addr
		if from != "" {
			addr = netip.MustParseAddr(from)
		}
		_, _, err := c.Login.CheckSSHKey(t.Context(), "ann", key.Fingerprint, addr)
		return err
	}
	must(t, check("192.0.2.9"))
	must(t, check("::ffff:192.0.2.9"))
	want(t, "elsewhere", check("198.51.100.1"), login.ErrKeyRefused)
	want(t, "nowhere", check(""), login.ErrKeyRefused)
	c.Clock.Add(time.Hour)
	want(t, "expired, elsewhere", check("198.51.100.1"), login.ErrKeyRefused)
	err = check("192.0.2.9")
	want(t, "expired", err, login.ErrKeyExpired)
	at := key.Rules.ExpiresAt.UTC().Format("2006-01-02 15:04 UTC")
	if said := identity.AsError(err).Message; strings.Count(said, at) != 2 {
		t.Errorf("an expired key is told %q, where it is %s", said, at)
	}
}

// Offering a key is not using it.
func TestLastUseIsOfAFinishedHandshake(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	c.User("ann")
	key := addKey(t, c, "ann")
	p, found, err := c.Login.CheckSSHKey(t.Context(), "ann", key.Fingerprint, testkit.Address(1))
	must(t, err)
	c = c.Restart()
	if k, err := c.Store.SSHKey(t.Context(), key.ID); err != nil || !k.LastUsedAt.IsZero() {
		t.Errorf("an offered key was last used at %v, %v", k.LastUsedAt, err)
	}
	for range 3 {
		c.Clock.Add(time.Minute)
		c.Login.SSHKeySignedIn(t.Context(), p, found, testkit.Address(1))
	}
	used := c.Clock.Now()
	c = c.Restart()
	if k, err := c.Store.SSHKey(t.Context(), key.ID); err != nil || !k.LastUsedAt.Equal(used) {
		t.Errorf("a key was last used at %v, %v; want %v", k.LastUsedAt, err, used)
	}
	events := c.Events(identity.AuditSignIn)
	if len(events) != 4 || events[0].Door != "sftp" || events[0].Target != string(key.Fingerprint) {
		t.Errorf("recorded as %+v", events)
	}
}

func TestSSHKeyOfAStoreThatFails(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	c.User("ann")
	key := addKey(t, c, "ann")
	for _, method := range []string{"UserByName", "User"} {
		c.User("u" + string(method[len(method)-1])) // what is in memory is out of date
		c.Store.FailWith(func(m string) error {
			if m == method {
				return identity.NewError(identity.Unavailable, "storage_failing", "No.")
			}
			return nil
		})
		_, _, err := c.Login.CheckSSHKey(t.Context(), "ann", key.Fingerprint, testkit.Address(1))
		wantKind(t, method, err, identity.Unavailable)
		c.Store.FailWith(nil)
	}
}
