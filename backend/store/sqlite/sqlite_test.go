package sqlite_test

import (
	"path/filepath"
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

func TestContractBetweenProcesses(t *testing.T) {
	t.Parallel()
	storetest.RunShared(t, func(t *testing.T) (store.Store, store.Store) {
		path := filepath.Join(t.TempDir(), "latchkey.db")
		return open(t, path, sqlite.Options{Create: true}), open(t, path, sqlite.Options{})
	})
}
