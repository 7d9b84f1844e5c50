package dialecttest

import (
	"flag"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"latchkey/backend/httpapi"
)

var update = flag.Bool("update", false, "rewrite the expected answers of the recordings")

// testdata is where a dialect keeps its recordings.
const testdata = "testdata"

// Run plays every recording in testdata on a server of its own, once for each
// prefix that the dialect is mounted at, and holds the dialect to its route
// table: every route is seen to succeed and to refuse, declares a permission
// and is held to it, and every kind of error has its answer. Every exchange is
// as the dialect's OpenAPI document says.
func Run(t *testing.T, spec Spec, prefixes ...string) {
	t.Helper()
	mux := httpapi.NewMux(spec.API.Dialect())
	spec.API.Mount(mux)
	seen := newTally(mux.Routes())
	described, err := describe(mux)
	if err != nil {
		t.Fatal(err)
	}

	paths := recordings(t)
	var played atomic.Int32
	t.Run("recordings", func(t *testing.T) {
		for _, prefix := range prefixes {
			p := player{dir: testdata, update: *update, tally: seen, described: described}
			stages := &stages{t: t, base: p, spec: spec, place: prefix, made: map[string]func() (stage, error){}}
			for _, path := range paths {
				t.Run(name(prefix, path), func(t *testing.T) {
					if !*update {
						t.Parallel()
					}
					played.Add(1)
					if err := stages.record(t, path); err != nil {
						t.Error(err)
					}
				})
			}
		}
	})
	t.Run("every route is recorded", func(t *testing.T) {
		if int(played.Load()) < len(paths)*len(prefixes) {
			t.Skip("only some recordings were played")
		}
		for _, m := range seen.missing(spec) {
			t.Error(m)
		}
	})
	t.Run("description", func(t *testing.T) { checkDescription(t, described, mux.Routes()) })
	t.Run("permissions", func(t *testing.T) { checkPermissions(t, spec, mux.Routes(), prefixes) })
	t.Run("errors", func(t *testing.T) { checkErrors(t, spec) })
}

func recordings(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(testdata, "*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no recordings in testdata: %v", err)
	}
	return paths
}

func name(prefix, path string) string {
	return strings.TrimPrefix(prefix+"/", "/") + strings.TrimSuffix(filepath.Base(path), ".txtar")
}
