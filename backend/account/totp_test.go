package account_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"latchkey/backend/account"
	"latchkey/backend/credential/totp"
	"latchkey/backend/identity"
	"latchkey/backend/internal/testkit"
	"latchkey/backend/login"
)

func start(t *testing.T, c *testkit.Core, p identity.Principal) string {
	t.Helper()
	secret, err := c.Accounts.StartTOTP(t.Context(), p)
	must(t, err)
	return secret.Base32()
}

func enable(t *testing.T, c *testkit.Core, p identity.Principal, u account.TOTPSetUp) error {
	t.Helper()
	_, err := c.Accounts.EnableTOTP(t.Context(), p, u, testkit.Origin())
	return err
}

// Only a secret that the server made for this person, not long ago, becomes
// their second factor.
func TestOnlyThePendingSecretIsTaken(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann, token := signedIn(t, c, "ann")
	bob, _ := signedIn(t, c, "bob")
	chosen := totp.NewSecret(c.Env).Base32() // by whoever stole the session
	with := func(secret string) account.TOTPSetUp {
		return account.TOTPSetUp{Secret: secret, Code: c.Code(secret)}
	}
	want(t, "nothing started", enable(t, c, ann, with(chosen)), account.ErrTOTPPending)
	bobs, replaced := start(t, c, bob), start(t, c, ann)
	secret := start(t, c, ann)
	want(t, "a chosen secret", enable(t, c, ann, with(chosen)), account.ErrTOTPPending)
	want(t, "somebody else's", enable(t, c, ann, with(bobs)), account.ErrTOTPPending)
	want(t, "one that was replaced", enable(t, c, ann, with(replaced)), account.ErrTOTPPending)
	for _, bad := range []string{"", "A", "not base 32!", secret + "AAAA", secret[:len(secret)-1]} {
		want(t, "secret "+bad, enable(t, c, ann, account.TOTPSetUp{Secret: bad, Code: c.Code(secret)}), account.ErrTOTPPending)
	}
	for _, code := range []string{"", "000000", c.CodeAt(secret, c.Clock.Now().Add(-time.Hour)), c.Code(bobs)} {
		wantCode(t, "code "+code, enable(t, c, ann, account.TOTPSetUp{Secret: secret, Code: code}), "code_wrong")
	}
	if c.MustWho(token).User.TOTPEnabled {
		t.Fatal("a refusal turned the factor on")
	}
	must(t, enable(t, c, ann, with(secret)))
	want(t, "twice", enable(t, c, c.MustWho(token), with(secret)), account.ErrTOTPPending)
	if !c.MustWho(token).User.TOTPEnabled {
		t.Error("the factor is not on")
	}
	if p, err := c.Sessions.Principal(t.Context(), bob.User.ID); err != nil || p.User.TOTPEnabled {
		t.Errorf("somebody else's factor is on, or %v", err)
	}
}

// Of many requests with one set-up, as a double click sends them, one turns
// the factor on, and the recovery codes that it shows are those that work.
func TestSetUpIsUsedOnce(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	p, _ := signedIn(t, c, "ann")
	secret := start(t, c, p)
	setUp := account.TOTPSetUp{Secret: secret, Code: c.Code(secret), RecoveryCodes: true}
	shown := make(chan []string, 10)
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			codes, err := c.Accounts.EnableTOTP(t.Context(), p, setUp, testkit.Origin())
			if err == nil {
				shown <- codes
			} else {
				want(t, "one that came later", err, account.ErrTOTPPending)
			}
		})
	}
	wg.Wait()
	if len(shown) != 1 {
		t.Fatalf("%d of 10 turned the factor on, want one", len(shown))
	}
	a := testkit.Attempt("ann", testkit.Password)
	a.Code = (<-shown)[0]
	_, err := c.SignIn(a, "")
	must(t, err)
}

func TestPendingSecretRunsOut(t *testing.T) {
	for _, tc := range []struct {
		later time.Duration
		want  error
	}{
		{10 * time.Minute, nil},
		{10*time.Minute + time.Second, account.ErrTOTPPending},
		{-10*time.Minute - time.Second, account.ErrTOTPPending},
		{365 * 24 * time.Hour, account.ErrTOTPPending},
	} {
		c := testkit.Open(t, testkit.Options{})
		p, _ := signedIn(t, c, "ann")
		secret := start(t, c, p)
		c.Clock.Add(tc.later)
		want(t, tc.later.String(), enable(t, c, p, account.TOTPSetUp{
			Secret: secret, Code: c.Code(secret), Proof: proof(testkit.Password, ""),
		}), tc.want)
	}
}

