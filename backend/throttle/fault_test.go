package throttle_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/internal/testkit"
	"latchkey/backend/throttle"
)

func TestLockSurvivesARestart(t *testing.T) {
	c := open(t)
	fail(t, c, "ann", testkit.Address(1), 4)
	c = c.Restart()
	wantFree(t, c, "ann", testkit.Address(1))
	if !fail(t, c, "ann", testkit.Address(1), 1) {
		t.Error("a restart forgets failures")
	}
	c = c.Restart()
	wantLock(t, c, "ann", testkit.Address(1), lockFor)
}

// A crash in the middle of an attempt forgives nothing: what was under way is
// a failure, and if it was the last one it locks.
func TestCrashInAnAttempt(t *testing.T) {
	for _, tc := range []struct {
		failed, underWay, left int
	}{
		{0, 1, 4}, {2, 2, 1}, {4, 1, 0}, {0, 5, 0}, {3, 2, 0},
	} {
		c := open(t)
		fail(t, c, "ann", testkit.Address(1), tc.failed)
		for range tc.underWay {
			begin(t, c, "ann", testkit.Address(1))
		}
		again := c.Again()
		if tc.left > 0 {
			if fail(t, again, "ann", testkit.Address(1), tc.left-1) {
				t.Errorf("%+v: locked too early", tc)
			}
			fail(t, again, "ann", testkit.Address(1), 1)
		}
		wantLock(t, again, "ann", testkit.Address(1), lockFor)
		again.Clock.Add(lockFor)
		wantFree(t, again, "ann", testkit.Address(1))
	}
}

// The hundredth failure in a row locks for good also if it was a crash.
func TestCrashAtTheHundredthFailure(t *testing.T) {
	c := open(t)
	for i := range 99 {
		fail(t, c, "ann", testkit.Address(i), 1)
		if i%20 == 19 {
			c.Clock.Add(lockFor)
		}
	}
	begin(t, c, "ann", testkit.Address(500))
	again := c.Again()
	if code, _ := refusal(t, again, "ann", testkit.Address(600)); code != "account_locked" {
		t.Errorf("after 99 failures and a crash: %q, want account_locked", code)
	}
}

