package password

import (
	"context"
	"sync/atomic"
	"time"

	"latchkey/backend/identity"
)

const (
	maxWaiting = 64
	maxWait    = 5 * time.Second
	idleAfter  = time.Second // since the last one left
)

// errBusy says that too many sign-ins are under way.
var errBusy = &identity.Error{
	Kind: identity.Unavailable, Code: "busy", RetryAfter: maxWait,
	Message: "The server is busy with other sign-ins. Try again in a few seconds.",
}

// A gate lets a few hashes run at once, keeps a bounded queue behind them in
// order of arrival, and turns everybody else away.
type gate struct {
	slots   chan struct{}
	waiting atomic.Int32
	idle    *time.Timer
}

// newGate returns a gate that calls release each time it has fallen idle.
func newGate(size int, release func()) *gate {
	g := &gate{slots: make(chan struct{}, size), idle: time.AfterFunc(idleAfter, release)}
	g.idle.Stop()
	return g
}

// enter waits for a slot. Without an error the caller must leave the gate. It
// returns an Unavailable error with code busy if the queue is full, if the
// wait takes longer than 5 s, or, at once, when ctx is done.
func (g *gate) enter(ctx context.Context) error {
	if ctx.Err() != nil {
		return errBusy.Because(context.Cause(ctx))
	}
	select {
	case g.slots <- struct{}{}:
		return nil
	default:
	}
	defer g.waiting.Add(-1)
	if g.waiting.Add(1) > maxWaiting {
		return errBusy
	}
	return g.wait(ctx)
}

func (g *gate) wait(ctx context.Context) error {
	patience := time.NewTimer(maxWait)
	defer patience.Stop()
	select {
	case g.slots <- struct{}{}:
		return nil
	case <-patience.C:
		return errBusy
	case <-ctx.Done():
		return errBusy.Because(context.Cause(ctx))
	}
}

func (g *gate) leave() {
	<-g.slots
	g.idle.Reset(idleAfter)
}
