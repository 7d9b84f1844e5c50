package throttle_test

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/internal/testkit"
	"latchkey/backend/throttle"
)

const lockFor = 5 * time.Minute

func open(t *testing.T) *testkit.Core { return testkit.Open(t, testkit.Options{NoSeed: true}) }

// begin reserves an attempt that must be allowed.
func begin(t *testing.T, c *testkit.Core, account string, from netip.Addr) *throttle.Attempt {
	t.Helper()
	a, err := c.Throttle.Begin(t.Context(), account, from, throttle.Door{LockFor: lockFor})
	if err != nil {
		t.Fatalf("begin on %s from %v: %v", account, from, err)
	}
	return a
}

// fail counts n failures, which must be allowed, and returns whether the last
// one led to a lock.
func fail(t *testing.T, c *testkit.Core, account string, from netip.Addr, n int) (locked bool) {
	t.Helper()
	for range n {
		var err error
		if locked, err = begin(t, c, account, from).Fail(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return locked
}

func succeed(t *testing.T, c *testkit.Core, account string, from netip.Addr) {
	t.Helper()
	if err := begin(t, c, account, from).Succeed(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// refusal is how an attempt is refused, or "" if it is not: it is cancelled then.
func refusal(t *testing.T, c *testkit.Core, account string, from netip.Addr) (code string, left time.Duration) {
	t.Helper()
	a, err := c.Throttle.Begin(t.Context(), account, from, throttle.Door{LockFor: lockFor})
	if err == nil {
		if err := a.Cancel(t.Context()); err != nil {
			t.Fatal(err)
		}
		return "", 0
	}
	e := identity.AsError(err)
	if e.Kind != identity.Throttled {
		t.Fatalf("refused with %v", err)
	}
	return e.Code, e.RetryAfter
}

func wantLock(t *testing.T, c *testkit.Core, account string, from netip.Addr, left time.Duration) {
	t.Helper()
	if code, got := refusal(t, c, account, from); code != "too_many_attempts" || got != left {
		t.Errorf("%s from %v: %q for %v, want a lock for %v", account, from, code, got, left)
	}
}

func wantFree(t *testing.T, c *testkit.Core, account string, from netip.Addr) {
	t.Helper()
	if code, left := refusal(t, c, account, from); code != "" {
		t.Errorf("%s from %v: %q for %v, want no lock", account, from, code, left)
	}
}

func TestFiveFailuresLock(t *testing.T) {
	c := open(t)
	here, there := testkit.Address(1), testkit.Address(2)
	if fail(t, c, "ann", here, 4) {
		t.Error("four failures lock")
	}
	wantFree(t, c, "ann", here)
	if !fail(t, c, "ann", here, 1) {
		t.Error("five failures do not lock")
	}
	wantLock(t, c, "ann", here, lockFor)
	wantFree(t, c, "ann", there)
	wantFree(t, c, "bob", here)

	c.Clock.Add(lockFor - time.Second)
	wantLock(t, c, "ann", here, time.Second) // asking does not extend it
	c.Clock.Add(time.Second)
	wantFree(t, c, "ann", here)
	if fail(t, c, "ann", here, 4) {
		t.Error("after a lock four failures lock")
	}
	if !fail(t, c, "ann", here, 1) {
		t.Error("after a lock five failures do not lock")
	}
}

func TestSuccessForgetsFailures(t *testing.T) {
	c := open(t)
	here := testkit.Address(1)
	for range 12 {
		if fail(t, c, "ann", here, 4) {
			t.Fatal("four failures lock")
		}
		succeed(t, c, "ann", here)
	}
	list, err := c.Store.Throttles(t.Context(), identity.Page{})
	if err != nil || len(list) != 1 || list[0].Key.Scope != identity.ThrottleAddress || list[0].Failures != 48 {
		t.Errorf("counters are %+v, %v; want only the address's, with 48", list, err)
	}
}

func TestCancelCountsNothing(t *testing.T) {
	c := open(t)
	for range 20 {
		if err := begin(t, c, "ann", testkit.Address(1)).Cancel(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if list, err := c.Store.Throttles(t.Context(), identity.Page{}); err != nil || len(list) != 0 {
		t.Errorf("counters are %+v, %v; want none", list, err)
	}
}

// Guesses at one account from ever new addresses.
func TestAccountLocksFromManyAddresses(t *testing.T) {
	c := open(t)
	n := 0
	guess := func(times int) (locked bool) {
		t.Helper()
		for range times {
			n++
			locked = fail(t, c, "ann", testkit.Address(n), 1)
		}
		return locked
	}
	stranger := testkit.Address(60_000)
	for round := 1; round < 5; round++ {
		if guess(19) {
			t.Fatalf("round %d: locked before 20", round)
		}
		if !guess(1) {
			t.Fatalf("round %d: not locked at 20", round)
		}
		wantLock(t, c, "ann", stranger, lockFor)
		c.Clock.Add(lockFor)
		wantFree(t, c, "ann", stranger)
	}
	guess(20)
	for _, later := range []time.Duration{0, lockFor, 365 * 24 * time.Hour} {
		c.Clock.Add(later)
		if code, left := refusal(t, c, "ann", stranger); code != "account_locked" || left != 0 {
			t.Errorf("%v after 100 failures: %q for %v, want a lock without end", later, code, left)
		}
	}
	again := c.Restart()
	if code, _ := refusal(t, again, "ann", stranger); code != "account_locked" {
		t.Errorf("after a restart: %q", code)
	}
	if _, err := again.Throttle.Clear(t.Context(), "bob"); err != nil {
		t.Fatal(err)
	}
	if code, _ := refusal(t, again, "ann", stranger); code != "account_locked" {
		t.Errorf("unlocking bob unlocks ann: %q", code)
	}
	if _, err := again.Throttle.Clear(t.Context(), "ann"); err != nil {
		t.Fatal(err)
	}
	wantFree(t, again, "ann", stranger)
	if fail(t, again, "ann", stranger, 4) {
		t.Error("an unlocked account has failures left over")
	}
}

// Five failures and a success in turn is no way to a hundred free guesses, but
// a success does show that the person is there.
func TestSuccessEndsTheRow(t *testing.T) {
	c := open(t)
	for i := range 19 {
		fail(t, c, "ann", testkit.Address(i), 1)
	}
	succeed(t, c, "ann", testkit.Address(500))
	for i := range 19 {
		if fail(t, c, "ann", testkit.Address(1000+i), 1) {
			t.Fatal("failures from before a success count on")
		}
	}
	if !fail(t, c, "ann", testkit.Address(2000), 1) {
		t.Error("20 failures do not lock")
	}
}

// Guesses from one address at ever new accounts.
func TestAddressLocksOverManyAccounts(t *testing.T) {
	c := open(t)
	here := testkit.Address(1)
	for i := range 49 {
		if fail(t, c, fmt.Sprintf("user%d", i), here, 1) {
			t.Fatalf("locked at %d", i+1)
		}
	}
	succeed(t, c, "the guesser's own", here)
	if !fail(t, c, "user49", here, 1) {
		t.Error("a success of somebody else clears an address")
	}
	wantLock(t, c, "somebody new", here, lockFor)
	wantFree(t, c, "somebody new", testkit.Address(2))
	c.Clock.Add(lockFor)
	wantFree(t, c, "somebody new", here)
	for i := range 10 {
		fail(t, c, fmt.Sprintf("user%d", i), here, 1)
	}
	c.Clock.Add(time.Hour + time.Second)
	for i := range 49 {
		if fail(t, c, fmt.Sprintf("user%d", i), here, 1) {
			t.Fatalf("an address stays suspect for more than an hour: locked at %d", i+1)
		}
	}
}

func TestOneAddressHasOneCounter(t *testing.T) {
	c := open(t)
	for _, form := range []string{"192.0.2.7", "::ffff:192.0.2.7", "::ffff:c000:207", "192.0.2.7", "::ffff:192.0.2.7"} {
		fail(t, c, "ann", netip.MustParseAddr(form), 1)
	}
	wantLock(t, c, "ann", netip.MustParseAddr("192.0.2.7"), lockFor)
	for _, form := range []string{"fe80::1%eth0", "fe80::1%eth1", "fe80::1", "fe80:0::1%wlan0", "fe80::1%1"} {
		fail(t, c, "ann", netip.MustParseAddr(form), 1)
	}
	wantLock(t, c, "ann", netip.MustParseAddr("fe80::1"), lockFor)
	wantFree(t, c, "ann", netip.MustParseAddr("fe80::2"))
	fail(t, c, "bob", netip.Addr{}, 5) // a door that knows no address still counts
	wantLock(t, c, "bob", netip.Addr{}, lockFor)
}

// Of several locks the one that lasts longest is told.
func TestLongestLockIsTold(t *testing.T) {
	c := open(t)
	here := testkit.Address(1)
	for i := range 15 {
		fail(t, c, "ann", testkit.Address(100+i), 1)
	}
	fail(t, c, "ann", here, 4)
	a, err := c.Throttle.Begin(t.Context(), "ann", here, throttle.Door{LockFor: 2 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	if locked, err := a.Fail(t.Context()); !locked || err != nil { // from everywhere for five minutes, too
		t.Fatalf("20 failures: locked %v, %v", locked, err)
	}
	wantLock(t, c, "ann", here, 2*time.Hour)
	wantLock(t, c, "ann", testkit.Address(300), throttle.WideLock)
}

func TestLockLeft(t *testing.T) {
	now := testkit.Start
	for _, tc := range []struct {
		c    identity.Throttle
		left time.Duration
		held bool
	}{
		{identity.Throttle{}, 0, false},
		{identity.Throttle{Failures: 4}, 0, false},
		{identity.Throttle{LockedUntil: now.Add(time.Minute), LockedFor: lockFor}, time.Minute, true},
		{identity.Throttle{LockedUntil: now, LockedFor: lockFor}, 0, false},
		{identity.Throttle{LockedUntil: now.Add(-time.Second), LockedFor: lockFor}, -time.Second, false},
		{identity.Throttle{LockedUntil: now.Add(time.Hour), LockedFor: lockFor}, lockFor, true}, // the clock was set back
		{identity.Throttle{NeedsUnlock: true}, 0, true},
		{identity.Throttle{NeedsUnlock: true, LockedUntil: now.Add(-time.Hour), LockedFor: lockFor}, 0, true},
	} {
		left, held := throttle.LockLeft(tc.c, now)
		if held != tc.held || held && left != tc.left {
			t.Errorf("LockLeft(%+v) = %v, %v; want %v, %v", tc.c, left, held, tc.left, tc.held)
		}
	}
}

func TestMessageTellsTheTimeLeft(t *testing.T) {
	for _, tc := range []struct {
		lock time.Duration
		want string
	}{
		{time.Second, "1 second"},
		{1500 * time.Millisecond, "2 seconds"},
		{90 * time.Second, "90 seconds"},
		{2 * time.Minute, "120 seconds"},
		{2*time.Minute + time.Millisecond, "3 minutes"},
		{5 * time.Minute, "5 minutes"},
		{2 * time.Hour, "120 minutes"},
		{2*time.Hour + time.Second, "3 hours"},
		{48 * time.Hour, "48 hours"},
	} {
		c := open(t)
		for range throttle.PairLimit {
			a, err := c.Throttle.Begin(t.Context(), "ann", testkit.Address(1), throttle.Door{LockFor: tc.lock})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := a.Fail(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		_, err := c.Throttle.Begin(t.Context(), "ann", testkit.Address(1), throttle.Door{LockFor: tc.lock})
		want := "Too many failed sign-ins. Try again in " + tc.want + "."
		if got := identity.AsError(err); got.Message != want || got.RetryAfter != tc.lock {
			t.Errorf("locked for %v: %q for %v, want %q", tc.lock, got.Message, got.RetryAfter, want)
		}
	}
}

func TestListAndClear(t *testing.T) {
	c := open(t)
	fail(t, c, "ann", testkit.Address(1), 5)
	fail(t, c, "ann", testkit.Address(2), 5)
	fail(t, c, "bob", testkit.Address(1), 5)
	clear := func(account string) int {
		t.Helper()
		n, err := c.Throttle.Clear(t.Context(), account)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if list, err := c.Throttle.List(t.Context(), identity.Page{}); err != nil || len(list) != 7 {
		t.Errorf("%d counters, %v; want 3 of pairs, 2 of accounts and 2 of addresses", len(list), err)
	}
	if n := clear("") + clear("nobody") + clear("an") + clear("ann%"); n != 0 {
		t.Errorf("%d counters cleared of nobody", n)
	}
	if n := clear("ann"); n != 3 {
		t.Errorf("%d counters cleared of ann, want 3", n)
	}
	wantFree(t, c, "ann", testkit.Address(1))
	wantLock(t, c, "bob", testkit.Address(1), lockFor)
	if n, err := c.Throttle.ClearAll(t.Context()); n != 4 || err != nil {
		t.Errorf("%d counters cleared, %v; want the 4 that are left", n, err)
	}
	wantFree(t, c, "bob", testkit.Address(1))
}

// Names of any number leave a bounded number of counters, and locks stay.
func TestCountersAreBounded(t *testing.T) {
	c := open(t)
	fail(t, c, "ann", testkit.Address(1), 5)
	for i := range 200 {
		fail(t, c, fmt.Sprintf("name%d", i), testkit.Address(10+i), 1)
		c.Clock.Add(time.Second)
	}
	c.Clock.Add(-200 * time.Second)
	if _, err := c.Store.PurgeThrottles(t.Context(), c.Clock.Now().Add(-30*24*time.Hour), 50); err != nil {
		t.Fatal(err)
	}
	list, err := c.Store.Throttles(t.Context(), identity.Page{})
	if err != nil || len(list) > 60 {
		t.Errorf("%d counters, %v; want some 50", len(list), err)
	}
	wantLock(t, c, "ann", testkit.Address(1), lockFor)
}

func TestStorageFailureLetsNobodyTry(t *testing.T) {
	c := open(t)
	broken := errors.New("disk on fire")
	c.Store.FailWith(func(string) error { return broken })
	if _, err := c.Throttle.Begin(t.Context(), "ann", testkit.Address(1), throttle.Door{LockFor: lockFor}); !errors.Is(err, broken) {
		t.Errorf("Begin while the store fails: %v", err)
	}
}

// A household behind one address forgets its typing errors an hour after the
// last one, however often somebody signs in meanwhile.
func TestAddressHealsWhileOthersSignIn(t *testing.T) {
	c := open(t)
	home := testkit.Address(1)
	for i := range throttle.AddressStep - 1 {
		fail(t, c, fmt.Sprint("typo", i), home, 1)
	}
	for range 7 {
		c.Clock.Add(10 * time.Minute)
		succeed(t, c, "ann", home)
	}
	if locked := fail(t, c, "bob", home, 1); locked {
		t.Error("one failure, an hour after the last, locks the address")
	}
}
