package account_test

import (
	"errors"
	"testing"

	"go.uber.org/goleak"

	"latchkey/backend/account"
	"latchkey/backend/credential/password"
	"latchkey/backend/identity"
	"latchkey/backend/internal/testkit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// wantCode compares the stable word of an error; "" is none.
func wantCode(t *testing.T, what string, err error, code string) {
	t.Helper()
	got := ""
	if err != nil {
		got = identity.AsError(err).Code
	}
	if got != code {
		t.Errorf("%s: %q (%v), want %q", what, got, err, code)
	}
}

func ptr[T any](v T) *T { return &v }

func proof(text, code string) account.Proof {
	p := account.Proof{Code: code}
	if text != "" {
		p.Password = password.DigestOf(text)
	}
	return p
}

// signedIn makes a user and signs them in.
func signedIn(t *testing.T, c *testkit.Core, name string) (identity.Principal, string) {
	t.Helper()
	c.User(name)
	in := c.MustSignIn(name, "phone")
	return c.MustWho(in.Token), in.Token
}

func update(t *testing.T, c *testkit.Core, id identity.UserID, ch account.UserChange) error {
	t.Helper()
	_, err := c.Accounts.UpdateUser(t.Context(), id, ch, testkit.Origin())
	return err
}
