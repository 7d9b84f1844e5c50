package apikey_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/backend/account"
	"latchkey/backend/apikey"
	"latchkey/backend/credential/password"
	"latchkey/backend/identity"
	"latchkey/backend/internal/testkit"
	"latchkey/backend/session"
	"latchkey/backend/store"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t *testing.T, what string, err error, code string) {
	t.Helper()
	if err == nil || identity.AsError(err).Code != code {
		t.Errorf("%s: %v, want %s", what, err, code)
	}
}

// make1 makes an API key for somebody who signs in.
func make1(t testing.TB, c *testkit.Core, name string, permissions ...string) (identity.APIKey, string) {
	t.Helper()
	k, text, err := c.Keys.Create(t.Context(), c.MustWho(c.MustSignIn(name, "phone").Token),
		apikey.NewKey{Kind: identity.KeyAPI, Name: "script", Permissions: permissions}, testkit.Origin())
	must(t, err)
	return k, text.Reveal()
}

func act(t testing.TB, c *testkit.Core, text string) (identity.Principal, error) {
	t.Helper()
	return c.Keys.Authenticate(t.Context(), identity.KeyAPI, text, session.Client{Address: testkit.Address(1)})
}

func TestCreate(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	who := c.MustWho(c.MustSignIn("admin", "desk").Token)
	k, text, err := c.Keys.Create(t.Context(), who, apikey.NewKey{
		Kind: identity.KeyAPI, Name: " Backup ", Description: "nightly", Permissions: []string{"read", "READ", "user.read"}, Life: 24 * time.Hour,
	}, testkit.Origin())
	must(t, err)
	if k.Name != "Backup" || !slices.Equal(k.Permissions, []identity.Permission{"read", "user.read"}) || !k.ExpiresAt.Equal(c.Clock.Now().Add(24*time.Hour)) {
		t.Errorf("made %+v", k)
	}
	if s := text.Reveal(); len(s) != 43 || !strings.HasPrefix(s, "ak_") || k.Prefix != s[:9] {
		t.Errorf("the text is %q, the prefix %q", s, k.Prefix)
	}
	if printed := fmt.Sprintf("%v %+v %s", text, text, text); strings.Contains(printed, text.Reveal()) {
		t.Error("the text can be printed")
	}
	dev, devText, err := c.Keys.Create(t.Context(), who, apikey.NewKey{Kind: identity.KeyDev, Name: "dev", Permissions: []string{"read"}}, testkit.Origin())
	must(t, err)
	if s := devText.Reveal(); len(s) != 46 || s[:10] != fmt.Sprint(c.Clock.Now().Unix()) || len(dev.Permissions) != 0 || !dev.ExpiresAt.IsZero() {
		t.Errorf("the developer key is %q, %+v", s, dev)
	}
	for _, tc := range []struct {
		code string
		n    apikey.NewKey
	}{
		{"api_key_name_invalid", apikey.NewKey{Permissions: []string{"read"}}},
		{"api_key_name_invalid", apikey.NewKey{Name: strings.Repeat("x", 65), Permissions: []string{"read"}}},
		{"api_key_name_invalid", apikey.NewKey{Name: "a\nb", Permissions: []string{"read"}}},
		{"api_key_description_invalid", apikey.NewKey{Name: "x", Description: strings.Repeat("x", 501), Permissions: []string{"read"}}},
		{"permissions_missing", apikey.NewKey{Name: "x"}},
		{"permission_unknown", apikey.NewKey{Name: "x", Permissions: []string{"metrics"}}},
		{"permission_unknown", apikey.NewKey{Name: "x", Permissions: []string{"account.own"}}},
		{"permission_unknown", apikey.NewKey{Name: "x", Permissions: []string{"read", ""}}},
		{"api_key_life_invalid", apikey.NewKey{Name: "x", Permissions: []string{"read"}, Life: -time.Second}},
	} {
		tc.n.Kind = identity.KeyAPI
		_, _, err := c.Keys.Create(t.Context(), who, tc.n, testkit.Origin())
		wantCode(t, fmt.Sprintf("%+v", tc.n), err, tc.code)
	}
	forever, _, err := c.Keys.Create(t.Context(), who, apikey.NewKey{
		Kind: identity.KeyAPI, Name: "x", Permissions: []string{"read"}, Life: 200 * 365 * 24 * time.Hour,
	}, testkit.Origin())
	must(t, err)
	if !forever.ExpiresAt.Equal(c.Clock.Now().Add(apikey.MaxLife)) {
		t.Errorf("ends at %v", forever.ExpiresAt)
	}
}

