package account_test

import (
	"strings"
	"testing"
	"time"

	"latchkey/backend/account"
	"latchkey/backend/identity"
	"latchkey/backend/internal/testkit"
	"latchkey/backend/login"
	"latchkey/backend/session"
)

const newPassword = "an entirely new one"

// change asks for a new password with an old one, "" for none.
func change(t *testing.T, c *testkit.Core, p identity.Principal, to, old string) error {
	t.Helper()
	_, err := c.Accounts.UpdateOwn(t.Context(), p, account.OwnChange{Password: &to, Proof: proof(old, "")}, testkit.Origin())
	return err
}

// A new password needs the old one, unless the sign-in is fresh.
func TestOldPasswordIsAsked(t *testing.T) {
	for _, tc := range []struct {
		later time.Duration
		old   string
		want  error
	}{
		{0, "", nil},
		{account.FreshFor - time.Second, "", nil},
		{account.FreshFor, "", account.ErrProofNeeded},
		{24 * time.Hour, "", account.ErrProofNeeded},
		{-account.FreshFor, "", account.ErrProofNeeded},
		{24 * time.Hour, testkit.Password, nil},
		{24 * time.Hour, "wrong", login.ErrCredentials},
		{24 * time.Hour, "the password of bob", login.ErrCredentials},
		{0, "wrong", login.ErrCredentials}, // what is shown is checked
	} {
		c := testkit.Open(t, testkit.Options{})
		_, err := c.Accounts.CreateUser(t.Context(), account.NewUser{Username: "bob", Password: "the password of bob"}, testkit.Origin())
		must(t, err)
		p, token := signedIn(t, c, "ann")
		c.Clock.Add(tc.later)
		want(t, tc.later.String()+" later with "+tc.old, change(t, c, p, newPassword, tc.old), tc.want)
		_, err = c.Who(token)
		if changed := tc.want == nil; changed {
			want(t, "the token after a change", err, session.ErrPasswordChanged)
		} else if tc.later >= 0 {
			want(t, "the token after a refusal", err, nil)
		}
		if failures, _, _ := c.Failures("ann"); (failures == 1) != (tc.want == login.ErrCredentials) {
			t.Errorf("%v later with %q: %d failures", tc.later, tc.old, failures)
		}
	}
}

// Guesses of the old password lock like any others.
func TestOldPasswordIsNotGuessed(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	p, token := signedIn(t, c, "ann")
	for range 5 {
		want(t, "a guess", change(t, c, p, newPassword, "wrong"), login.ErrCredentials)
	}
	wantCode(t, "the sixth", change(t, c, p, newPassword, testkit.Password), "too_many_attempts")
	c.MustWho(token) // the session itself stays
}

// A change of password ends every session and token, and the old password.
func TestPasswordChangeEndsEverything(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	p, token := signedIn(t, c, "ann")
	other, shared := c.MustSignIn("ann", "laptop").Token, c.MustSignIn("ann", "").Token
	_, bobs := signedIn(t, c, "bob")
	must(t, change(t, c, p, newPassword, ""))
	for what, raw := range map[string]string{"own": token, "other": other, "shared": shared} {
		_, err := c.Who(raw)
		want(t, what, err, session.ErrPasswordChanged)
	}
	c.MustWho(bobs)
	_, err := c.SignIn(testkit.Attempt("ann", testkit.Password), "phone")
	want(t, "the old password", err, login.ErrCredentials)
	_, err = c.SignIn(testkit.Attempt("ann", newPassword), "phone")
	must(t, err)
	_, err = c.Restart().Who(token)
	want(t, "after a restart and a new sign-in of the device", err, session.ErrPasswordChanged)
}

// Two changes in the same moment are two changes: no time is fine enough to
// tell tokens apart by it.
func TestPasswordChangesInOneMoment(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	_, token := signedIn(t, c, "ann")
	for _, text := range []string{"first new one", "second new one", "third new one"} {
		must(t, update(t, c, 3, account.UserChange{Password: &text}))
		_, err := c.Who(token)
		want(t, text, err, session.ErrPasswordChanged)
		in, err := c.SignIn(testkit.Attempt("ann", text), "phone")
		must(t, err)
		token = in.Token
	}
}

// Whoever must change their password cannot keep it.
func TestForcedChange(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	signedIn(t, c, "ann")
	must(t, update(t, c, 3, account.UserChange{MustChange: ptr(true)}))
	in := c.MustSignIn("ann", "phone")
	p := c.MustWho(in.Token)
	wantCode(t, "the same one, fresh", change(t, c, p, testkit.Password, ""), "password_unchanged")
	wantCode(t, "the same one, shown", change(t, c, p, testkit.Password, testkit.Password), "password_unchanged")
	if !c.MustWho(in.Token).User.MustChangePassword {
		t.Fatal("a refused change took the duty away")
	}
	must(t, change(t, c, p, newPassword, testkit.Password))
	again, err := c.SignIn(testkit.Attempt("ann", newPassword), "phone")
	must(t, err)
	if p := c.MustWho(again.Token); p.User.MustChangePassword || !p.Can(identity.OwnAccount) {
		t.Error("the duty is still there after the change")
	}
}

