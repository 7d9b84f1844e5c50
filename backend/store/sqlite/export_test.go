package sqlite

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// UndoWrites leads groups that are never committed until s is closed, so that
// nearly every write has to be done again. It counts those.
func (s *Store) UndoWrites(ctx context.Context, undone *atomic.Int64) {
	go func() {
		for c := range s.writer.free {
			s.undoOne(ctx, c, undone)
			s.writer.free <- c
		}
	}()
}

func (s *Store) undoOne(ctx context.Context, c *conn, undone *atomic.Int64) {
	g := &group{c: c, back: make(chan struct{}), ended: make(chan struct{}), err: &undoneError{errors.New("on purpose")}}
	defer close(g.ended)
	_ = transact(ctx, c, "BEGIN IMMEDIATE", func(*tx) error {
		select {
		case s.groups <- g:
			<-g.back
			undone.Add(1)
		case <-time.After(time.Millisecond): // for those who want to be alone
		}
		return g.err
	})
}
