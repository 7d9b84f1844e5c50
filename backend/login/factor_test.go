package login_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/backend/account"
	"latchkey/backend/credential/password"
	"latchkey/backend/identity"
	"latchkey/backend/internal/testkit"
	"latchkey/backend/login"
)

// withFactor makes a user with a second factor.
func withFactor(t *testing.T, c *testkit.Core, name string) (secret string, recovery []string) {
	t.Helper()
	c.User(name)
	return c.EnableTOTP(c.MustSignIn(name, "phone").Token)
}

// with signs in with the right password and a code.
func with(c *testkit.Core, name, code string) error {
	a := testkit.Attempt(name, testkit.Password)
	a.Code = code
	_, err := c.SignIn(a, "")
	return err
}

// A factor that is on is asked for at every door. That it is missing is no
// failure; the password is checked all the same.
func TestMissingCodeIsNoFailure(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	secret, _ := withFactor(t, c, "ann")
	for range 10 {
		for _, blank := range []string{"", " ", "\t\n"} {
			want(t, "no code", with(c, "ann", blank), login.ErrCodeNeeded)
		}
		_, err := c.Login.CheckPassword(t.Context(), testkit.Attempt("ann", testkit.Password))
		want(t, "no code over SFTP", err, login.ErrCodeNeeded)
	}
	wantFailures(t, c, "ann", 0)
	a := testkit.Attempt("ann", testkit.Password)
	a.Code = c.Code(secret)
	p, err := c.Login.CheckPassword(t.Context(), a)
	if err != nil || len(p.Factors) != 2 || p.Factors[1] != identity.FactorOTP {
		t.Errorf("with the code: %v, %v", p.Factors, err)
	}
	a = testkit.Attempt("ann", "wrong")
	c.Clock.Add(30 * time.Second)
	a.Code = c.Code(secret)
	_, err = c.SignIn(a, "")
	want(t, "a wrong password with the right code", err, login.ErrCredentials)
	must(t, with(c, "ann", c.Code(secret))) // and the code was not spent by it
}

func TestMissingCodeForgivesNothing(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	withFactor(t, c, "ann")
	for range 4 {
		want(t, "wrong code", with(c, "ann", "000000"), login.ErrCodeWrong)
		want(t, "no code", with(c, "ann", ""), login.ErrCodeNeeded)
	}
	wantFailures(t, c, "ann", 4)
	want(t, "wrong code", with(c, "ann", "000000"), login.ErrCodeWrong)
	wantKind(t, "no code", with(c, "ann", ""), identity.Throttled)
}

// Who has the password but not the codes must not clear the way for guessing
// them by showing the password where it alone is asked for, nor the other way
// round.
func TestPartOfTheProofForgivesNothing(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	c.User("ann")
	in := c.MustSignIn("ann", "phone")
	secret, recovery := c.EnableTOTP(in.Token)
	who := c.MustWho(in.Token)
	prove := func(p account.Proof, withCode bool) error {
		return c.Login.Prove(t.Context(), who, p, withCode, testkit.Origin())
	}
	right := account.Proof{Password: password.DigestOf(testkit.Password)}
	want(t, "wrong code", with(c, "ann", "000000"), login.ErrCodeWrong)
	must(t, prove(right, false))
	wantFailures(t, c, "ann", 1)
	must(t, prove(account.Proof{Code: recovery[0]}, true))
	wantFailures(t, c, "ann", 1)
	right.Code = c.Code(secret)
	must(t, prove(right, true))
	wantFailures(t, c, "ann", 0)

	c.User("bob") // no factor: the password is all there is
	bob := c.MustWho(c.MustSignIn("bob", "phone").Token)
	wrong(t, c, "bob", 1)
	right.Code = ""
	must(t, c.Login.Prove(t.Context(), bob, right, false, testkit.Origin()))
	wantFailures(t, c, "bob", 0)
}

func TestCodesAroundNow(t *testing.T) {
	for _, tc := range []struct {
		steps int
		want  error
	}{{-2, login.ErrCodeWrong}, {-1, nil}, {0, nil}, {1, nil}, {2, login.ErrCodeWrong}, {20, login.ErrCodeWrong}} {
		c := testkit.Open(t, testkit.Options{})
		secret, _ := withFactor(t, c, "ann")
		c.Clock.Add(5 * time.Minute) // away from the step that enrolment spent
		want(t, "a code off by steps", with(c, "ann", c.CodeAt(secret, c.Clock.Now().Add(time.Duration(tc.steps)*30*time.Second))), tc.want)
	}
}

// However it is typed it is the same code, and is spent as one.
func TestFormsOfACode(t *testing.T) {
	for _, form := range []func(string) string{
		func(s string) string { return s },
		func(s string) string { return " " + s + "\n" },
		func(s string) string { return s[:3] + " " + s[3:] },
		func(s string) string { return strings.Map(func(r rune) rune { return r - '0' + '０' }, s) },
	} {
		c := testkit.Open(t, testkit.Options{})
		secret, _ := withFactor(t, c, "ann")
		code := c.Code(secret)
		must(t, with(c, "ann", form(code)))
		want(t, "the same code", with(c, "ann", code), login.ErrCodeWrong)
		want(t, "the same form", with(c, "ann", form(code)), login.ErrCodeWrong)
	}
	c := testkit.Open(t, testkit.Options{})
	secret, _ := withFactor(t, c, "ann")
	code := c.Code(secret)
	for i, bad := range []string{
		code[:5], "0" + code, code + code[:2], "-" + code[1:], code[:2] + " " + code[2:], code[:3] + "  " + code[3:],
		code[:3] + "-" + code[3:], "0x" + code[:4], "1e5", strings.Repeat(code, 1000), code + "\x00", "abcdef", "+" + code[:5],
	} {
		if i%4 == 0 { // the lock is not what is tested here
			_, err := c.Throttle.ClearAll(t.Context())
			must(t, err)
		}
		want(t, bad, with(c, "ann", bad), login.ErrCodeWrong)
	}
}

