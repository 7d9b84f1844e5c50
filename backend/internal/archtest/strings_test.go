package archtest

import (
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
	"strings"
)

// jsonTags returns a check that JSON tags stand only in some folders, and
// there only in unexported types where the folder is a dialect.
func jsonTags(folders ...string) func(*tree) []finding {
	return func(t *tree) []finding {
		var out []finding
		for _, f := range t.code() {
			allowed := withinAny(f.dir(), folders)
			_, dialect := dialectOf(f.dir())
			for name, pos := range taggedTypes(f.ast) {
				switch {
				case !allowed:
					out = append(out, finding{f.dir(), t.at(pos), "JSON tags in " + name})
				case dialect && ast.IsExported(name):
					out = append(out, finding{f.dir(), t.at(pos), "exported wire type " + name})
				}
			}
		}
		return out
	}
}

// taggedTypes returns the type declarations with JSON tags in them, and
// "a struct" for one without a name.
func taggedTypes(f *ast.File) map[string]token.Pos {
	out := map[string]token.Pos{}
	name := "a struct"
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			name = "a struct"
		case *ast.TypeSpec:
			name = n.Name.Name
		case *ast.Field:
			if n.Tag != nil && strings.Contains(n.Tag.Value, `json:"`) {
				if _, seen := out[name]; !seen {
					out[name] = n.Pos()
				}
			}
		}
		return true
	})
	return out
}

// route matches a text that names a path of an API, with or without a method.
var route = regexp.MustCompile(`^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) /|(^|[^a-z])/(api|v1)/`)

// routesOnlyIn returns a check that the paths of APIs are written only in some folders.
func routesOnlyIn(folders ...string) func(*tree) []finding {
	return func(t *tree) []finding {
		var out []finding
		for _, f := range t.code() {
			if withinAny(f.dir(), folders) {
				continue
			}
			ast.Inspect(f.ast, func(n ast.Node) bool {
				if _, isImport := n.(*ast.ImportSpec); isImport {
					return false
				}
				if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					if text, err := strconv.Unquote(lit.Value); err == nil && route.MatchString(text) {
						out = append(out, finding{f.dir(), t.at(lit.Pos()), "names the path " + lit.Value})
					}
				}
				return true
			})
		}
		return out
	}
}
