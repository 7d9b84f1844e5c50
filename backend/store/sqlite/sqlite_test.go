package sqlite_test

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"testing"

	"latchkey/backend/store"
	"latchkey/backend/store/sqlite"
	"latchkey/backend/store/storetest"
)

func open(t *testing.T, path string, o sqlite.Options) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func create(t *testing.T) *sqlite.Store {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), "latchkey.db"), sqlite.Options{Create: true})
}

func TestContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return create(t) })
}

// TestContractUndone: a write that is done again because its group was undone
// remembers nothing of the first time.
func TestContractUndone(t *testing.T) {
	var undone atomic.Int64
	t.Run("contract", func(t *testing.T) {
		storetest.Run(t, func(t *testing.T) store.Store {
			s := create(t)
			s.UndoWrites(context.WithoutCancel(t.Context()), &undone)
			return s
		})
	})
	if undone.Load() == 0 {
		t.Error("no write was undone: the test tests nothing")
	}
}

func TestContractBetweenProcesses(t *testing.T) {
	t.Parallel()
	storetest.RunShared(t, func(t *testing.T) (store.Store, store.Store) {
		path := filepath.Join(t.TempDir(), "latchkey.db")
		return open(t, path, sqlite.Options{Create: true}), open(t, path, sqlite.Options{})
	})
}
