package dialecttest

import (
	"path/filepath"
	"strings"
	"testing"
)

// Play plays recordings that belong to no dialect, such as of several that
// share the root, each on a server of its own. Paths stand in them in full,
// and the scenes in a folder beside them. Their answers are compared as in
// [Run], but nothing is asked of their envelope and no route is counted.
func Play(t *testing.T, pattern string) {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("no recordings at %s: %v", pattern, err)
	}
	p := player{dir: filepath.Dir(pattern), update: *update, tally: newTally(nil)}
	stages := &stages{t: t, base: p, made: map[string]func() (stage, error){}}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			if !*update {
				t.Parallel()
			}
			if err := stages.record(t, path); err != nil {
				t.Error(err)
			}
		})
	}
}
