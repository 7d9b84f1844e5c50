package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"

	driver "modernc.org/sqlite"
	code "modernc.org/sqlite/lib"
)

// dsn names the file at path, with SQLite's own URI parameters in query.
func dsn(path, query string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(abs), RawQuery: query}
	return u.String(), nil
}

// openDB returns a handle without opening anything yet.
func openDB(path, query string) (*sql.DB, error) {
	name, err := dsn(path, query)
	if err != nil {
		return nil, err
	}
	c, err := driver.NewConnector(name)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(c), nil
}

// A conn is one connection and the statements prepared on it.
type conn struct {
	db    *sql.DB
	setup string // run after opening
	raw   *sql.Conn
	stmts map[string]*sql.Stmt
}

// open connects, unless it has.
func (c *conn) open(ctx context.Context) error {
	if c.raw != nil {
		return nil
	}
	raw, err := c.db.Conn(ctx)
	if err != nil {
		return err
	}
	c.raw, c.stmts = raw, map[string]*sql.Stmt{}
	if c.setup == "" {
		return nil
	}
	if _, err := raw.ExecContext(ctx, c.setup); err != nil {
		c.close()
		return err
	}
	return nil
}

// close disconnects; the next open connects again.
func (c *conn) close() {
	if c.raw == nil {
		return
	}
	for _, s := range c.stmts {
		_ = s.Close() // nothing is lost: every transaction has ended
	}
	_ = c.raw.Close()
	c.raw, c.stmts = nil, nil
}

// drop disconnects after a fault of the disk, so that nothing that the
// connection read or began before it is trusted.
func (c *conn) drop(err error) {
	switch codeOf(err) & 0xff {
	case code.SQLITE_IOERR, code.SQLITE_CORRUPT:
		c.close()
	}
}

// stmt returns the prepared form of a query. Queries are constants of this
// package, so the map stays small.
func (c *conn) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	if s, ok := c.stmts[query]; ok {
		return s, nil
	}
	s, err := c.raw.PrepareContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("prepare %q: %w", query, err)
	}
	c.stmts[query] = s
	return s, nil
}

// A pool hands out connections, one user at a time each.
type pool struct{ free chan *conn }

func newPool(db *sql.DB, size int, setup string) *pool {
	p := &pool{free: make(chan *conn, size)}
	for range size {
		p.free <- &conn{db: db, setup: setup}
	}
	return p
}

// with runs fn with a connection of its own.
func (p *pool) with(ctx context.Context, fn func(*conn) error) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case c := <-p.free:
		return p.lend(ctx, c, fn)
	}
}

// lend runs fn with a connection that was free, which is nil once the pool is
// closed.
func (p *pool) lend(ctx context.Context, c *conn, fn func(*conn) error) error {
	if c == nil {
		return errClosed
	}
	defer func() { p.free <- c }()
	if err := c.open(ctx); err != nil {
		return err
	}
	err := fn(c)
	c.drop(err)
	return err
}

// close waits for every connection to be handed back and closes it.
func (p *pool) close() {
	for range cap(p.free) {
		c := <-p.free
		c.close()
	}
	close(p.free)
}
