package companion_test

import (
	"errors"
	"testing"

	"latchkey/backend/companion"
	"latchkey/backend/companion/authenticator"
	"latchkey/backend/companion/vault"
	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
)

// What a server has given as a second factor is filled in at the next sign-in,
// to that account alone, and once; the one before it waits in the trash.
func TestFactorIsKeptAndFilledIn(t *testing.T) {
	c := open(t, t.TempDir())
	if _, err := c.Vault.Create(t.Context(), vault.WithPassphrase(secret.New("three lamps and a boat"))); err != nil {
		t.Fatal(err)
	}
	own, err := c.Servers.AddOwn(t.Context(), "This computer")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.SignInCode(t.Context(), own.ID, "ann"); !errors.Is(err, authenticator.ErrNotLinked) {
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
	before := env.System().Now()
	e, code, err := c.SignInCode(t.Context(), own.ID, "ann")
	if after := env.System().Now(); err != nil || e.ID != second.ID || code.Text != e.Key.At(before).Text && code.Text != e.Key.At(after).Text {
		t.Errorf("%+v %+v, %v", e, code, err)
	}
	if _, _, err := c.SignInCode(t.Context(), own.ID, "bob"); !errors.Is(err, authenticator.ErrNotLinked) {
		t.Error(err)
	}
	if _, err := c.KeepFactor(t.Context(), own, "ann", companion.NewSecret("!")); err == nil {
		t.Error("nonsense is kept")
	}
}