// Nobody makes a key that is wider than themselves, and no key makes keys.
func TestCreateNoWider(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	c.User("ann")
	ann := c.MustWho(c.MustSignIn("ann", "phone").Token)
	for _, name := range []string{"user.read", "apikey.manage", "sftp.read"} {
		_, _, err := c.Keys.Create(t.Context(), ann, apikey.NewKey{Kind: identity.KeyAPI, Name: "x", Permissions: []string{"read", name}}, testkit.Origin())
		wantCode(t, name, err, "permission_not_held")
	}
	_, text := make1(t, c, "ann", "admin")
	key, err := act(t, c, text)
	must(t, err)
	if key.Can(identity.UserRead) || !key.Can(identity.OwnAccountWrite) || key.Can(identity.OwnAccount) {
		t.Error("a key for all that ann may do can do something else")
	}
	for _, kind := range []identity.KeyKind{identity.KeyAPI, identity.KeyDev} {
		_, _, err := c.Keys.Create(t.Context(), key, apikey.NewKey{Kind: kind, Name: "x", Permissions: []string{"read"}}, testkit.Origin())
		wantCode(t, string(kind), err, "key_makes_no_key")
	}
}

func TestTooMany(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	who := c.MustWho(c.MustSignIn("admin", "desk").Token)
	n := apikey.NewKey{Kind: identity.KeyDev, Name: "x"}
	var last identity.APIKey
	for range apikey.MaxDevKeys {
		var err error
		last, _, err = c.Keys.Create(t.Context(), who, n, testkit.Origin())
		must(t, err)
	}
	_, _, err := c.Keys.Create(t.Context(), who, n, testkit.Origin())
	wantCode(t, "one too many", err, "api_key_limit")
	_, _, err = c.Keys.Replace(t.Context(), who, apikey.Replacement{Old: last, Overlap: apikey.Overlap}, testkit.Origin())
	must(t, err)
	make1(t, c, "admin", "read")
}

// What a key may do is asked again each time: of the key, of its owner and of
// the owner's roles.
func TestAuthenticate(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	role, err := c.Accounts.CreateRole(t.Context(), identity.Role{Name: "helpdesk", Grants: []identity.Permission{identity.UserRead}}, testkit.Origin())
	must(t, err)
	ann, err := c.Accounts.CreateUser(t.Context(), account.NewUser{Username: "ann", Password: testkit.Password, Roles: []identity.RoleID{role.ID}}, testkit.Origin())
	must(t, err)
	k, text := make1(t, c, "ann", "user.read")
	p, err := act(t, c, text)
	must(t, err)
	if p.User.ID != ann.ID || p.Key.ID != k.ID || p.Session != "" || !p.Can(identity.UserRead) || p.Can(identity.OwnAccountRead) || p.Can(identity.UserManage) {
		t.Errorf("acts as %+v", p)
	}
	c.Store.Calls()
	for range 100 {
		if _, err := act(t, c, text); err != nil {
			t.Fatal(err)
		}
	}
	calls := c.Store.Calls()
	delete(calls, "AppendAudit") // of before, in its own time
	if len(calls) != 0 {
		t.Errorf("a check asks the store: %v", calls)
	}

	_, err = c.Accounts.UpdateRole(t.Context(), role.ID, func(r identity.Role) identity.Role { r.Grants = nil; return r }, testkit.Origin())
	must(t, err)
	if p, err := act(t, c, text); err != nil || p.Can(identity.UserRead) {
		t.Errorf("after the role was narrowed: %v, %v", p.Can(identity.UserRead), err)
	}
	off, on := true, false
	_, err = c.Accounts.UpdateUser(t.Context(), ann.ID, account.UserChange{Disabled: &off}, testkit.Origin())
	must(t, err)
	if _, err := act(t, c, text); !errors.Is(err, session.ErrUserDisabled) {
		t.Errorf("of a disabled user: %v", err)
	}
	_, err = c.Accounts.UpdateUser(t.Context(), ann.ID, account.UserChange{Disabled: &on}, testkit.Origin())
	must(t, err)

	if k, err = c.Keys.SetEnabled(t.Context(), k, false, testkit.Origin()); err != nil || k.DisabledAt.IsZero() {
		t.Errorf("disabled: %+v, %v", k, err)
	}
	if _, err := act(t, c, text); !errors.Is(err, apikey.ErrDisabled) {
		t.Errorf("disabled: %v", err)
	}
	if k, err = c.Keys.SetEnabled(t.Context(), k, true, testkit.Origin()); err != nil || !k.DisabledAt.IsZero() || k.EnabledAt.IsZero() {
		t.Errorf("enabled: %+v, %v", k, err)
	}
	if _, err := act(t, c, text); err != nil {
		t.Errorf("enabled: %v", err)
	}
	must(t, c.Keys.Delete(t.Context(), k, testkit.Origin()))
	if _, err := act(t, c, text); !errors.Is(err, apikey.ErrInvalid) {
		t.Errorf("deleted: %v", err)
	}
	if err := c.Keys.Delete(t.Context(), k, testkit.Origin()); !errors.Is(err, apikey.ErrNotFound) {
		t.Errorf("deleted again: %v", err)
	}
}

