package login_test

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/backend/account"
	"latchkey/backend/credential/password"
	"latchkey/backend/identity"
	"latchkey/backend/internal/testkit"
	"latchkey/backend/login"
	"latchkey/backend/throttle"
)

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

func wantKind(t *testing.T, what string, got error, kind identity.Kind) {
	t.Helper()
	if got == nil || identity.KindOf(got) != kind {
		t.Errorf("%s: %v, want kind %d", what, got, kind)
	}
}

// try signs in from Address(1) and returns the error.
func try(c *testkit.Core, name, text string) error {
	_, err := c.SignIn(testkit.Attempt(name, text), "")
	return err
}

// wrong makes n wrong guesses that must be looked at.
func wrong(t *testing.T, c *testkit.Core, name string, n int) {
	t.Helper()
	for range n {
		want(t, "a wrong guess", try(c, name, "wrong"), login.ErrCredentials)
	}
}

func wantFailures(t *testing.T, c *testkit.Core, name string, want int) {
	t.Helper()
	if failures, reserved, _ := c.Failures(name); failures != want || reserved != 0 {
		t.Errorf("%s has %d failures and %d open reservations, want %d and none", name, failures, reserved, want)
	}
}

func TestSignIn(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	wrong(t, c, "ann", 4)
	wantFailures(t, c, "ann", 4)
	in := c.MustSignIn("ann", "phone")
	wantFailures(t, c, "ann", 0)
	if p := c.MustWho(in.Token); p.User.ID != ann.ID || p.Session != in.Session.ID {
		t.Errorf("signed in as %d on %s", p.User.ID, p.Session)
	}
	list, err := c.Sessions.List(t.Context(), ann.ID)
	if err != nil || len(list) != 1 {
		t.Errorf("%d sessions, %v; want one", len(list), err)
	}
}

// Who is unknown, disabled or without a password gets the same answer as who
// is wrong, after the same work, and is counted alike.
func TestRefusalsTellNothing(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	c.User("ann")
	_, err := c.Accounts.CreateUser(t.Context(), account.NewUser{Username: "off", Password: testkit.Password, Disabled: true}, testkit.Origin())
	must(t, err)
	c.User("factor")
	c.EnableTOTP(c.MustSignIn("factor", "").Token)
	reference := identity.AsError(try(c, "ann", "wrong"))
	for i, tc := range []struct{ name, text, code string }{
		{"ann", "wrong", ""},
		{"ann", "", ""},
		{"ann", strings.ToUpper(testkit.Password), ""},
		{"ann", testkit.Password + " ", ""},
		{"nobody", "wrong", ""},
		{"nobody", testkit.Password, "123456"},
		{"off", "wrong", ""},
		{"off", testkit.Password, ""},
		{"guest", "", ""},
		{"guest", "guest", ""},
		{"factor", "wrong", ""},
		{"factor", "wrong", "123456"},
		{"", testkit.Password, ""},
		{"../ann", testkit.Password, ""},
		{"ann\x00", testkit.Password, ""},
		{"ann' OR '1'='1", testkit.Password, ""},
		{strings.Repeat("x", 5000), testkit.Password, ""},
		{"\xff\xfe", testkit.Password, ""},
	} {
		before := c.Hasher.Verified()
		c.Store.Calls()
		a := testkit.Attempt(tc.name, tc.text)
		a.Code, a.Address = tc.code, testkit.Address(100+i)
		_, err := c.SignIn(a, "")
		got := identity.AsError(err)
		if got.Kind != reference.Kind || got.Code != reference.Code || got.Message != reference.Message ||
			got.Field != reference.Field || got.RetryAfter != reference.RetryAfter {
			t.Errorf("%.20q: %+v, want %+v", tc.name, got, reference)
		}
		calls := c.Store.Calls()
		if n := c.Hasher.Verified() - before; n != 1 || calls["UpdateThrottles"] != 2 || calls["UpdateUser"]+calls["OpenSession"] != 0 {
			t.Errorf("%.20q: %d verifications and the calls %v; want one, two counts and nothing else", tc.name, n, calls)
		}
		if n := failuresFrom(t, c, testkit.Address(100+i)); n != 1 {
			t.Errorf("%.20q: %d failures, want one", tc.name, n)
		}
	}
}

