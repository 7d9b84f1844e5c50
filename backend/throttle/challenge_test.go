package throttle_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"latchkey/backend/internal/testkit"
	"latchkey/backend/throttle"
)

// asking is a door that can ask for a captcha, and has no answer.
var asking = throttle.Door{LockFor: 2 * time.Hour, Challenge: true}

// The ladder of a door that can ask: free twice, a captcha from then on, and a
// lock at five however they came about.
func TestChallengeLadder(t *testing.T) {
	c := open(t)
	from := testkit.Address(1)
	for range throttle.FreeFailures {
		a, err := c.Throttle.Begin(t.Context(), "ann", from, asking)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Fail(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		if _, err := c.Throttle.Begin(t.Context(), "ann", from, asking); !errors.Is(err, throttle.ErrChallenge) {
			t.Fatalf("after two failures: %v", err)
		}
	}
	if failures, reserved, locked := c.Failures("ann"); failures != 2 || reserved != 0 || locked {
		t.Errorf("asking for a captcha counted: %d, %d, %v", failures, reserved, locked)
	}
	if a, err := c.Throttle.Begin(t.Context(), "ann", testkit.Address(2), asking); err != nil {
		t.Errorf("from elsewhere: %v", err)
	} else if err := a.Cancel(t.Context()); err != nil {
		t.Fatal(err)
	}
	solved := asking
	solved.Challenge = false
	for i := range 3 {
		a, err := c.Throttle.Begin(t.Context(), "ann", from, solved)
		if err != nil {
			t.Fatal(err)
		}
		if locked, err := a.Fail(t.Context()); err != nil || locked != (i == 2) {
			t.Errorf("failure %d: locked %v, %v", i+3, locked, err)
		}
	}
	wantLock(t, c, "ann", from, 2*time.Hour)
	c.Clock.Add(2 * time.Hour)
	if a, err := c.Throttle.Begin(t.Context(), "ann", from, asking); err != nil {
		t.Errorf("after the lock: %v", err)
	} else if err := a.Succeed(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// However many guess at once, no more than the free failures are looked at
// without a captcha; and nobody who is right is asked for one because others
// are under way.
func TestChallengeInParallel(t *testing.T) {
	c := open(t)
	from := testkit.Address(1)
	var mu sync.Mutex
	looked, asked := 0, 0
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			a, err := c.Throttle.Begin(t.Context(), "ann", from, asking)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case errors.Is(err, throttle.ErrChallenge):
				asked++
			case err != nil:
				t.Error(err)
			default:
				looked++
				if _, err := a.Fail(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if looked != throttle.FreeFailures || asked != 50-looked {
		t.Errorf("%d guesses were looked at, %d were asked for a captcha", looked, asked)
	}
	for range 20 {
		all.Go(func() {
			a, err := c.Throttle.Begin(t.Context(), "bob", from, asking)
			if err == nil {
				err = a.Succeed(t.Context())
			}
			if err != nil {
				t.Errorf("somebody who is right: %v", err)
			}
		})
	}
	all.Wait()
}

func TestLockByHand(t *testing.T) {
	c := open(t)
	if err := c.Throttle.Lock(t.Context(), "ann"); err != nil {
		t.Fatal(err)
	}
	if code, _ := refusal(t, c, "ann", testkit.Address(1)); code != "account_locked" {
		t.Errorf("refused with %q", code)
	}
	locked, err := c.Throttle.Locked(t.Context(), []string{"ann", "bob"})
	if err != nil || !locked["ann"] || locked["bob"] {
		t.Errorf("locked: %v, %v", locked, err)
	}
	if n, err := c.Throttle.Clear(t.Context(), "ann"); err != nil || n != 1 {
		t.Errorf("cleared %d, %v", n, err)
	}
	succeed(t, c, "ann", testkit.Address(1))
}

// A stranger who locks an account for everybody does not choose for how long.
func TestWideLocksAreShort(t *testing.T) {
	c := open(t)
	long := throttle.Door{LockFor: 2 * time.Hour}
	for i := range throttle.AccountStep {
		a, err := c.Throttle.Begin(t.Context(), "ann", testkit.Address(10+i/4), long)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Fail(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	wantLock(t, c, "ann", testkit.Address(1), throttle.WideLock)
	fail(t, c, "bob", testkit.Address(1), 4)
	if a, err := c.Throttle.Begin(t.Context(), "bob", testkit.Address(1), long); err != nil {
		t.Fatal(err)
	} else if _, err := a.Fail(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantLock(t, c, "bob", testkit.Address(1), 2*time.Hour)
}
