package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

// TestReleasedMigrations: numbers begin at 1 and have no gaps.
func TestReleasedMigrations(t *testing.T) {
	steps, err := schema(released)
	if err != nil {
		t.Fatal(err)
	}
	for i, st := range steps {
		if st.number != i+1 {
			t.Errorf("migration %d has the number %d", i+1, st.number)
		}
	}
	names, err := fs.Glob(released, "migrations/*")
	if err != nil || len(names) != len(steps) {
		t.Errorf("%d files, %d migrations, %v", len(names), len(steps), err)
	}
}

func TestSchemaRefusesNames(t *testing.T) {
	folder := fstest.MapFS{"migrations/first_step.sql": {Data: []byte("SELECT 1")}}
	if steps, err := schema(folder); err == nil {
		t.Errorf("schema() = %v, want an error", steps)
	}
}

// future adds a step to the released ones.
func future(t *testing.T, sql string) []step {
	t.Helper()
	steps, err := schema(released)
	if err != nil {
		t.Fatal(err)
	}
	return append(steps, step{latest(steps) + 1, sql})
}

// fresh makes a database with today's schema and returns its path.
func fresh(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "latchkey.db")
	s, err := Open(t.Context(), path, Options{Create: true})
	if err == nil {
		err = errors.Join(s.SaveSetting(t.Context(), "name", []byte("kept")), s.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

const addColumn = `ALTER TABLE settings ADD COLUMN note TEXT NOT NULL DEFAULT '';
	UPDATE settings SET note = 'moved' -- a last line without an end`

func TestMigrates(t *testing.T) {
	path, steps := fresh(t), future(t, addColumn)
	if _, err := open(t.Context(), path, Options{}, steps); !errors.Is(err, ErrOlder) {
		t.Errorf("error %v, want %v", err, ErrOlder)
	}
	for range 2 { // the second time there is nothing to do
		s, err := open(t.Context(), path, Options{Migrate: true}, steps)
		if err != nil {
			t.Fatal(err)
		}
		noted(t, s, latest(steps))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Open(t.Context(), path, Options{Migrate: true}); !errors.Is(err, ErrNewer) {
		t.Errorf("error %v, want %v", err, ErrNewer)
	}
}

// noted checks that the step was done once.
func noted(t *testing.T, s *Store, schema int) {
	t.Helper()
	var value, note string
	var version int
	err := s.find(t.Context(), "look", func(t *tx) error {
		return errors.Join(t.row("SELECT value, note FROM settings").Scan(&value, &note),
			t.row("PRAGMA user_version").Scan(&version))
	})
	if err != nil || value != "kept" || note != "moved" || version != schema {
		t.Errorf("setting %q with note %q in schema %d, %v", value, note, version, err)
	}
}

// TestMigrationFails: the steps before it stay, nothing of it is kept, and
// the same program that wrote the file still opens it.
func TestMigrationFails(t *testing.T) {
	path := fresh(t)
	steps := future(t, addColumn+"\n; INSERT INTO nowhere VALUES (1)")
	s, err := open(t.Context(), path, Options{Migrate: true}, steps)
	if err == nil {
		t.Fatal("it was opened", s.Close())
	}
	if !strings.Contains(err.Error(), fmt.Sprint("migration ", latest(steps))) {
		t.Errorf("error %v does not name the migration", err)
	}
	s, err = Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	value, err := s.Setting(t.Context(), "name")
	if err = errors.Join(err, s.Check(t.Context()), s.Close()); err != nil || string(value) != "kept" {
		t.Errorf("setting %q, %v", value, err)
	}
}

// TestMigrateTogether: of several processes that start at once, one migrates
// and the others find it done.
func TestMigrateTogether(t *testing.T) {
	path, steps := fresh(t), future(t, addColumn)
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			s, err := open(t.Context(), path, Options{Migrate: true}, steps)
			if err != nil {
				t.Error(err)
				return
			}
			noted(t, s, latest(steps))
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}
