package archtest

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
)

// packageComments reports packages that do not have exactly one comment.
func packageComments(t *tree) []finding {
	var out []finding
	for dir, files := range byDir(t.files) {
		var comments []*ast.File
		for _, f := range files {
			if f.ast.Doc != nil && !f.test {
				comments = append(comments, f.ast)
			}
		}
		if len(comments) != 1 {
			out = append(out, finding{dir, dir, fmt.Sprintf("%d package comments, want 1", len(comments))})
			continue
		}
		name := comments[0].Name.Name
		if text := comments[0].Doc.Text(); name != "main" && !strings.HasPrefix(text, "Package "+name+" ") {
			out = append(out, finding{dir, t.at(comments[0].Doc.Pos()), `want a comment that begins "Package ` + name + `"`})
		}
	}
	return out
}

const (
	longest     = 600 // lines of a Go file; past 400 it is worth asking whether it holds two things
	longestMain = 40  // lines of main.go
)

// longFiles reports files that hold too much.
func longFiles(t *tree) []finding {
	var out []finding
	for _, f := range t.files {
		limit := longest
		if f.path == "main.go" {
			limit = longestMain
		}
		if f.lines > limit {
			out = append(out, finding{f.path, f.path, fmt.Sprintf("%d lines, want at most %d", f.lines, limit)})
		}
	}
	return out
}

// inits reports functions that run before main is asked.
func inits(t *tree) []finding {
	var out []finding
	for _, f := range t.files {
		for _, d := range f.ast.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				out = append(out, finding{f.path, t.at(fn.Pos()), "func init"})
			}
		}
	}
	return out
}

// topFolders returns a check that no other folders stand at the top.
func topFolders(want ...string) func(*tree) []finding {
	return func(t *tree) []finding {
		var out []finding
		for _, name := range t.top {
			if !slices.Contains(want, name) {
				out = append(out, finding{name, name, "a folder at the top that the house does not have"})
			}
		}
		return out
	}
}
