package archtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// A graph says which packages each package imports.
type graph map[string][]string

// imports is the graph of the tree's own code, as far as its files tell.
func (t *tree) imports() graph {
	g := graph{}
	for _, f := range t.code() {
		self := module
		if f.dir() != "." {
			self += "/" + f.dir()
		}
		for _, spec := range f.ast.Imports {
			g[self] = append(g[self], importPath(spec))
		}
	}
	return g
}

// listDeps asks the go command what the headless binary is built from.
func listDeps(ctx context.Context, dir string) (graph, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-deps", "-json=ImportPath,Imports", ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	var complaint strings.Builder
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w: %s", err, complaint.String())
	}
	g := graph{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return g, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		g[p.ImportPath] = p.Imports
	}
}

// An edge is an import.
type edge struct{ from, to string }

// unreachable returns a check that the headless binary does not contain the
// packages chosen by match, and tells the chain of imports if it does. Edges
// that are known do not count.
func unreachable(match func(imported string) bool, known ...edge) func(*tree) []finding {
	return func(t *tree) []finding {
		g, err := t.deps()
		if err != nil {
			return []finding{{"", ".", err.Error()}}
		}
		var out []finding
		came := map[string]string{module: ""}
		for queue := []string{module}; len(queue) > 0; queue = queue[1:] {
			at := queue[0]
			if match(at) {
				out = append(out, finding{at, at, "reached by " + chain(came, at)})
				continue
			}
			for _, next := range g[at] {
				if _, seen := came[next]; !seen && !slices.Contains(known, edge{at, next}) {
					came[next] = at
					queue = append(queue, next)
				}
			}
		}
		return out
	}
}

// chain tells the way from the main package to p.
func chain(came map[string]string, p string) string {
	var steps []string
	for ; p != ""; p = came[p] {
		steps = append(steps, p)
	}
	slices.Reverse(steps)
	return strings.Join(steps, " > ")
}