// Turning the factor on needs the password where the sign-in is not fresh, and
// replacing it needs a code of the one that is on.
func TestSetUpNeedsProof(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	p, token := signedIn(t, c, "ann")
	c.Clock.Add(time.Hour)
	secret := start(t, c, p)
	setUp := account.TOTPSetUp{Secret: secret, Code: c.Code(secret)}
	want(t, "no password", enable(t, c, p, setUp), account.ErrProofNeeded)
	setUp.Proof = proof("wrong", "")
	want(t, "a wrong password", enable(t, c, p, setUp), login.ErrCredentials)
	setUp.Proof = proof(testkit.Password, "")
	must(t, enable(t, c, p, setUp))

	c.Clock.Add(time.Minute)
	p = c.MustWho(token)
	other := start(t, c, p)
	next := account.TOTPSetUp{Secret: other, Code: c.Code(other), Proof: proof(testkit.Password, "")}
	want(t, "replace without a code", enable(t, c, p, next), login.ErrCodeNeeded)
	next.Proof.Code = c.Code(other)
	want(t, "replace with a code of the new one", enable(t, c, p, next), login.ErrCodeWrong)
	next.Proof.Code = c.Code(secret)
	must(t, enable(t, c, p, next))

	c.Clock.Add(time.Minute)
	a := testkit.Attempt("ann", testkit.Password)
	a.Code = c.Code(secret)
	_, err := c.SignIn(a, "")
	want(t, "the factor that was replaced", err, login.ErrCodeWrong)
	a.Code = c.Code(other)
	_, err = c.SignIn(a, "")
	must(t, err)
}

func TestTurningTheFactorOffNeedsProof(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	p, token := signedIn(t, c, "ann")
	off := func(proof account.Proof) error {
		return c.Accounts.DisableTOTP(t.Context(), c.MustWho(token), proof, testkit.Origin())
	}
	want(t, "off already", off(proof(testkit.Password, "123456")), account.ErrTOTPOff)
	secret, recovery := c.EnableTOTP(token)
	want(t, "fresh, no code", off(account.Proof{}), login.ErrCodeNeeded)
	want(t, "fresh, wrong code", off(proof("", "000000")), login.ErrCodeWrong)
	c.Clock.Add(time.Hour)
	want(t, "code without password", off(proof("", c.Code(secret))), account.ErrProofNeeded)
	want(t, "password without code", off(proof(testkit.Password, "")), login.ErrCodeNeeded)
	want(t, "wrong password", off(proof("wrong", c.Code(secret))), login.ErrCredentials)
	must(t, off(proof(testkit.Password, recovery[3]))) // the phone is lost
	want(t, "twice", off(proof(testkit.Password, c.Code(secret))), account.ErrTOTPOff)
	c.MustSignIn("ann", "phone")
	if left, err := c.Accounts.RecoveryCodesLeft(t.Context(), p.User.ID); left != 0 || err != nil {
		t.Errorf("%d recovery codes outlive the factor, %v", left, err)
	}
}

func TestRecoveryCodesBelongToAFactor(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	_, token := signedIn(t, c, "ann")
	more := func(p account.Proof) ([]string, error) {
		return c.Accounts.NewRecoveryCodes(t.Context(), c.MustWho(token), p, testkit.Origin())
	}
	_, err := more(proof(testkit.Password, "123456"))
	want(t, "before there is a factor", err, account.ErrTOTPOff)
	secret, first := c.EnableTOTP(token)
	_, err = more(account.Proof{})
	want(t, "without a code", err, login.ErrCodeNeeded)
	second, err := more(proof("", c.Code(secret)))
	must(t, err)
	if len(second) != 10 || slices.Equal(first, second) {
		t.Fatalf("%d new codes", len(second))
	}
	c.Clock.Add(time.Minute)
	a := testkit.Attempt("ann", testkit.Password)
	a.Code = first[0]
	_, err = c.SignIn(a, "")
	want(t, "a code of the first set", err, login.ErrCodeWrong)
	a.Code = second[0]
	_, err = c.SignIn(a, "")
	must(t, err)

	// Codes are of the factor that they were made with.
	must(t, c.Accounts.CancelTOTP(t.Context(), 3, testkit.Origin()))
	token = c.MustSignIn("ann", "phone").Token
	c.EnableTOTP(token)
	a.Code = second[1]
	_, err = c.SignIn(a, "")
	want(t, "a code of an earlier factor", err, login.ErrCodeWrong)
}

// The administrator turns a factor off without proof: the phone is gone and
// the codes too.
func TestCancelTOTP(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	_, token := signedIn(t, c, "ann")
	c.EnableTOTP(token)
	must(t, c.Accounts.CancelTOTP(t.Context(), 3, testkit.Origin()))
	must(t, c.Accounts.CancelTOTP(t.Context(), 3, testkit.Origin()))
	want(t, "nobody", c.Accounts.CancelTOTP(t.Context(), 4711, testkit.Origin()), account.ErrUserNotFound)
	c.MustSignIn("ann", "phone")
}

func TestFactorChangesAreRecorded(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	_, token := signedIn(t, c, "ann")
	secret, _ := c.EnableTOTP(token)
	_, err := c.Accounts.NewRecoveryCodes(t.Context(), c.MustWho(token), proof("", c.Code(secret)), testkit.Origin())
	must(t, err)
	must(t, c.Accounts.CancelTOTP(t.Context(), 3, testkit.Origin()))
	for _, action := range []identity.AuditAction{identity.AuditTOTPEnabled, identity.AuditRecoveryCodes, identity.AuditTOTPDisabled} {
		events := c.Events(action)
		if len(events) != 1 || events[0].Target != "user 3" || events[0].Outcome != identity.AuditDone {
			t.Errorf("%s is recorded as %+v", action, events)
		}
	}
}
