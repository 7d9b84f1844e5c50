package password

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"latchkey/backend/identity"
)

const gateSize = 2

// fill takes every slot of a gate.
func fill(t *testing.T, g *gate) {
	t.Helper()
	for range cap(g.slots) {
		if err := g.enter(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// queue sends n callers to a full gate and returns where their errors arrive.
func queue(ctx context.Context, g *gate, n int) <-chan error {
	entered := make(chan error, n)
	for range n {
		go func() { entered <- g.enter(ctx) }()
	}
	synctest.Wait()
	return entered
}

func wantBusy(t *testing.T, err error) {
	t.Helper()
	e, ok := errors.AsType[*identity.Error](err)
	if !ok || e.Kind != identity.Unavailable || e.Code != "busy" || e.RetryAfter <= 0 {
		t.Errorf("got %#v, want a busy error with a time to try again", err)
	}
}

func TestGateTurnsAwayBeyondItsQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(gateSize, func() {})
		fill(t, g)
		entered := queue(t.Context(), g, maxWaiting)
		if len(entered) != 0 {
			t.Fatalf("%d callers did not wait", len(entered))
		}
		wantBusy(t, g.enter(t.Context()))

		for i := range maxWaiting {
			g.leave()
			synctest.Wait()
			if len(entered) != i+1 {
				t.Fatalf("%d slots were given up, %d callers came in", i+1, len(entered))
			}
		}
		for range maxWaiting {
			if err := <-entered; err != nil {
				t.Error(err)
			}
		}
	})
}

func TestGateQueueEmptiesAfterFiveSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(gateSize, func() {})
		fill(t, g)
		entered := queue(t.Context(), g, maxWaiting)
		time.Sleep(maxWait - 1)
		synctest.Wait()
		if len(entered) != 0 {
			t.Errorf("%d callers lost patience early", len(entered))
		}
		time.Sleep(1 * time.Nanosecond)
		synctest.Wait()
		for range maxWaiting {
			wantBusy(t, <-entered)
		}
		if entered := queue(t.Context(), g, 1); len(entered) != 0 {
			t.Error("the queue is still full")
		}
		g.leave()
		synctest.Wait()
	})
}

func TestGateForgetsCancelledCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(gateSize, func() {})
		fill(t, g)
		ctx, cancel := context.WithCancel(t.Context())
		entered := queue(ctx, g, maxWaiting)
		cancel()
		for range maxWaiting {
			err := <-entered
			wantBusy(t, err)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%v does not tell the cause", err)
			}
		}
		g.leave()
		wantBusy(t, g.enter(ctx)) // there is room, but nobody is waiting any more
		if err := g.enter(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestGateReleasesMemoryOnceIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var released atomic.Int32
		g := newGate(gateSize, func() { released.Add(1) })
		for range 3 {
			fill(t, g)
			g.leave()
			time.Sleep(idleAfter - 1)
			g.leave()
		}
		if n := released.Load(); n != 0 {
			t.Errorf("released %d times between hashes", n)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if n := released.Load(); n != 1 {
			t.Errorf("released %d times after the last hash, want once", n)
		}
	})
}
