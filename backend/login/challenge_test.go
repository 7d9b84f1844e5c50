package login_test

import (
	"sync"
	"testing"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/internal/testkit"
	"latchkey/backend/login"
	"latchkey/backend/throttle"
)

const throttled = identity.Throttled

// asked is an attempt by a door that can ask for a captcha.
func asked(name, text, answer string) login.Attempt {
	a := testkit.Attempt(name, text)
	a.CanAsk, a.Captcha, a.LockFor = true, answer, 2*time.Hour
	return a
}

func tryAsked(c *testkit.Core, name, text, answer string) error {
	_, err := c.SignIn(asked(name, text, answer), "")
	return err
}

func solve(t *testing.T, c *testkit.Core, name string) string {
	t.Helper()
	id, err := c.Login.NewCaptcha(t.Context(), name, testkit.Address(1))
	must(t, err)
	if picture, err := c.Login.CaptchaPicture(id, testkit.Address(1)); err != nil || len(picture) == 0 {
		t.Fatalf("picture: %d bytes, %v", len(picture), err)
	}
	return testkit.Captcha
}

func TestCaptchaLadder(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	c.User("ann")
	for range 2 {
		want(t, "a wrong guess", tryAsked(c, "ann", "wrong", ""), login.ErrCredentials)
	}
	checked := c.Hasher.Verified()
	want(t, "without a captcha", tryAsked(c, "ann", testkit.Password, ""), throttle.ErrChallenge)
	want(t, "with one that was never made", tryAsked(c, "ann", testkit.Password, testkit.Captcha), login.ErrCaptchaWrong)
	solve(t, c, "ann")
	want(t, "with a wrong answer", tryAsked(c, "ann", testkit.Password, "CCCC"), login.ErrCaptchaWrong)
	want(t, "with what a wrong answer burned", tryAsked(c, "ann", testkit.Password, testkit.Captcha), login.ErrCaptchaWrong)
	if c.Hasher.Verified() != checked {
		t.Error("a password was checked before the captcha")
	}
	wantFailures(t, c, "ann", 2)
	must(t, tryAsked(c, "ann", testkit.Password, solve(t, c, "ANN")))
	wantFailures(t, c, "ann", 0)

	for range 2 {
		want(t, "a wrong guess", tryAsked(c, "ann", "wrong", ""), login.ErrCredentials)
	}
	for range 3 {
		want(t, "a wrong guess with a captcha", tryAsked(c, "ann", "wrong", solve(t, c, "")), login.ErrCredentials)
	}
	err := tryAsked(c, "ann", testkit.Password, solve(t, c, "ann"))
	if e := identity.AsError(err); e.Kind != identity.Throttled || e.RetryAfter != 2*time.Hour {
		t.Errorf("after five: %v for %v", err, e.RetryAfter)
	}
	must(t, try(c, "admin", testkit.Password))
}

// A captcha is for one account and one address, and for one use.
func TestCaptchaIsBound(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	c.User("ann")
	c.User("bob")
	for _, name := range []string{"ann", "bob", "nobody"} {
		for range 2 {
			want(t, "a wrong guess", tryAsked(c, name, "wrong", ""), login.ErrCredentials)
		}
	}
	solve(t, c, "nobody")
	want(t, "for nobody", tryAsked(c, "nobody", testkit.Password, testkit.Captcha), login.ErrCredentials)
	solve(t, c, "ann")
	want(t, "for another account", tryAsked(c, "bob", testkit.Password, testkit.Captcha), login.ErrCaptchaWrong)
	var mu sync.Mutex
	in := 0
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			err := tryAsked(c, "ann", "wrong", testkit.Captcha)
			mu.Lock()
			defer mu.Unlock()
			if identity.KindOf(err) == identity.Unauthenticated {
				in++
			}
		})
	}
	all.Wait()
	if in != 1 {
		t.Errorf("one captcha was good for %d guesses", in)
	}
	want(t, "again", tryAsked(c, "ann", testkit.Password, testkit.Captcha), login.ErrCaptchaWrong)
}

// Doors that cannot ask count to the same five.
func TestCaptchaAndOtherDoors(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	c.User("ann")
	wrong(t, c, "ann", 4)
	want(t, "by a door that can ask", tryAsked(c, "ann", testkit.Password, ""), throttle.ErrChallenge)
	must(t, try(c, "ann", testkit.Password))
}