func TestNewPasswordFollowsTheRules(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	p, token := signedIn(t, c, "ann-with-a-long-name")
	for _, tc := range []struct{ text, code string }{
		{"", "password_too_short"},
		{"1234567", "password_too_short"},
		{strings.Repeat("x", 1025), "password_too_long"},
		{"password123", "password_common"},
		{"Ann-With-A-Long-Name", "password_is_username"},
	} {
		wantCode(t, "own: "+tc.text[:min(len(tc.text), 20)], change(t, c, p, tc.text, ""), tc.code)
		wantCode(t, "by the administrator", update(t, c, p.User.ID, account.UserChange{Password: &tc.text}), tc.code)
		if tc.text != "" {
			_, err := c.Accounts.CreateUser(t.Context(), account.NewUser{Username: "ann-with-a-long-name", Password: tc.text}, testkit.Origin())
			wantCode(t, "for a new user", err, tc.code)
		}
	}
	wantCode(t, "the name that it gets", update(t, c, p.User.ID, account.UserChange{
		Username: ptr("another long name"[8:]), Password: ptr("long name"),
	}), "username_character")
	wantCode(t, "the name that it gets", update(t, c, p.User.ID, account.UserChange{
		Username: ptr("Long.Name"), Password: ptr("long.name"),
	}), "password_is_username")
	if got := c.MustWho(token).User; got.Username != "ann-with-a-long-name" {
		t.Errorf("a refused change named the user %s", got.Username)
	}
}

func TestOwnNameAndSSOID(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	p, token := signedIn(t, c, "ann")
	c.User("bob")
	own := func(ch account.OwnChange) error {
		_, err := c.Accounts.UpdateOwn(t.Context(), p, ch, testkit.Origin())
		return err
	}
	wantCode(t, "a taken name", own(account.OwnChange{Username: ptr("BOB")}), "username_taken")
	wantCode(t, "the guest's name", own(account.OwnChange{Username: ptr("guest")}), "username_taken")
	wantCode(t, "no name", own(account.OwnChange{Username: ptr("")}), "username_empty")
	wantCode(t, "a long SSO id", own(account.OwnChange{SSOID: ptr(strings.Repeat("x", 256))}), "sso_id_invalid")
	wantCode(t, "an odd SSO id", own(account.OwnChange{SSOID: ptr("a\x00b")}), "sso_id_invalid")
	wantCode(t, "good ones", own(account.OwnChange{Username: ptr(" Anna "), SSOID: ptr("sso-1")}), "")
	if got := c.MustWho(token).User; got.Username != "anna" || got.SSOID != "sso-1" {
		t.Errorf("changed to %q, %q", got.Username, got.SSOID)
	}
	_, err := c.SignIn(testkit.Attempt("anna", testkit.Password), "")
	must(t, err)
}

// A stolen token is no way to begin the count of failures anew: it goes by
// name, and a new name needs proof once the sign-in is not fresh.
func TestRenamingNeedsProof(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	_, token := signedIn(t, c, "ann")
	c.Clock.Add(account.FreshFor + time.Second)
	p := c.MustWho(token)
	rename := func(to string, proof account.Proof) error {
		_, err := c.Accounts.UpdateOwn(t.Context(), p, account.OwnChange{Username: &to, Proof: proof}, testkit.Origin())
		return err
	}
	want(t, "without proof", rename("anna", account.Proof{}), account.ErrProofNeeded)
	want(t, "the same name", rename("Ann", account.Proof{}), nil)
	want(t, "with the password", rename("anna", proof(testkit.Password, "")), nil)
}

// An administrator's own name, password and second factor need proof by the
// administrator's routes too.
func TestAdministratorsOwnProfile(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	o := testkit.Origin()
	o.Actor = ann.ID
	change := func(ch account.UserChange) error {
		_, err := c.Accounts.UpdateUser(t.Context(), ann.ID, ch, o)
		return err
	}
	want(t, "password", change(account.UserChange{Password: ptr(newPassword)}), account.ErrOwnProfile)
	want(t, "name", change(account.UserChange{Username: ptr("anna")}), account.ErrOwnProfile)
	want(t, "second factor", c.Accounts.CancelTOTP(t.Context(), ann.ID, o), account.ErrOwnProfile)
	want(t, "the same name", change(account.UserChange{Username: ptr("ANN"), SSOID: ptr("x")}), nil)
}

func TestGuestHasNoAccount(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	must(t, update(t, c, identity.GuestID, account.UserChange{Disabled: ptr(false)}))
	guest, err := c.Sessions.Principal(t.Context(), identity.GuestID)
	must(t, err)
	_, err = c.Accounts.UpdateOwn(t.Context(), guest, account.OwnChange{Password: ptr(newPassword)}, testkit.Origin())
	want(t, "profile", err, account.ErrGuestProfile)
	_, err = c.Accounts.StartTOTP(t.Context(), guest)
	want(t, "second factor", err, account.ErrGuestTOTP)
	_, err = c.Accounts.EnableTOTP(t.Context(), guest, account.TOTPSetUp{}, testkit.Origin())
	want(t, "second factor, second step", err, account.ErrGuestTOTP)
	_, err = c.Accounts.AddSSHKey(t.Context(), guest, account.NewSSHKey{}, testkit.Origin())
	wantCode(t, "key", err, "guest_has_no_keys")
	want(t, "password", update(t, c, identity.GuestID, account.UserChange{Password: ptr(newPassword)}), account.ErrGuestPassword)
	for _, text := range []string{"", newPassword} {
		_, err = c.SignIn(testkit.Attempt("guest", text), "")
		want(t, "signs in", err, login.ErrCredentials)
	}
}
