package throttle_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/internal/testkit"
	"latchkey/backend/throttle"
)

func TestParallelGuesses(t *testing.T) {
	c := open(t)
	var tried, refused atomic.Int32
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			a, err := c.Throttle.Begin(t.Context(), "ann", testkit.Address(1), throttle.Door{LockFor: lockFor})
			if err != nil {
				e := identity.AsError(err)
				if e.Kind != identity.Throttled || e.RetryAfter != lockFor {
					t.Errorf("refused with %v for %v", err, e.RetryAfter)
				}
				refused.Add(1)
				return
			}
			tried.Add(1)
			if _, err := a.Fail(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if tried.Load() != throttle.PairLimit || refused.Load() != 100-throttle.PairLimit {
		t.Errorf("%d guesses were tried and %d refused, want %d and %d",
			tried.Load(), refused.Load(), throttle.PairLimit, 100-throttle.PairLimit)
	}
}

// One account guessed from 60 addresses at once.
func TestParallelGuessesFromManyAddresses(t *testing.T) {
	c := open(t)
	var tried atomic.Int32
	var wg sync.WaitGroup
	for i := range 60 {
		wg.Go(func() {
			if a, err := c.Throttle.Begin(t.Context(), "ann", testkit.Address(i), throttle.Door{LockFor: lockFor}); err == nil {
				tried.Add(1)
				if _, err := a.Fail(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if tried.Load() != throttle.AccountStep {
		t.Errorf("%d guesses were tried, want %d", tried.Load(), throttle.AccountStep)
	}
}

func TestParallelSuccesses(t *testing.T) {
	c := open(t)
	var underWay, most atomic.Int32
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			a, err := c.Throttle.Begin(t.Context(), "ann", testkit.Address(1), throttle.Door{LockFor: lockFor})
			if err != nil {
				t.Errorf("refused: %v", err)
				return
			}
			n := underWay.Add(1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			underWay.Add(-1)
			if err := a.Succeed(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if most.Load() > throttle.PairLimit {
		t.Errorf("%d attempts were under way at once, want at most %d", most.Load(), throttle.PairLimit)
	}
	if failures, reserved, _ := c.Failures("ann"); failures != 0 || reserved != 0 {
		t.Errorf("%d failures and %d reservations are left", failures, reserved)
	}
}

// Right and wrong ones together: whatever the order, no more than five wrong
// ones pass without a right one between them.
func TestParallelMix(t *testing.T) {
	c := open(t)
	var mu sync.Mutex
	inARow, worst, locked := 0, 0, 0
	var wg sync.WaitGroup
	for i := range 60 { // fewer failures than lock the address
		wg.Go(func() {
			a, err := c.Throttle.Begin(t.Context(), "ann", testkit.Address(1), throttle.Door{LockFor: lockFor})
			if err != nil {
				mu.Lock()
				locked++
				mu.Unlock()
				return
			}
			mu.Lock()
			defer mu.Unlock() // ends are told in the order in which they are counted here
			if i%3 == 0 {
				err = a.Succeed(t.Context())
				inARow = 0
			} else {
				_, err = a.Fail(t.Context())
				inARow++
			}
			if err != nil {
				t.Error(err)
			}
			worst = max(worst, inARow)
		})
	}
	wg.Wait()
	if worst > throttle.PairLimit || worst < throttle.PairLimit && locked > 0 {
		t.Errorf("%d failures in a row, %d refused", worst, locked)
	}
	if _, reserved, _ := c.Failures("ann"); reserved != 0 {
		t.Errorf("%d reservations are left", reserved)
	}
}

// Who waits and gives up leaves nothing behind, and who comes when too many
// wait is turned away at once.
func TestWaiting(t *testing.T) {
	c := open(t)
	var open []*throttle.Attempt
	for range throttle.PairLimit {
		open = append(open, begin(t, c, "ann", testkit.Address(1)))
	}
	ctx, giveUp := context.WithCancel(t.Context())
	var busy atomic.Int32
	var wg sync.WaitGroup
	for range 300 {
		wg.Go(func() {
			_, err := c.Throttle.Begin(ctx, "ann", testkit.Address(1), throttle.Door{LockFor: lockFor})
			if identity.KindOf(err) != identity.Unavailable && !errors.Is(err, context.Canceled) {
				t.Errorf("after giving up: %v", err)
			}
			busy.Add(1)
		})
	}
	for deadline := time.Now().Add(30 * time.Second); busy.Load() < 300-256; {
		if time.Now().After(deadline) {
			t.Fatalf("%d of 300 were turned away, want %d", busy.Load(), 300-256)
		}
		<-time.After(time.Millisecond)
	}
	giveUp()
	wg.Wait()
	for _, a := range open {
		if err := a.Cancel(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	wantFree(t, c, "ann", testkit.Address(1))
	if list, err := c.Store.Throttles(t.Context(), identity.Page{}); err != nil || len(list) != 0 {
		t.Errorf("counters are %+v, %v; want none", list, err)
	}
}

// The client goes away while its guess is checked: it counts all the same.
func TestGoingAwayDoesNotHelp(t *testing.T) {
	c := open(t)
	for range throttle.PairLimit {
		ctx, goAway := context.WithCancel(t.Context())
		a, err := c.Throttle.Begin(ctx, "ann", testkit.Address(1), throttle.Door{LockFor: lockFor})
		if err != nil {
			t.Fatal(err)
		}
		goAway()
		if _, err := a.Fail(ctx); err != nil {
			t.Fatal(err)
		}
	}
	wantLock(t, c, "ann", testkit.Address(1), lockFor)
}

func BenchmarkAttempt(b *testing.B) {
	c := testkit.Open(b, testkit.Options{NoSeed: true})
	b.Run("one", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			a, err := c.Throttle.Begin(b.Context(), "ann", testkit.Address(1), throttle.Door{LockFor: lockFor})
			if err != nil {
				b.Fatal(err)
			}
			if err := a.Succeed(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("64 at once", func(b *testing.B) {
		for b.Loop() {
			var wg sync.WaitGroup
			for i := range 64 {
				wg.Go(func() {
					a, err := c.Throttle.Begin(b.Context(), "ann", testkit.Address(1), throttle.Door{LockFor: lockFor})
					if err == nil {
						err = a.Succeed(b.Context())
					}
					if err != nil {
						b.Error(fmt.Errorf("attempt %d: %w", i, err))
					}
				})
			}
			wg.Wait()
		}
	})
}
