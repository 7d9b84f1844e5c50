package sqlite_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"latchkey/backend/store/sqlite"
)

// TestPowerLoss cuts the log at a random byte and puts noise behind it, as a
// disk may that lost power. What opens must be whole, and hold the first of
// the writes and none after one that is lost.
func TestPowerLoss(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "latchkey.db")
	s := open(t, path, sqlite.Options{Create: true})
	const writes = 100
	for n := range writes {
		check(t, s.SaveSetting(t.Context(), fmt.Sprint(n), make([]byte, n*40)))
	}
	file, err := os.ReadFile(path)
	check(t, err)
	log, err := os.ReadFile(path + "-wal")
	check(t, err)

	r := rand.New(rand.NewPCG(7, 7))
	lost := 0
	for range 50 {
		cut := r.IntN(len(log) + 1)
		noise := make([]byte, r.IntN(9000))
		for i := range noise {
			noise[i] = byte(r.Uint32())
		}
		lost += writes - prefix(t, file, append(log[:cut:cut], noise...), writes)
	}
	if lost == 0 {
		t.Error("no cut lost a write: the test cuts nothing")
	}
}

// prefix opens a crash image and returns how many of the writes it holds.
func prefix(t *testing.T, file, log []byte, writes int) int {
	t.Helper()
	path := filepath.Join(t.TempDir(), "latchkey.db")
	check(t, os.WriteFile(path, file, 0o600))
	check(t, os.WriteFile(path+"-wal", log, 0o600))
	s := open(t, path, sqlite.Options{})
	check(t, s.Check(t.Context()))
	held := 0
	for n := range writes {
		_, err := s.Setting(t.Context(), fmt.Sprint(n))
		if err == nil && held < n {
			t.Fatalf("write %d is there, but not write %d", n, held)
		}
		if err == nil {
			held++
		}
	}
	return held
}

// TestNewerInLog: the number that makes the database too new is only in the
// log of a program that was killed, and the path leads to them by a link.
func TestNewerInLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "latchkey.db")
	s := open(t, path, sqlite.Options{Create: true})
	pragma(t, path, "PRAGMA user_version = 1000")
	image := filepath.Join(t.TempDir(), "latchkey.db")
	for _, end := range []string{"", "-wal"} {
		b, err := os.ReadFile(path + end)
		check(t, err)
		check(t, os.WriteFile(image+end, b, 0o600))
	}
	check(t, s.Close())
	before := contents(t, filepath.Dir(image))
	link := filepath.Join(t.TempDir(), "link.db")
	check(t, os.Symlink(image, link))
	_, err := sqlite.Open(t.Context(), link, sqlite.Options{Migrate: true})
	if !errors.Is(err, sqlite.ErrNewer) {
		t.Errorf("error %v, want %v", err, sqlite.ErrNewer)
	}
	after := contents(t, filepath.Dir(image))
	for _, name := range []string{"latchkey.db", "latchkey.db-wal"} {
		if after[name] != before[name] {
			t.Errorf("%s has changed", name)
		}
	}
}