// failuresFrom sums up the failures of accounts from one address.
func failuresFrom(t *testing.T, c *testkit.Core, from netip.Addr) (n int) {
	t.Helper()
	list, err := c.Store.Throttles(t.Context(), identity.Page{})
	must(t, err)
	for _, k := range list {
		if k.Key.Scope == identity.ThrottlePair && k.Key.Address == from.String() {
			n += k.Failures
		}
	}
	return n
}

func TestUnknownNamesLockAlike(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	c.User("ann")
	for _, name := range []string{"ann", "nobody", "no/name"} {
		for i := range 8 {
			err := try(c, name, "wrong")
			if i < throttle.PairLimit {
				want(t, name, err, login.ErrCredentials)
				continue
			}
			e := identity.AsError(err)
			if e.Kind != identity.Throttled || e.Code != "too_many_attempts" || e.RetryAfter != 5*time.Minute {
				t.Errorf("%s, try %d: %v for %v", name, i+1, err, e.RetryAfter)
			}
		}
	}
}

func TestTheRightPasswordWaitsForTheLock(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	c.User("ann")
	phone := c.MustSignIn("ann", "phone")
	wrong(t, c, "ann", 5)
	before := c.Hasher.Verified()
	wantKind(t, "the right password", try(c, "ann", testkit.Password), identity.Throttled)
	if c.Hasher.Verified() != before {
		t.Error("a password was checked while the account was locked")
	}
	c.MustWho(phone.Token) // who is signed in stays so
	c.Clock.Add(5*time.Minute - time.Second)
	wantKind(t, "a second early", try(c, "ann", testkit.Password), identity.Throttled)
	again := c.Restart()
	wantKind(t, "after a restart", try(again, "ann", testkit.Password), identity.Throttled)
	again.MustWho(phone.Token)
	again.Clock.Add(time.Second)
	must(t, try(again, "ann", testkit.Password))
}

func TestUnlock(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	c.User("ann")
	wrong(t, c, "ann", 5)
	if _, err := c.Throttle.Clear(t.Context(), "ann"); err != nil {
		t.Fatal(err)
	}
	must(t, try(c, "ann", testkit.Password))
}

func TestALockLastsAsTheDoorSays(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	c.User("ann")
	a := testkit.Attempt("ann", "wrong")
	a.LockFor = 2 * time.Hour
	for range 5 {
		_, err := c.SignIn(a, "")
		want(t, "a wrong guess", err, login.ErrCredentials)
	}
	if e := identity.AsError(try(c, "ann", testkit.Password)); e.RetryAfter != 2*time.Hour {
		t.Errorf("locked for %v at another door, want 2h", e.RetryAfter)
	}
}

// A hundred guesses at once: five are looked at. The hash costs what it costs
// in production, so that they overlap, and none waits for another's.
func TestParallelGuesses(t *testing.T) {
	c := testkit.Open(t, testkit.Options{Costs: password.Floor(), Gate: throttle.PairLimit})
	c.User("ann")
	before := c.Hasher.Verified()
	var credentials, locked atomic.Int32
	parallel(100, func(int) {
		switch err := try(c, "ann", "wrong"); identity.KindOf(err) {
		case identity.Unauthenticated:
			credentials.Add(1)
		case identity.Throttled:
			locked.Add(1)
		default:
			t.Errorf("guess: %v", err)
		}
	})
	if n := c.Hasher.Verified() - before; n != 5 || credentials.Load() != 5 || locked.Load() != 95 {
		t.Errorf("%d verifications, %d wrong, %d locked; want 5, 5 and 95", n, credentials.Load(), locked.Load())
	}
	wantFailures(t, c, "ann", 5)
}