func TestKeysEnd(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	who := c.MustWho(c.MustSignIn("admin", "desk").Token)
	_, text, err := c.Keys.Create(t.Context(), who, apikey.NewKey{Kind: identity.KeyAPI, Name: "x", Permissions: []string{"read"}, Life: time.Hour}, testkit.Origin())
	must(t, err)
	c.Clock.Add(time.Hour - time.Microsecond)
	if _, err := act(t, c, text.Reveal()); err != nil {
		t.Errorf("before its end: %v", err)
	}
	c.Clock.Add(time.Microsecond)
	if _, err := act(t, c, text.Reveal()); !errors.Is(err, apikey.ErrExpired) {
		t.Errorf("at its end: %v", err)
	}
}

func TestWhatIsNoKey(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	_, text := make1(t, c, "admin", "read")
	_, dev, err := c.Keys.Create(t.Context(), c.MustWho(c.MustSignIn("admin", "desk").Token), apikey.NewKey{Kind: identity.KeyDev, Name: "x"}, testkit.Origin())
	must(t, err)
	for i := range len(text) {
		changed := []byte(text)
		changed[i] ^= 1
		if _, err := act(t, c, string(changed)); !errors.Is(err, apikey.ErrInvalid) {
			t.Fatalf("%q: %v", changed, err)
		}
	}
	for _, s := range []string{"", "ak_", strings.ToUpper(text), text + " ", " " + text, text[:9], strings.Repeat(text, 1000), dev.Reveal()} {
		if _, err := act(t, c, s); !errors.Is(err, apikey.ErrInvalid) {
			t.Errorf("%.50q: %v", s, err)
		}
	}
	if _, err := c.Keys.Find(t.Context(), identity.KeyDev, text); !errors.Is(err, apikey.ErrInvalid) {
		t.Errorf("an API key as a developer key: %v", err)
	}
	c.Store.Calls()
}

func TestOwners(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann, bob := c.User("ann"), c.User("bob")
	k, _ := make1(t, c, "ann", "read")
	for _, tc := range []struct {
		owner identity.UserID
		kind  identity.KeyKind
		ok    bool
	}{{ann.ID, identity.KeyAPI, true}, {0, identity.KeyAPI, true}, {bob.ID, identity.KeyAPI, false}, {ann.ID, identity.KeyDev, false}} {
		if _, err := c.Keys.Of(t.Context(), tc.owner, tc.kind, k.ID); (err == nil) != tc.ok || err != nil && !errors.Is(err, apikey.ErrNotFound) {
			t.Errorf("%+v: %v", tc, err)
		}
	}
	_, _, err := c.Keys.Replace(t.Context(), c.MustWho(c.MustSignIn("bob", "phone").Token), apikey.Replacement{Old: k}, testkit.Origin())
	wantCode(t, "another's key", err, "api_key_not_found")
}

