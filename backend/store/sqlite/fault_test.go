package sqlite

import (
	"context"
	"errors"
	"testing"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

func wantFailing(t *testing.T, what string, err error) {
	t.Helper()
	if e := identity.AsError(err); e.Kind != identity.Unavailable || e.Code != "storage_failing" || e.Err == nil {
		t.Errorf("%s: error %#v, want storage_failing with its cause", what, err)
	}
}

// TestWrap feeds errors that SQLite has really returned.
func TestWrap(t *testing.T) {
	s := seeded(t, 1)
	readOnly := s.find(t.Context(), "write as a reader", func(t *tx) error {
		_, err := t.exec("DELETE FROM users")
		return err
	})
	wantFailing(t, "read-only", readOnly)

	defect := s.find(t.Context(), "defect", func(t *tx) error { return t.row("SELECT nothing FROM nowhere").Scan() })
	if codeOf(defect) == 0 || identity.KindOf(defect) != identity.Internal {
		t.Errorf("a defect became %v", defect)
	}
	none := s.find(t.Context(), "nothing", func(t *tx) error { return t.row("SELECT 1 WHERE 1 = 0").Scan() })
	if !errors.Is(none, store.ErrNotFound) {
		t.Errorf("no row became %v", none)
	}
}

// TestLockedByAnother holds the write lock as another process could.
func TestLockedByAnother(t *testing.T) {
	s := seeded(t, 1)
	other := rival(t, s)
	if _, err := other.exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := s.SaveSetting(ctx, "name", nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waiting for the lock ended with %v", err)
	}
	if _, err := s.User(t.Context(), 1); err != nil {
		t.Errorf("reading meanwhile: %v", err)
	}
	busy := s.writer.with(t.Context(), func(c *conn) error {
		x := &tx{ctx: t.Context(), c: c}
		_, err := x.exec("PRAGMA busy_timeout = 1")
		if err == nil {
			_, err = x.exec("BEGIN IMMEDIATE")
		}
		return err
	})
	wantFailing(t, "busy", wrap("begin", busy))
	if _, err := other.exec("ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveSetting(t.Context(), "name", nil); err != nil {
		t.Errorf("writing once the lock is free: %v", err)
	}
}

// rival is a connection that the store does not know of.
func rival(t *testing.T, s *Store) *tx {
	t.Helper()
	db, err := openDB(s.path, "mode=rw")
	if err != nil {
		t.Fatal(err)
	}
	c := &conn{db: db}
	if err := c.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return &tx{ctx: t.Context(), c: c}
}

// TestVersionWhenBlind: while the revision cannot be read, nothing that was
// read before may be trusted.
func TestVersionWhenBlind(t *testing.T) {
	t.Parallel()
	s := seeded(t, 1)
	other := rival(t, s)
	if _, err := other.exec("ALTER TABLE revision RENAME TO hidden"); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		before := s.Version()
		for deadline := time.After(5 * time.Second); s.Version() == before; {
			select {
			case <-deadline:
				t.Fatalf("the version stays %d", before)
			case <-time.After(pollEvery / 10):
			}
		}
	}
	if _, err := other.exec("ALTER TABLE hidden RENAME TO revision"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * pollEvery) // for the poll that was under way
	before := s.Version()
	time.Sleep(3 * pollEvery)
	if after := s.Version(); after != before {
		t.Errorf("the version goes on from %d to %d", before, after)
	}
}

// TestReconnects: after a fault of the disk a connection is given up, and the
// next use makes a new one.
func TestReconnects(t *testing.T) {
	s := seeded(t, 1)
	for range readers {
		err := s.readers.with(t.Context(), func(c *conn) error {
			c.close()
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for range readers + 1 {
		if _, err := s.User(t.Context(), 1); err != nil {
			t.Error(err)
		}
	}
}