func TestParallelSignIns(t *testing.T) {
	c := testkit.Open(t, testkit.Options{Costs: password.Floor(), Gate: throttle.PairLimit})
	ann := c.User("ann")
	parallel(64, func(int) {
		if err := try(c, "ann", testkit.Password); err != nil {
			t.Errorf("the right password: %v", err)
		}
	})
	wantFailures(t, c, "ann", 0)
	list, err := c.Sessions.List(t.Context(), ann.ID)
	if err != nil || len(list) != 1 {
		t.Errorf("%d devices, %v; want one", len(list), err)
	}
}

// 64 people at once fit into the queue of the hasher, and none of them waits
// for another's attempt.
func TestParallelSignInsOfMany(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	for i := range 64 {
		c.User(name(i))
	}
	parallel(64, func(i int) {
		a := testkit.Attempt(name(i), testkit.Password)
		a.Address = testkit.Address(i)
		if _, err := c.SignIn(a, ""); err != nil {
			t.Errorf("user %d: %v", i, err)
		}
	})
}

// Right and wrong ones together: no run of failures is longer than the limit,
// and a refusal is always a lock.
func TestParallelMix(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	c.User("ann")
	before := c.Hasher.Verified()
	var in, out, locked atomic.Int32
	parallel(90, func(i int) {
		text := "wrong"
		if i%2 == 0 {
			text = testkit.Password
		}
		switch err := try(c, "ann", text); {
		case err == nil && i%2 == 0:
			in.Add(1)
		case errors.Is(err, login.ErrCredentials) && i%2 == 1:
			out.Add(1)
		case identity.KindOf(err) == identity.Throttled:
			locked.Add(1)
		default:
			t.Errorf("%q: %v", text, err)
		}
	})
	if n := c.Hasher.Verified() - before; n != int(in.Load()+out.Load()) {
		t.Errorf("%d verifications for %d answers", n, in.Load()+out.Load())
	}
	if out.Load() > throttle.PairLimit*(in.Load()+1) {
		t.Errorf("%d wrong guesses beside %d right ones", out.Load(), in.Load())
	}
	if _, reserved, held := c.Failures("ann"); reserved != 0 || locked.Load() > 0 && !held {
		t.Errorf("%d reservations are left; locked %v, and %d were refused", reserved, held, locked.Load())
	}
}

func name(i int) string { return "user" + string(rune('a'+i/26)) + string(rune('a'+i%26)) }

func parallel(n int, f func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { f(i) })
	}
	wg.Wait()
}

// Every way to show a password or a code fills one counter.
func TestOneCounterForAllDoors(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	c.User("ann")
	in := c.MustSignIn("ann", "phone")
	secret, _ := c.EnableTOTP(in.Token)
	who := c.MustWho(in.Token)
	bad := testkit.Attempt("ann", "wrong")
	code := testkit.Attempt("ann", testkit.Password)
	code.Code = "000000"
	doors := []struct {
		name string
		try  func() error
		want error
	}{
		{"sign-in", func() error { _, err := c.SignIn(bad, ""); return err }, login.ErrCredentials},
		{"SFTP", func() error { _, err := c.Login.CheckPassword(t.Context(), bad); return err }, login.ErrCredentials},
		{"code", func() error { _, err := c.SignIn(code, ""); return err }, login.ErrCodeWrong},
		{"proof by password", func() error {
			return c.Login.Prove(t.Context(), who, account.Proof{Password: password.DigestOf("wrong")}, false, testkit.Origin())
		}, login.ErrCredentials},
		{"proof by code", func() error {
			return c.Login.Prove(t.Context(), who, account.Proof{Code: "000000"}, true, testkit.Origin())
		}, login.ErrCodeWrong},
	}
	for i, door := range doors {
		want(t, door.name, door.try(), door.want)
		wantFailures(t, c, "ann", i+1)
	}
	code.Code = c.Code(secret)
	_, err := c.SignIn(code, "")
	wantKind(t, "sign-in with everything right", err, identity.Throttled)
	for _, door := range doors {
		wantKind(t, door.name, door.try(), identity.Throttled)
	}
}

