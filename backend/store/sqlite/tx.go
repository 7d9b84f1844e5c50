package sqlite

import (
	"context"
	"database/sql"
)

// A tx is what a method does in one go: a write transaction, a snapshot that
// a list is read from, or a single lookup.
type tx struct {
	ctx     context.Context
	c       *conn
	changed bool // something that Version tells of
}

type scanner interface{ Scan(dest ...any) error }

// failed is a row that could not be asked for.
type failed struct{ err error }

func (f failed) Scan(...any) error { return f.err }

// exec runs a statement and returns how many rows it touched, those of
// triggers and cascades not counted.
func (t *tx) exec(query string, args ...any) (int, error) {
	s, err := t.c.stmt(t.ctx, query)
	if err != nil {
		return 0, err
	}
	r, err := s.ExecContext(t.ctx, args...)
	if err != nil {
		return 0, err
	}
	n, err := r.RowsAffected()
	return int(n), err
}

// row asks for one row.
func (t *tx) row(query string, args ...any) scanner {
	s, err := t.c.stmt(t.ctx, query)
	if err != nil {
		return failed{err}
	}
	return s.QueryRowContext(t.ctx, args...)
}

func (t *tx) rows(query string, args ...any) (*sql.Rows, error) {
	s, err := t.c.stmt(t.ctx, query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(t.ctx, args...)
}

// collect reads all rows of a query. The list is never nil.
func collect[T any](t *tx, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := t.rows(query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err has told already
	list := []T{}
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, rows.Err()
}

// find runs one lookup. It takes microseconds, and is not cancelled: watching
// a context would cost more than the lookup.
func (s *Store) find(ctx context.Context, op string, fn func(*tx) error) error {
	err := s.readers.with(ctx, func(c *conn) error {
		return fn(&tx{ctx: context.WithoutCancel(ctx), c: c})
	})
	return wrap(op, err)
}

// snapshot runs several reads that see one state of the database.
func (s *Store) snapshot(ctx context.Context, op string, fn func(*tx) error) error {
	err := s.readers.with(ctx, func(c *conn) error {
		return transact(ctx, c, "BEGIN", func(t *tx) error {
			t.ctx = ctx
			return fn(t)
		})
	})
	return wrap(op, err)
}

// transact runs fn between begin and COMMIT. If anything fails it rolls back,
// also when begin itself reports an error: a context that ends at that moment
// makes the driver report one although the transaction has begun.
func transact(ctx context.Context, c *conn, begin string, fn func(*tx) error) error {
	detached := context.WithoutCancel(ctx)
	outer := &tx{ctx: detached, c: c}
	committed := false
	defer func() {
		if !committed {
			_, _ = outer.exec("ROLLBACK") // fails if SQLite has done so already
		}
	}()
	if _, err := (&tx{ctx: ctx, c: c}).exec(begin); err != nil {
		return err
	}
	if err := fn(&tx{ctx: detached, c: c}); err != nil {
		return err
	}
	_, err := outer.exec("COMMIT")
	committed = err == nil
	return err
}
