package app

import (
	"errors"
	"slices"
	"testing"
	"time"

	"latchkey/backend/companion/authenticator"
	"latchkey/backend/companion/authenticator/otpauth"
)

// keep turns the second factor on and keeps it. It returns the recovery codes.
func (d *signInDesk) keep(t testing.TB) []string {
	t.Helper()
	s, err := d.account.StartFactor(d.own.ID)
	if err != nil {
		t.Fatal(err)
	}
	enabled, err := d.account.EnableFactor(Enable{ID: d.own.ID, Secret: s.Secret, Keep: true})
	if err != nil || enabled.Unkept != nil {
		t.Fatalf("EnableFactor = %+v, %v", enabled.Unkept, err)
	}
	return enabled.RecoveryCodes
}

// add puts an entry into the book so many times, and returns their ids.
func (d *signInDesk) add(t testing.TB, key string, times int, l authenticator.Link) []authenticator.ID {
	t.Helper()
	k, err := otpauth.Fields{Secret: key}.Key()
	if err != nil {
		t.Fatal(err)
	}
	item := authenticator.Item{Entry: otpauth.Entry{Issuer: "nas", Account: testUser, Key: k}, Link: l}
	added, err := d.companion.Codes.Add(t.Context(), slices.Repeat([]authenticator.Item{item}, times))
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]authenticator.ID, len(added))
	for i, e := range added {
		ids[i] = e.ID
	}
	return ids
}

func (d *signInDesk) who() AccountRef { return AccountRef{ID: d.own.ID, Username: testUser} }

