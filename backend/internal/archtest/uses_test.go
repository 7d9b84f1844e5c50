package archtest

import (
	"go/ast"
	"path"
	"regexp"
	"slices"
)

// usesOnlyIn returns a check that some names of a package are used only in
// some folders. Tests may use what they like.
func usesOnlyIn(folders []string, imported string, names ...string) func(*tree) []finding {
	return func(t *tree) []finding {
		var out []finding
		for _, f := range t.code() {
			local := localName(f.ast, imported)
			if local == "" || withinAny(f.dir(), folders) {
				continue
			}
			ast.Inspect(f.ast, func(n ast.Node) bool {
				sel, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if x, ok := sel.X.(*ast.Ident); ok && x.Name == local && slices.Contains(names, sel.Sel.Name) {
					out = append(out, finding{f.dir(), t.at(sel.Pos()), "uses " + local + "." + sel.Sel.Name})
				}
				return true
			})
		}
		return out
	}
}

var majorVersion = regexp.MustCompile(`^v[0-9]+$`)

// localName returns the name by which a file knows a package, or "".
func localName(f *ast.File, imported string) string {
	for _, spec := range f.Imports {
		if importPath(spec) != imported {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		if last := path.Base(imported); !majorVersion.MatchString(last) {
			return last
		}
		return path.Base(path.Dir(imported))
	}
	return ""
}

// unwatched reports packages that start goroutines while no test of theirs
// looks for ones that were left behind.
func unwatched(t *tree) []finding {
	watched := map[string]bool{}
	for _, f := range t.files {
		if f.test && localName(f.ast, "go.uber.org/goleak") != "" {
			watched[f.dir()] = true
		}
	}
	var out []finding
	for _, f := range t.code() {
		if at := startsGoroutine(f); at != nil && !watched[f.dir()] {
			out = append(out, finding{f.dir(), t.at(at.Pos()), "starts a goroutine, and no test of the package uses goleak"})
		}
	}
	return out
}

// startsGoroutine returns the first go statement, or call of a method Go as
// of a wait group, in a file.
func startsGoroutine(f *file) (at ast.Node) {
	ast.Inspect(f.ast, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			at = n
		case *ast.CallExpr:
			if sel, ok := n.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Go" {
				at = n
			}
		}
		return at == nil
	})
	return at
}
