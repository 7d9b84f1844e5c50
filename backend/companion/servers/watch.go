package servers

import (
	"context"
	"sync"
	"time"
)

// How long a server is left in peace between two looks at it.
const (
	lookEvery  = time.Minute
	firstRetry = 2 * time.Second // doubled each time that the server is not there
	lastRetry  = 5 * time.Minute
)

// plan decides when a server is looked at next. The caller holds mu.
func (b *Book) plan(e *entry, s State, now time.Time) {
	wait := lookEvery
	switch s {
	case Offline:
		wait = b.scatter(min(firstRetry<<min(e.failures, 10), lastRetry))
		e.failures++
	case Untrusted, Changed:
		wait = lastRetry // a person has to do something first
	case Unknown, SignedIn, SignedOut:
		e.failures = 0
	}
	e.due = now.Add(wait)
}

// scatter shortens a wait by up to a quarter, so that not all who wait for a
// server come at once.
func (b *Book) scatter(d time.Duration) time.Duration {
	return d - d*time.Duration(b.c.Env.Bytes(1)[0])/4/256
}

// Run looks at all servers, each when it is due, until ctx ends. What it sees
// is told to Config.Changed.
func (b *Book) Run(ctx context.Context) {
	var checks sync.WaitGroup
	defer checks.Wait()
	for ctx.Err() == nil {
		due, next := b.due(ctx)
		for _, id := range due {
			checks.Go(func() {
				_, _ = b.Check(ctx, id) // its outcome is noted
				b.nudge()
			})
		}
		b.sleep(ctx, next)
	}
}

// due returns the servers that are due, each once, and how long it is until
// the next one is.
func (b *Book) due(ctx context.Context) (due []ID, next time.Duration) {
	next = lookEvery
	list, err := b.List(ctx)
	if err != nil {
		return nil, next // it is tried again
	}
	now := b.c.Env.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range list {
		e := b.entry(s.ID)
		switch wait := e.due.Sub(now); {
		case e.checking != nil:
		case wait <= 0:
			e.due = now.Add(lookEvery) // until its outcome decides
			due = append(due, s.ID)
		default:
			next = min(next, wait)
		}
	}
	return due, next
}

func (b *Book) sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-b.wake:
	case <-t.C:
	}
}