// A factor that is kept is known by the screen and fills in a sign-in, each
// code once; another account gets nothing; turned off, it goes to the trash and
// comes back from there.
func TestKeptFactorSignsIn(t *testing.T) {
	d := newSignInDesk(t)
	recovery := d.keep(t)
	name, err := d.signIn.Linked(d.who())
	if err != nil || name == "" {
		t.Fatalf("Linked = %q, %v", name, err)
	}
	if f, err := d.account.Factor(d.own.ID); err != nil || !f.On || f.Kept != name {
		t.Errorf("Factor = %+v, %v", f, err)
	}
	_, err = d.signIn.TakeCode(d.who())
	checkProblem(t, "the code that turned it on", err, "otp_spent")
	if wait := asProblem(err).RetryAfter; wait <= 0 || wait > 60 {
		t.Errorf("the next code comes in %v s", wait)
	}
	_, err = d.signIn.TakeCode(AccountRef{ID: d.own.ID, Username: "bob"})
	checkProblem(t, "another account", err, "otp_not_linked")
	if name, err := d.signIn.Linked(AccountRef{ID: d.own.ID, Username: "bob"}); name != "" || err != nil {
		t.Errorf("another account has %q, %v", name, err)
	}

	// Whether a code was given is noted in the vault, so the next step's is taken from the entry itself.
	e, err := d.keptCode(t.Context(), d.own.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.signIn.SignIn(d.credentials(testPassword, e.Key.At(d.env.Now().Add(30*time.Second)).Text)); err != nil {
		t.Errorf("sign in with the next code: %v", err)
	}

	if err := d.account.DisableFactor(Proof{ID: d.own.ID, Code: recovery[0]}); err != nil {
		t.Fatal(err)
	}
	if name, _ := d.signIn.Linked(d.who()); name == "" {
		t.Error("the code went by itself")
	}
	trashed, err := d.account.TrashKept(d.own.ID)
	if err != nil || trashed != string(e.ID) {
		t.Errorf("TrashKept = %q, %v", trashed, err)
	}
	if again, err := d.account.TrashKept(d.own.ID); again != "" || err != nil {
		t.Errorf("TrashKept again = %q, %v", again, err)
	}
	if err := (&Codes{d: d.desk}).Restore([]string{trashed}); err != nil {
		t.Error(err)
	}
	if back, _ := d.signIn.Linked(d.who()); back != name {
		t.Errorf("after undoing that: %q", back)
	}
}

// What the server refuses is not kept; what cannot be kept stays on, and can
// be kept later. Neither takes away what was kept before.
func TestFactorIsKeptOnlyOnceItIsOn(t *testing.T) {
	d := newSignInDesk(t)
	const other = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
	_, err := d.account.EnableFactor(Enable{ID: d.own.ID, Secret: other, Keep: true})
	checkProblem(t, "a secret that the server does not know", err, "factor_not_started")
	_, err = d.account.EnableFactor(Enable{ID: d.own.ID, Secret: "!", Keep: true})
	if err == nil {
		t.Error("nonsense is accepted")
	}
	s, err := d.account.StartFactor(d.own.ID)
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.account.EnableFactor(Enable{ID: d.own.ID, Secret: s.Secret, Code: "000000"})
	checkProblem(t, "a wrong code", err, "new_code_wrong")
	if list, err := d.companion.Codes.List(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("kept: %v, %v", list, err)
	}

	// The book is full, so it cannot be kept.
	full := d.add(t, other, otpauth.MostEntries, authenticator.Link{})
	enabled, err := d.account.EnableFactor(Enable{ID: d.own.ID, Secret: s.Secret, Keep: true})
	if err != nil || enabled.Unkept == nil || enabled.Unkept.Code != "otp_full" || len(enabled.RecoveryCodes) != 10 {
		t.Fatalf("with a full book: %+v, %v", enabled.Unkept, err)
	}
	if f, err := d.account.Factor(d.own.ID); err != nil || !f.On || f.Kept != "" {
		t.Errorf("Factor = %+v, %v", f, err)
	}
	checkProblem(t, "again", d.account.KeepFactor(NewFactor{ID: d.own.ID, Secret: s.Secret}), "otp_full")
	if err := errors.Join(d.companion.Codes.Delete(t.Context(), full...), d.companion.Codes.Destroy(t.Context(), full...)); err != nil {
		t.Fatal(err)
	}
	if err := d.account.KeepFactor(NewFactor{ID: d.own.ID, Secret: s.Secret}); err != nil {
		t.Error(err)
	}
	if f, err := d.account.Factor(d.own.ID); err != nil || f.Kept == "" {
		t.Errorf("Factor = %+v, %v", f, err)
	}
}

// A changed password signs in again with the code that is kept, as soon as
// there is one that was not used.
func TestPasswordChangeTakesTheKeptCode(t *testing.T) {
	const next = "four words and a comma,"
	d := newSignInDesk(t)
	_, recovery := d.turnOn(t)
	key, err := d.account.StartFactor(d.own.ID)
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.account.EnableFactor(Enable{ID: d.own.ID, Secret: key.Secret, Code: codeAt(t, key.Secret, -1), CurrentCode: recovery[0]})
	if err != nil {
		t.Fatal(err)
	}
	d.add(t, key.Secret, 1, authenticator.Link{Server: d.own.ID, Username: testUser})
	done, err := d.account.ChangePassword(PasswordChange{ID: d.own.ID, Current: testPassword, Next: next})
	if err != nil || !done.SignedIn {
		t.Errorf("ChangePassword = %+v, %v", done, err)
	}
	_, err = d.signIn.SignIn(d.credentials(next, ""))
	checkProblem(t, "a sign-in by the page itself", err, "code_needed")
	_, err = d.signIn.TakeCode(d.who())
	checkProblem(t, "its code", err, "otp_spent")
}

// While the vault is locked, or once the account has another code, nothing is
// handed out. An account that is renamed keeps its code.
func TestKeptCodeStaysInTheVault(t *testing.T) {
	d := newSignInDesk(t)
	d.keep(t)
	if _, err := d.account.Rename(Rename{ID: d.own.ID, Username: "anna", Password: testPassword}); err != nil {
		t.Fatal(err)
	}
	if name, err := d.signIn.Linked(AccountRef{ID: d.own.ID, Username: "anna"}); err != nil || name == "" {
		t.Errorf("after renaming: %q, %v", name, err)
	}
	if err := (&Vault{d.desk}).Lock(); err != nil {
		t.Fatal(err)
	}
	_, err := d.signIn.TakeCode(AccountRef{ID: d.own.ID, Username: "anna"})
	checkProblem(t, "TakeCode of a locked vault", err, "vault_locked")
	_, err = d.signIn.Linked(AccountRef{ID: d.own.ID, Username: "anna"})
	checkProblem(t, "Linked of a locked vault", err, "vault_locked")
	_, err = d.account.TrashKept(d.own.ID)
	checkProblem(t, "TrashKept of a locked vault", err, "vault_locked")
	checkProblem(t, "KeepFactor of a locked vault", d.account.KeepFactor(NewFactor{ID: d.own.ID, Secret: "JBSWY3DPEHPK3PXP"}), "vault_locked")
}