// A clock that is set back neither ends a lock early nor stretches it.
func TestClockBackDuringALock(t *testing.T) {
	for _, long := range []time.Duration{lockFor, 2 * time.Hour} {
		for _, back := range []time.Duration{time.Second, time.Hour, 24 * time.Hour, 50 * 365 * 24 * time.Hour} {
			c := open(t)
			for range throttle.PairLimit {
				a, err := c.Throttle.Begin(t.Context(), "ann", testkit.Address(1), throttle.Door{LockFor: long})
				if err != nil {
					t.Fatal(err)
				}
				if _, err := a.Fail(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			c.Clock.Add(long / 2)
			c.Clock.Add(-back)
			wantLock(t, c, "ann", testkit.Address(1), min(long, long/2+back))
			_, left := refusal(t, c, "ann", testkit.Address(1))
			c.Clock.Add(left - time.Second)
			wantLock(t, c, "ann", testkit.Address(1), time.Second)
			c.Clock.Add(time.Second)
			wantFree(t, c, "ann", testkit.Address(1))
		}
	}
}

// A clock that jumps ahead and back ends a lock, but the failures in a row of
// the account stay.
func TestClockForwardDuringALock(t *testing.T) {
	c := open(t)
	fail(t, c, "ann", testkit.Address(1), 5)
	c.Clock.Add(3 * time.Hour)
	wantFree(t, c, "ann", testkit.Address(1))
	c.Clock.Add(-3 * time.Hour)
	fail(t, c, "ann", testkit.Address(1), 4)
	list, err := c.Store.Throttles(t.Context(), identity.Page{})
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range list {
		if k.Key.Scope == identity.ThrottleAccount && k.Failures != 9 {
			t.Errorf("the account has %d failures in a row, want 9", k.Failures)
		}
	}
}

func TestOddClocks(t *testing.T) {
	c := open(t)
	for _, at := range []time.Time{time.Unix(0, 0), testkit.Start.AddDate(10, 0, 0), testkit.Start.In(time.FixedZone("x", -12*3600))} {
		c.Clock.Set(at)
		name := "ann" + at.Format("2006")
		fail(t, c, name, testkit.Address(1), 5)
		wantLock(t, c, name, testkit.Address(1), lockFor)
		c.Clock.Add(lockFor)
		wantFree(t, c, name, testkit.Address(1))
	}
}

// undoing is a store whose changes run twice, as the contract allows: first
// where one more failure locks, which comes to nothing, then in earnest.
type undoing struct{ *testkit.Store }

func (u undoing) UpdateThrottles(ctx context.Context, keys []identity.ThrottleKey, change func([]identity.Throttle) error) error {
	return u.Store.UpdateThrottles(ctx, keys, func(list []identity.Throttle) error {
		undone := slices.Clone(list)
		for i := range undone {
			undone[i].Failures = throttle.PairLimit - 1
		}
		if err := change(undone); err != nil {
			return err
		}
		return change(list)
	})
}

// A lock that was undone is not reported.
func TestFailThatRunsTwice(t *testing.T) {
	c := open(t)
	s := throttle.New(undoing{c.Store}, c.Env)
	for i, want := range []bool{false, false, false, false, true} {
		a, err := s.Begin(t.Context(), "ann", testkit.Address(1), throttle.Door{LockFor: lockFor})
		if err != nil {
			t.Fatal(err)
		}
		if locked, err := a.Fail(t.Context()); err != nil || locked != want {
			t.Errorf("failure %d: locked %v, %v; want %v", i, locked, err, want)
		}
	}
	wantLock(t, c, "ann", testkit.Address(1), lockFor)
}

// A store that fails when an attempt ends must not keep its reservation open:
// five of those would shut the account until the next start.
func TestEndThatCannotBeStored(t *testing.T) {
	c := open(t)
	here := testkit.Address(1)
	broken := errors.New("disk full")
	ends := []func(*throttle.Attempt) error{
		func(a *throttle.Attempt) error { return a.Succeed(t.Context()) },
		func(a *throttle.Attempt) error { return a.Cancel(t.Context()) },
		func(a *throttle.Attempt) error { _, err := a.Fail(t.Context()); return err },
	}
	for i, end := range ends {
		a := begin(t, c, "ann", here)
		c.Store.FailWith(func(string) error { return broken })
		if err := end(a); !errors.Is(err, broken) {
			t.Errorf("end %d: %v, want the store's error", i, err)
		}
		if _, err := c.Throttle.Begin(t.Context(), "ann", here, throttle.Door{LockFor: lockFor}); !errors.Is(err, broken) {
			t.Errorf("Begin after end %d: %v, want the store's error", i, err)
		}
		c.Store.FailWith(nil)
		wantFree(t, c, "ann", here)
		if failures, reserved, _ := c.Failures("ann"); failures != i+1 || reserved != 0 {
			t.Errorf("after end %d: %d failures and %d reservations, want %d and none", i, failures, reserved, i+1)
		}
	}
	if fail(t, c, "ann", here, 1) || !fail(t, c, "ann", here, 1) {
		t.Error("what could not be stored does not count towards the lock")
	}
	wantLock(t, c, "ann", here, lockFor)
}

// Who waits for such an attempt goes on when the store works again.
func TestWaitingForAnEndThatCannotBeStored(t *testing.T) {
	c := open(t)
	var under []*throttle.Attempt
	for range throttle.PairLimit {
		under = append(under, begin(t, c, "ann", testkit.Address(1)))
	}
	c.Store.Calls()
	result := make(chan error)
	go func() {
		_, err := c.Throttle.Begin(t.Context(), "ann", testkit.Address(1), throttle.Door{LockFor: lockFor})
		result <- err
	}()
	for c.Store.Calls()["UpdateThrottles"] == 0 { // the one that waits has looked
		<-time.After(time.Millisecond)
	}
	failing := true
	c.Store.FailWith(func(string) error {
		if failing {
			failing = false
			return errors.New("disk full")
		}
		return nil
	})
	if err := under[0].Cancel(t.Context()); err == nil {
		t.Fatal("the end was stored")
	}
	for _, a := range under[1:] {
		if err := a.Cancel(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-result; err != nil {
		t.Errorf("the one that waited: %v", err)
	}
}
