package sqlite

import (
	"context"
	"time"
)

// pollEvery is how often changes of other processes are looked for; the
// contract promises 200 ms.
const pollEvery = 100 * time.Millisecond

// Version is the number in the table revision, as this process last wrote or
// saw it. A time that it could not be read counts as a change: what others
// did meanwhile is unknown.
func (s *Store) Version() uint64 { return s.revision.Load() + s.faults.Load() }

// advance moves the revision forward, never back.
func (s *Store) advance(to uint64) {
	for {
		seen := s.revision.Load()
		if to <= seen || s.revision.CompareAndSwap(seen, to) {
			return
		}
	}
}

// watch reads the revision now and from then on until Close, on a connection
// of its own, so that it waits for nobody.
func (s *Store) watch(ctx context.Context) error {
	c := &conn{db: s.db, setup: "PRAGMA query_only = 1"}
	if err := s.observe(ctx, c); err != nil {
		c.close()
		return err
	}
	ctx, s.unwatch = context.WithCancel(context.WithoutCancel(ctx))
	s.watching.Go(func() {
		defer c.close()
		s.follow(ctx, c)
	})
	return nil
}

func (s *Store) follow(ctx context.Context, c *conn) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := s.observe(context.WithoutCancel(ctx), c); err != nil {
				s.faults.Add(1) // whoever needs the store meets the error itself
				c.drop(err)
			}
		}
	}
}

func (s *Store) observe(ctx context.Context, c *conn) error {
	if err := c.open(ctx); err != nil {
		return err
	}
	var revision uint64
	t := &tx{ctx: ctx, c: c}
	if err := t.row("SELECT number FROM revision").Scan(&revision); err != nil {
		return err
	}
	s.advance(revision)
	return nil
}