func TestReplace(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	who := c.MustWho(c.MustSignIn("ann", "phone").Token)
	old, oldText, err := c.Keys.Create(t.Context(), who, apikey.NewKey{Kind: identity.KeyDev, Name: "cron", Life: 100 * 24 * time.Hour}, testkit.Origin())
	must(t, err)
	c.Clock.Add(5 * time.Minute)
	_, _, err = c.Keys.Replace(t.Context(), who, apikey.Replacement{Old: old, Overlap: apikey.MaxOverlap + 1}, testkit.Origin())
	wantCode(t, "a long overlap", err, "overlap_invalid")
	k, text, err := c.Keys.Replace(t.Context(), who, apikey.Replacement{Old: old, Overlap: time.Hour}, testkit.Origin())
	must(t, err)
	if k.Name != "cron" || !k.ExpiresAt.Equal(c.Clock.Now().Add(100*24*time.Hour)) || text == oldText {
		t.Errorf("replaced by %+v", k)
	}
	find := func(s string) error {
		_, err := c.Keys.Find(t.Context(), identity.KeyDev, s)
		return err
	}
	must(t, errors.Join(find(text.Reveal()), find(oldText.Reveal())))
	c.Clock.Add(time.Hour)
	must(t, find(text.Reveal()))
	if err := find(oldText.Reveal()); !errors.Is(err, apikey.ErrExpired) {
		t.Errorf("the old one after the overlap: %v", err)
	}
	list, total, err := c.Keys.List(t.Context(), store.APIKeyFilter{User: ann.ID, Kind: identity.KeyDev, Status: identity.KeyActive}, identity.Page{})
	if err != nil || total != 1 || list[0].ID != k.ID {
		t.Errorf("listed %+v, %d, %v", list, total, err)
	}
	c.Clock.Add(account.FreshFor)
	_, _, err = c.Keys.Replace(t.Context(), who, apikey.Replacement{Old: k}, testkit.Origin())
	wantCode(t, "without proof", err, "proof_needed")
}

// A key can be replaced also by who has as many as there can be, but not over
// and over: each time there is one more until the overlap is over.
func TestReplaceHasAnEnd(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	c.User("ann")
	who := c.MustWho(c.MustSignIn("ann", "phone").Token)
	var k identity.APIKey
	for range apikey.MaxDevKeys {
		var err error
		k, _, err = c.Keys.Create(t.Context(), who, apikey.NewKey{Kind: identity.KeyDev, Name: "cron"}, testkit.Origin())
		must(t, err)
	}
	for range apikey.MaxDevKeys {
		_, _, err := c.Keys.Replace(t.Context(), who, apikey.Replacement{Old: k, Overlap: time.Hour}, testkit.Origin())
		must(t, err)
	}
	_, _, err := c.Keys.Replace(t.Context(), who, apikey.Replacement{Old: k, Overlap: time.Hour}, testkit.Origin())
	wantCode(t, "once more", err, "api_key_limit")
	k, err = c.Keys.Of(t.Context(), k.User, identity.KeyDev, k.ID)
	must(t, err)
	c.Clock.Add(time.Hour)
	_, _, err = c.Keys.Replace(t.Context(), who, apikey.Replacement{Old: k}, testkit.Origin())
	wantCode(t, "when it has ended", err, "api_key_ended")
	must(t, c.Keys.Delete(t.Context(), k, testkit.Origin()))
}

func FuzzParseText(f *testing.F) {
	f.Add("ak_1234567890abcdef1234567890abcdef12345678")
	f.Add("1547798578ed48b611-44e0-45ac-9642-92510e357811")
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		kind, err := apikey.ParseText(s)
		if (err == nil) != (kind != "") || len(s) > 64 && err == nil || strings.ToLower(s) != s && err == nil {
			t.Errorf("ParseText(%q) = %q, %v", s, kind, err)
		}
	})
}

// A key that is as good as its owner, or looks after others, outlives the
// sign-in that made it, so it takes proof; one that reads does not.
func TestFarReachingKeysNeedProof(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	who := c.MustWho(c.MustSignIn("admin", "desk").Token)
	c.Clock.Add(account.FreshFor)
	create := func(p account.Proof, names ...string) error {
		_, _, err := c.Keys.Create(t.Context(), who, apikey.NewKey{Kind: identity.KeyAPI, Name: "x", Permissions: names, Proof: p}, testkit.Origin())
		return err
	}
	for _, name := range []string{"admin", "user.manage", "role.read"} {
		wantCode(t, name, create(account.Proof{}, "read", name), "proof_needed")
		must(t, create(account.Proof{Password: password.DigestOf(testkit.Password)}, "read", name))
	}
	must(t, create(account.Proof{}, "read", "write", "sftp.read"))
}
