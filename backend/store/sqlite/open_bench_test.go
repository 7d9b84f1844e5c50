package sqlite_test

import (
	"os"
	"path/filepath"
	"testing"

	"latchkey/backend/store/sqlite"
)

// BenchmarkOpen measures what a start waits for: making a database, and
// opening a small one. The bar for both together with all else is 150 ms on a
// first start and 50 ms after.
func BenchmarkOpen(b *testing.B) {
	path := filepath.Join(b.TempDir(), "latchkey.db")
	for _, bench := range []struct {
		name string
		o    sqlite.Options
	}{{"create", sqlite.Options{Create: true}}, {"again", sqlite.Options{}}} {
		b.Run(bench.name, func(b *testing.B) {
			for b.Loop() {
				if bench.o.Create {
					_ = os.Remove(path) // there is none the first time
				}
				s, err := sqlite.Open(b.Context(), path, bench.o)
				if err == nil {
					err = s.Close()
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
