package sqlite

import (
	"context"
	"errors"

	code "modernc.org/sqlite/lib"
)

// mostInGroup bounds how many writes share a commit, and with that how long
// the first of them waits for the others.
const mostInGroup = 64

// errNoEnd is what members hear if their leader never came to an end.
var errNoEnd = errors.New("the transaction was abandoned")

// An undoneError means that nothing was kept of a write because its whole
// transaction was undone, for a cause that may be another member's.
type undoneError struct{ cause error }

func (e *undoneError) Error() string { return "the transaction was undone: " + e.cause.Error() }

func (e *undoneError) Unwrap() error { return e.cause }

// A group is the writes that share one transaction and its COMMIT, which costs
// as much for many as for one. Whoever gets the writer leads: it begins, does
// its own write, then hands the transaction to each that waits by then, and
// commits. Every write runs on its caller's goroutine, so a panic is the
// caller's own.
type group struct {
	c       *conn
	changed bool          // something that Version tells of
	spoilt  error         // why the transaction is no good any more
	back    chan struct{} // a member hands the transaction back
	ended   chan struct{} // closed once err is what became of the transaction
	err     error
}

// write runs fn in a transaction that is kept if fn returns nil, and returns
// once it is. While it waits for its turn it can be cancelled, then no more.
// fn may run twice: if the group was undone, each of its members has another
// turn, alone.
func (s *Store) write(ctx context.Context, op string, fn func(*tx) error) error {
	err := s.turn(ctx, s.groups, fn)
	if _, undone := errors.AsType[*undoneError](err); undone {
		err = s.turn(ctx, nil, fn)
	}
	return wrap(op, err)
}

// turn waits until it can lead a group or join one. Where groups is nil it
// does neither: nobody shares its transaction.
func (s *Store) turn(ctx context.Context, groups chan *group, fn func(*tx) error) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case g := <-groups:
		return g.join(ctx, fn)
	case c := <-s.writer.free:
		return s.writer.lend(ctx, c, func(c *conn) error { return s.lead(ctx, c, groups, fn) })
	}
}

// lead does its own write first. If that fails nobody has joined yet, so it
// needs no savepoint, and a write alone costs what it would without groups.
func (s *Store) lead(ctx context.Context, c *conn, groups chan<- *group, fn func(*tx) error) error {
	g := &group{c: c, back: make(chan struct{}), ended: make(chan struct{}), err: errNoEnd}
	defer close(g.ended)
	var revision uint64
	g.err = transact(ctx, c, "BEGIN IMMEDIATE", func(t *tx) error {
		if err := fn(t); err != nil {
			return err
		}
		g.changed = t.changed
		if err := g.gather(groups); err != nil || !g.changed {
			return err
		}
		return t.row("UPDATE revision SET number = number + 1 RETURNING number").Scan(&revision)
	})
	if g.err == nil {
		s.advance(revision)
	}
	return g.err
}

// gather takes in those who wait at this moment. A send that nobody waits for
// does not happen, and whoever was cancelled waits no more.
func (g *group) gather(groups chan<- *group) error {
	for range mostInGroup - 1 {
		select {
		case groups <- g:
			<-g.back
			if g.spoilt != nil {
				return &undoneError{g.spoilt}
			}
		default:
			return nil
		}
	}
	return nil
}

// join runs fn in the group's transaction and returns once that has ended:
// a refusal, too, may rest on what another member has done and has yet to keep.
func (g *group) join(ctx context.Context, fn func(*tx) error) error {
	err := g.take(ctx, fn)
	<-g.ended
	if g.err != nil {
		return g.err
	}
	return err
}

// take runs fn in a savepoint, so that it leaves nothing behind if it fails,
// and hands the transaction back, also if fn panics.
func (g *group) take(ctx context.Context, fn func(*tx) error) error {
	defer func() { g.back <- struct{}{} }()
	if err := ctx.Err(); err != nil {
		return err // it was cancelled at the moment of joining
	}
	t := &tx{ctx: context.WithoutCancel(ctx), c: g.c}
	kept := false
	defer func() {
		if !kept {
			g.step(t, "ROLLBACK TO member")
			g.step(t, "RELEASE member")
		}
	}()
	if g.step(t, "SAVEPOINT member"); g.spoilt != nil {
		return g.spoilt
	}
	if err := fn(t); err != nil {
		if !harmless(err) {
			g.spoilt = err
		}
		return err
	}
	g.step(t, "RELEASE member")
	kept = g.spoilt == nil
	g.changed = g.changed || t.changed
	return nil
}

// step moves between savepoints. That it cannot means that SQLite has ended
// the transaction by itself, as it may on a full disk.
func (g *group) step(t *tx, query string) {
	if g.spoilt == nil {
		_, g.spoilt = t.exec(query)
	}
}

// harmless reports whether an error is about what was asked for, not about the
// transaction or the disk.
func harmless(err error) bool {
	switch codeOf(err) & 0xff {
	case code.SQLITE_OK, code.SQLITE_CONSTRAINT:
		return true
	}
	return false
}
