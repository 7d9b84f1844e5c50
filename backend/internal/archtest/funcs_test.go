package archtest

import (
	"go/ast"
	"strings"
)

// twins reports exported functions with two adjacent plain string parameters:
// a caller can swap them and the compiler will not notice.
func twins(t *tree) []finding {
	var out []finding
	for _, f := range t.code() {
		if f.ast.Name.Name == "main" {
			continue
		}
		for name, fn := range exportedFuncs(f.ast) {
			if adjacentStrings(fn.Params) {
				key := f.dir() + "." + name
				out = append(out, finding{key, t.at(fn.Pos()), name + " takes two strings in a row"})
			}
		}
	}
	return out
}

// exportedFuncs returns the exported functions, methods of exported types and
// methods of exported interfaces of a file.
func exportedFuncs(f *ast.File) map[string]*ast.FuncType {
	out := map[string]*ast.FuncType{}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			name := strings.TrimPrefix(receiver(n)+"."+n.Name.Name, ".")
			if n.Name.IsExported() && ast.IsExported(name) {
				out[name] = n.Type
			}
			return false
		case *ast.TypeSpec:
			if methods, ok := n.Type.(*ast.InterfaceType); ok && n.Name.IsExported() {
				for _, m := range methods.Methods.List {
					if fn, ok := m.Type.(*ast.FuncType); ok && m.Names[0].IsExported() {
						out[n.Name.Name+"."+m.Names[0].Name] = fn
					}
				}
			}
		}
		return true
	})
	return out
}

// receiver returns the name of the type that a method belongs to, or "".
func receiver(fn *ast.FuncDecl) string {
	if fn.Recv == nil {
		return ""
	}
	typ := fn.Recv.List[0].Type
	for {
		switch x := typ.(type) {
		case *ast.StarExpr:
			typ = x.X
		case *ast.IndexExpr:
			typ = x.X
		case *ast.IndexListExpr:
			typ = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

func adjacentStrings(params *ast.FieldList) bool {
	before := false
	for _, p := range params.List {
		id, ok := p.Type.(*ast.Ident)
		plain := ok && id.Name == "string"
		if plain && (before || len(p.Names) > 1) {
			return true
		}
		before = plain
	}
	return false
}

// unfuzzed reports exported parsers of text that no fuzz target of their
// package calls.
func unfuzzed(t *tree) []finding {
	fuzzed := map[string]bool{} // by folder and name
	for _, f := range t.files {
		for name := range namedInFuzz(f) {
			fuzzed[f.dir()+"."+name] = true
		}
	}
	var out []finding
	for _, f := range t.code() {
		for name, fn := range exportedFuncs(f.ast) {
			key := f.dir() + "." + name
			if strings.HasPrefix(name, "Parse") && takesText(fn) && !fuzzed[key] {
				out = append(out, finding{key, t.at(fn.Pos()), "no fuzz target calls " + name})
			}
		}
	}
	return out
}

// namedInFuzz returns every name that stands in a fuzz target of a file.
func namedInFuzz(f *file) map[string]bool {
	out := map[string]bool{}
	for _, d := range f.ast.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || !f.test || !strings.HasPrefix(fn.Name.Name, "Fuzz") {
			continue
		}
		ast.Inspect(fn, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				out[id.Name] = true
			}
			return true
		})
	}
	return out
}

func takesText(fn *ast.FuncType) bool {
	if len(fn.Params.List) == 0 {
		return false
	}
	switch typ := fn.Params.List[0].Type.(type) {
	case *ast.Ident:
		return typ.Name == "string"
	case *ast.ArrayType:
		id, ok := typ.Elt.(*ast.Ident)
		return ok && typ.Len == nil && id.Name == "byte"
	}
	return false
}
