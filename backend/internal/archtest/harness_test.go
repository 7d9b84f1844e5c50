package archtest

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// A rule is one law of the house.
type rule struct {
	name  string // also names its sample, testdata/<name>.txtar
	why   string
	check func(*tree) []finding
	allow map[string]string // what may break the rule, by finding.key, and for which reason
}

// A finding is one breach of a rule.
type finding struct {
	key  string // what breaks it, for the rule's allow list
	at   string // where
	what string
}

func (f finding) String() string { return f.at + ": " + f.what }

// TestHouse holds the project to every rule.
func TestHouse(t *testing.T) {
	house := openHouse(t)
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			found := r.check(house)
			for _, f := range found {
				if _, allowed := r.allow[f.key]; !allowed {
					t.Errorf("%s\n\twhy: %s", f, r.why)
				}
			}
			for key := range r.allow {
				if !slices.ContainsFunc(found, func(f finding) bool { return f.key == key }) {
					t.Errorf("%s is allowed to break %q and does not: take it off the list", key, r.name)
				}
			}
		})
	}
}

// TestRulesBite feeds each rule a sample that breaks it.
func TestRulesBite(t *testing.T) {
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			archive, err := txtar.ParseFile(filepath.Join("testdata", r.name+".txtar"))
			if err != nil {
				t.Fatalf("every rule needs a sample that breaks it: %v", err)
			}
			fsys, err := txtar.FS(archive)
			if err != nil {
				t.Fatal(err)
			}
			sample, err := load(fsys)
			if err != nil {
				t.Fatal(err)
			}
			want, err := fs.ReadFile(fsys, "want")
			if err != nil {
				t.Fatal(err)
			}
			got := tell(r.check(sample))
			if got == "" {
				t.Fatal("the rule found nothing in its sample")
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

// TestSamplesAreUsed keeps the samples of rules that are gone from lying about.
func TestSamplesAreUsed(t *testing.T) {
	samples, err := filepath.Glob(filepath.Join("testdata", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	if len(samples) != len(rules) {
		t.Errorf("%d samples for %d rules", len(samples), len(rules))
	}
}

func tell(found []finding) string {
	lines := make([]string, len(found))
	for i, f := range found {
		lines[i] = f.String() + "\n"
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// openHouse reads the project itself.
func openHouse(t *testing.T) *tree {
	t.Helper()
	top := filepath.Join("..", "..", "..")
	house, err := load(os.DirFS(top))
	if err != nil {
		t.Fatal(err)
	}
	if len(house.files) == 0 {
		t.Fatalf("no Go files below %s", top)
	}
	house.deps = func() (graph, error) { return listDeps(t.Context(), top) }
	return house
}