func TestCodeWorksOnce(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	secret, _ := withFactor(t, c, "ann")
	code := c.Code(secret)
	must(t, with(c, "ann", code))
	want(t, "again", with(c, "ann", code), login.ErrCodeWrong)
	wantFailures(t, c, "ann", 1)
	c = c.Restart()
	want(t, "after a restart", with(c, "ann", code), login.ErrCodeWrong)
	_, err := c.Login.CheckPassword(t.Context(), login.Attempt{
		Username: "ann", Password: password.DigestOf(testkit.Password), Code: code, Address: testkit.Address(1), Door: "sftp",
	})
	want(t, "at another door", err, login.ErrCodeWrong)
	c.Clock.Add(30 * time.Second)
	must(t, with(c, "ann", c.Code(secret)))
}

func TestCodeWorksOnceInParallel(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	secret, _ := withFactor(t, c, "ann")
	code := c.Code(secret)
	var in, refused atomic.Int32
	parallel(50, func(i int) {
		a := testkit.Attempt("ann", testkit.Password)
		a.Code, a.Address = code, testkit.Address(i) // each from elsewhere, so that no lock helps
		switch _, err := c.SignIn(a, ""); {
		case err == nil:
			in.Add(1)
		case errors.Is(err, login.ErrCodeWrong), identity.KindOf(err) == identity.Throttled:
			refused.Add(1)
		default:
			t.Errorf("sign-in: %v", err)
		}
	})
	if in.Load() != 1 || refused.Load() != 49 {
		t.Errorf("%d of 50 got in with one code, %d were refused", in.Load(), refused.Load())
	}
}

// The newest code that was accepted ends all before it, also one that is
// still in its time.
func TestCodesOnlyMoveForward(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	secret, _ := withFactor(t, c, "ann")
	c.Clock.Add(5 * time.Minute)
	now := c.Clock.Now()
	must(t, with(c, "ann", c.CodeAt(secret, now.Add(30*time.Second))))
	want(t, "this step", with(c, "ann", c.CodeAt(secret, now)), login.ErrCodeWrong)
	want(t, "the step before", with(c, "ann", c.CodeAt(secret, now.Add(-30*time.Second))), login.ErrCodeWrong)
	c.Clock.Add(-time.Hour) // X05: a clock set back brings no old code back
	want(t, "an hour back", with(c, "ann", c.Code(secret)), login.ErrCodeWrong)
}

func TestEnrolmentSpendsItsCode(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	secret, _ := withFactor(t, c, "ann")
	c.Clock.Add(-30 * time.Second) // EnableTOTP moved on
	want(t, "the code of the set-up", with(c, "ann", c.Code(secret)), login.ErrCodeWrong)
}

func TestRecoveryCodeWorksOnce(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	_, codes := withFactor(t, c, "ann")
	_, others := withFactor(t, c, "bob")
	if len(codes) != 10 {
		t.Fatalf("%d recovery codes, want 10", len(codes))
	}
	must(t, with(c, "ann", codes[0]))
	for _, form := range []string{codes[0], strings.ToUpper(codes[0]), strings.ReplaceAll(codes[0], "-", ""), " " + codes[0]} {
		want(t, "again as "+form, with(c, "ann", form), login.ErrCodeWrong)
		_, err := c.Throttle.ClearAll(t.Context())
		must(t, err)
	}
	must(t, with(c, "ann", strings.ToUpper(strings.ReplaceAll(codes[1], "-", " "))))
	want(t, "somebody else's", with(c, "ann", others[0]), login.ErrCodeWrong)
	wantFailures(t, c, "ann", 1)
	if left, err := c.Accounts.RecoveryCodesLeft(t.Context(), 3); err != nil || left != 8 {
		t.Errorf("%d codes left, %v; want 8", left, err)
	}
	if left, err := c.Accounts.RecoveryCodesLeft(t.Context(), 4); err != nil || left != 10 {
		t.Errorf("somebody else has %d codes left, %v; want 10", left, err)
	}
}

func TestRecoveryCodeWorksOnceInParallel(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	_, codes := withFactor(t, c, "ann")
	var in atomic.Int32
	parallel(50, func(i int) {
		a := testkit.Attempt("ann", testkit.Password)
		a.Code, a.Address = codes[0], testkit.Address(i)
		if _, err := c.SignIn(a, ""); err == nil {
			in.Add(1)
		}
	})
	if in.Load() != 1 {
		t.Errorf("%d of 50 got in with one recovery code", in.Load())
	}
}

// A damaged secret lets nobody in, and is a fault and no wrong guess.
func TestSecretThatDoesNotOpen(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	secret, _ := withFactor(t, c, "ann")
	withFactor(t, c, "bob")
	theirs, err := c.Store.TOTP(t.Context(), 4)
	must(t, err)
	theirs.User, theirs.LastUsedStep = 3, 0 // bob's sealed secret in ann's row
	must(t, c.Store.SaveTOTP(t.Context(), theirs, nil))
	err = with(c, "ann", c.Code(secret))
	wantKind(t, "another user's secret", err, identity.Internal)
	wantFailures(t, c, "ann", 0)
}
