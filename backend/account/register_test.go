package account_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/backend/account"
	"latchkey/backend/identity"
	"latchkey/backend/internal/testkit"
)

func stranger(n int) identity.Origin {
	return identity.Origin{Door: "test", Address: testkit.Address(n)}
}

func TestRegister(t *testing.T) {
	c := testkit.Open(t, testkit.Options{Registration: true})
	u, err := c.Accounts.Register(t.Context(), account.NewUser{
		Username: " Bob ", Email: "Bob@Example.com", Password: testkit.Password,
		Roles: []identity.RoleID{identity.RoleAdmin}, BasePath: "/", SSOID: "x",
	}, stranger(1))
	must(t, err)
	if u.Username != "bob" || u.Email != "bob@example.com" || !slices.Equal(u.Roles, []identity.RoleID{identity.RoleGeneral}) || u.SSOID != "" {
		t.Errorf("made %+v", u)
	}
	if !strings.HasPrefix(u.BasePath, "/people/bob-") {
		t.Errorf("the folder is %s: somebody else's files may be there", u.BasePath)
	}
	_, err = c.SignIn(testkit.Attempt("bob@example.com", testkit.Password), "")
	must(t, err)
	for i, tc := range []struct {
		code string
		n    account.NewUser
	}{
		{"username_taken", account.NewUser{Username: "BOB", Email: "b@example.com"}},
		{"username_reserved", account.NewUser{Username: "admin", Email: "b@example.com"}},
		{"username_reserved", account.NewUser{Username: "guest", Email: "b@example.com"}},
		{"email_taken", account.NewUser{Username: "bob2", Email: "BOB@example.com"}},
		{"email_missing", account.NewUser{Username: "bob2"}},
		{"email_invalid", account.NewUser{Username: "bob2", Email: "bob"}},
		{"username_character", account.NewUser{Username: "a/b", Email: "b@example.com"}},
		{"password_too_short", account.NewUser{Username: "bob2", Email: "b@example.com", Password: "short"}},
		{"password_is_username", account.NewUser{Username: "bob-the-2nd", Email: "b@example.com", Password: "Bob-the-2nd"}},
	} {
		if tc.n.Password == "" {
			tc.n.Password = testkit.Password
		}
		_, err := c.Accounts.Register(t.Context(), tc.n, stranger(10+i))
		wantCode(t, fmt.Sprintf("%+v", tc.n), err, tc.code)
	}
}

func TestRegistrationIsClosed(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	_, err := c.Accounts.Register(t.Context(), account.NewUser{Username: "bob", Email: "bob@example.com", Password: testkit.Password}, stranger(1))
	wantCode(t, "closed", err, "registration_closed")
	if c.Hasher.Hashed() > 1 {
		t.Error("a password was hashed for it")
	}
}

// A flood from one address, from many, and time that heals it.
func TestRegistrationFlood(t *testing.T) {
	c := testkit.Open(t, testkit.Options{Registration: true})
	n := 0
	register := func(from int) error {
		n++
		_, err := c.Accounts.Register(t.Context(), account.NewUser{
			Username: fmt.Sprintf("user%d", n), Email: fmt.Sprintf("user%d@example.com", n), Password: testkit.Password,
		}, stranger(from))
		return err
	}
	for range 5 {
		must(t, register(1))
	}
	err := register(1)
	if e := identity.AsError(err); e.Kind != identity.Throttled || e.RetryAfter != time.Hour {
		t.Errorf("the sixth: %v for %v", err, e.RetryAfter)
	}
	for i := range 45 {
		must(t, register(2+i))
	}
	if err := register(1000); identity.KindOf(err) != identity.Throttled {
		t.Errorf("the fifty-first: %v", err)
	}
	c.Clock.Add(time.Hour)
	must(t, register(1))
}

func TestEmailAndProfile(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	c.User("ann")
	who := c.MustWho(c.MustSignIn("ann", "phone").Token)
	text := func(s string) *string { return &s }
	change := func(o account.OwnChange) (identity.User, error) {
		return c.Accounts.UpdateOwn(t.Context(), who, o, testkit.Origin())
	}
	u, err := change(account.OwnChange{Email: text(" Ann@example.com "), Profile: account.ProfileChange{
		Nickname: text(" Annie "), AvatarURL: text("https://example.com/ann.png"), Phone: text("+49 30 1234"),
	}})
	must(t, err)
	if u.Email != "ann@example.com" || u.Profile != (identity.Profile{Nickname: "Annie", AvatarURL: "https://example.com/ann.png", Phone: "+49 30 1234"}) {
		t.Errorf("changed to %+v", u)
	}
	if u, err = change(account.OwnChange{Profile: account.ProfileChange{Nickname: text("")}}); err != nil || u.Profile.Nickname != "" || u.Profile.Phone == "" || u.Email == "" {
		t.Errorf("what was not sent has changed: %+v, %v", u, err)
	}
	if u, err = change(account.OwnChange{Email: text("")}); err != nil || u.Email != "" {
		t.Errorf("no address: %+v, %v", u, err)
	}
	for _, tc := range []struct {
		code string
		o    account.OwnChange
	}{
		{"email_invalid", account.OwnChange{Email: text("ann")}},
		{"profile_text_invalid", account.OwnChange{Profile: account.ProfileChange{Nickname: text(strings.Repeat("x", 101))}}},
		{"profile_text_invalid", account.OwnChange{Profile: account.ProfileChange{Phone: text("1\n2")}}},
		{"avatar_url_invalid", account.OwnChange{Profile: account.ProfileChange{AvatarURL: text("javascript:alert(1)")}}},
		{"avatar_url_invalid", account.OwnChange{Profile: account.ProfileChange{AvatarURL: text("data:image/svg+xml,<svg/>")}}},
		{"avatar_url_invalid", account.OwnChange{Profile: account.ProfileChange{AvatarURL: text("https://u:p@example.com/")}}},
		{"avatar_url_invalid", account.OwnChange{Profile: account.ProfileChange{AvatarURL: text("//example.com/a.png")}}},
		{"avatar_url_invalid", account.OwnChange{Profile: account.ProfileChange{AvatarURL: text("https://example.com/" + strings.Repeat("x", 2048))}}},
	} {
		_, err := change(tc.o)
		wantCode(t, tc.code, err, tc.code)
	}
	_, err = c.Accounts.FirstReset(t.Context(), who, account.OwnChange{Password: text("another good one")}, testkit.Origin())
	wantCode(t, "a reset that is not due", err, "password_change_not_due")
}