// However a name is written it is one account with one counter.
func TestNameVariantsAreOneAccount(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	c.User("ann")
	for _, typed := range []string{"ANN", " ann ", "ＡＮＮ", "Ann\t", "aNn"} {
		must(t, try(c, typed, testkit.Password))
		want(t, typed, try(c, typed, "wrong"), login.ErrCredentials)
		must(t, try(c, "ann", testkit.Password))
	}
	for _, typed := range []string{"ANN", " ann ", "ＡＮＮ", "Ann\t", "aNn"} {
		want(t, typed, try(c, typed, "wrong"), login.ErrCredentials)
	}
	wantKind(t, "the sixth", try(c, "ann", testkit.Password), identity.Throttled)
}

// Every byte of a password counts, in whatever form it is sent.
func TestPasswordIsComparedWhole(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	long := strings.Repeat("0123456789", 102) + "end." // 1,024 bytes
	_, err := c.Accounts.CreateUser(t.Context(), account.NewUser{Username: "long", Password: long}, testkit.Origin())
	must(t, err)
	must(t, try(c, "long", long))
	for _, other := range []string{long[:1023], long + "x", long[:72], long[:72] + "X" + long[73:], strings.ToUpper(long), " " + long} {
		want(t, "another password", try(c, "long", other), login.ErrCredentials)
		must(t, try(c, "long", long))
	}
}

// The hash that /login/hash takes is as good as the password, until that is changed.
func TestDigestIsWorthlessAfterAChange(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	digest, err := password.ParseDigest(password.DigestOf(testkit.Password).Reveal())
	must(t, err)
	a := testkit.Attempt("ann", "")
	a.Password = digest
	_, err = c.SignIn(a, "")
	must(t, err)
	other := "another good one"
	_, err = c.Accounts.UpdateUser(t.Context(), ann.ID, account.UserChange{Password: &other}, testkit.Origin())
	must(t, err)
	_, err = c.SignIn(a, "")
	want(t, "the old digest", err, login.ErrCredentials)
	a.Password = password.Digest{} // what a malformed digest becomes
	_, err = c.SignIn(a, "")
	want(t, "no digest", err, login.ErrCredentials)
	wantFailures(t, c, "ann", 2)
}

// A request that was given up checks nothing and counts nothing.
func TestGivenUpBeforeTheCheck(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	c.User("ann")
	for range 10 {
		ctx, giveUp := context.WithCancel(t.Context())
		c.Hasher.During = giveUp
		_, err := c.Login.CheckPassword(ctx, testkit.Attempt("ann", "wrong"))
		wantKind(t, "given up", err, identity.Unavailable)
	}
	c.Hasher.During = nil
	wantFailures(t, c, "ann", 0)
}

func TestMustChangePassword(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	_, err := c.Accounts.CreateUser(t.Context(), account.NewUser{Username: "new", Password: testkit.Password, MustChange: true}, testkit.Origin())
	must(t, err)
	in := c.MustSignIn("new", "phone")
	p := c.MustWho(in.Token)
	if p.Can(identity.OwnAccount) || p.Can(identity.AnyAccount) || !p.Can(identity.OwnAccountLimited) {
		t.Error("somebody who must change their password may do more than that")
	}
	_, err = c.Login.CheckPassword(t.Context(), testkit.Attempt("new", testkit.Password))
	want(t, "SFTP", err, login.ErrMustChangePassword)
	_, err = c.Login.CheckPassword(t.Context(), testkit.Attempt("new", "wrong"))
	want(t, "SFTP with a wrong password", err, login.ErrCredentials)
}
