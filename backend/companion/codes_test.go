package companion_test

import (
	"errors"
	"testing"
	"time"

	"latchkey/backend/companion"
	"latchkey/backend/companion/authenticator"
	"latchkey/backend/companion/vault"
	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
)

// What a server has given as a second factor is filled in at the next sign-in,
// to that account alone, and once; the one before it waits in the trash.
func TestFactorIsKeptAndFilledIn(t *testing.T) {
	now := env.System().Now()
	e := env.System()
	e.Now = func() time.Time { return now }
	c, err := companion.Open(companion.Options{Data: t.TempDir(), Env: e, UserAgent: "Latchkey test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if _, err := c.Vault.Create(t.Context(), vault.WithPassphrase(secret.New("three lamps and a boat"))); err != nil {
		t.Fatal(err)
	}
	own, err := c.Servers.AddOwn(t.Context(), "This computer")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.SignInCode(t.Context(), own.ID, "ann", companion.CodeClock{}); !errors.Is(err, authenticator.ErrNotLinked) {
		t.Error(err)
	}
	first, err := c.KeepFactor(t.Context(), own, "ann", secret.New("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"))
	if err != nil || first.Issuer != "This computer" || first.Account != "ann" {
		t.Fatalf("%+v, %v", first, err)
	}
	second, err := c.KeepFactor(t.Context(), own, "ann", secret.New("JBSWY3DPEHPK3PXP"))
	if err != nil {
		t.Fatal(err)
	}
	if trash, err := c.Codes.Trash(t.Context()); err != nil || len(trash) != 1 || trash[0].ID != first.ID {
		t.Errorf("in the trash: %+v, %v", trash, err)
	}
	code, err := c.FirstCode(t.Context(), own.ID, secret.New("JBSWY3DPEHPK3PXP"))
	if err != nil || code != second.Key.At(now).Text {
		t.Errorf("the code that turns it on is %q, %v", code, err)
	}
	if _, _, err := c.SignInCode(t.Context(), own.ID, "ann", companion.CodeClock{}); !errors.Is(err, authenticator.ErrSpent) {
		t.Errorf("the code that has turned it on is given again: %v", err)
	}
	now = now.Add(30 * time.Second)
	filled, next, err := c.SignInCode(t.Context(), own.ID, "ann", companion.CodeClock{})
	if err != nil || filled.ID != second.ID || next.Text != second.Key.At(now).Text {
		t.Errorf("%+v %+v, %v", filled, next, err)
	}
	if _, _, err := c.SignInCode(t.Context(), own.ID, "bob", companion.CodeClock{}); !errors.Is(err, authenticator.ErrNotLinked) {
		t.Error(err)
	}
	if _, err := c.KeepFactor(t.Context(), own, "ann", companion.NewSecret("!")); err == nil {
		t.Error("nonsense is kept")
	}
	if _, err := c.FirstCode(t.Context(), own.ID, companion.NewSecret("!")); err == nil {
		t.Error("nonsense makes a code")
	}

	// An account that gets another name keeps its code.
	for range 2 {
		own.Username = "ann"
		if err := c.FollowRename(t.Context(), own, "anna"); err != nil {
			t.Fatal(err)
		}
	}
	if e, err := c.FactorEntry(t.Context(), own.ID, "anna"); err != nil || e.ID != second.ID {
		t.Errorf("after renaming: %+v, %v", e, err)
	}
}
