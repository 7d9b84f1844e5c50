package archtest

import (
	"fmt"
	"slices"
	"strings"
)

// onlyIn returns a check that the packages chosen by match are imported only
// in some folders. Tests may import what they like.
func onlyIn(folders []string, match func(imported string) bool) func(*tree) []finding {
	return func(t *tree) []finding {
		var out []finding
		for _, f := range t.code() {
			if withinAny(f.dir(), folders) {
				continue
			}
			for _, spec := range f.ast.Imports {
				if p := importPath(spec); match(p) {
					out = append(out, finding{f.dir(), t.at(spec.Pos()), "imports " + p})
				}
			}
		}
		return out
	}
}

// notIn returns a check that no code in some folders imports what match chooses.
func notIn(folders []string, match func(imported string) bool) func(*tree) []finding {
	return func(t *tree) []finding {
		all := onlyIn(nil, match)(t)
		return slices.DeleteFunc(all, func(f finding) bool { return !withinAny(f.key, folders) })
	}
}

// packages matches the named packages and everything below them.
func packages(paths ...string) func(string) bool {
	return func(imported string) bool { return withinAny(imported, paths) }
}

// below matches what lies below our folder, but not the folder itself.
func below(folder string) func(string) bool {
	return func(imported string) bool { return strings.HasPrefix(imported, module+"/"+folder+"/") }
}

// notStandard matches everything outside the standard library: only there is
// the first element of an import path without a dot.
func notStandard(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return first == module || strings.Contains(first, ".")
}

// strangers reports dialects that import each other.
func strangers(t *tree) []finding {
	var out []finding
	for _, f := range t.code() {
		mine, ok := dialectOf(f.dir())
		if !ok {
			continue
		}
		for _, spec := range f.ast.Imports {
			dir, _ := ours(importPath(spec))
			if theirs, ok := dialectOf(dir); ok && theirs != mine {
				out = append(out, finding{mine, t.at(spec.Pos()), fmt.Sprintf("%s imports %s", mine, theirs)})
			}
		}
	}
	return out
}

// dialectOf returns the name of the dialect that a folder belongs to.
func dialectOf(dir string) (string, bool) {
	rest, ok := strings.CutPrefix(dir, "backend/dialect/")
	name, _, _ := strings.Cut(rest, "/")
	return name, ok
}
