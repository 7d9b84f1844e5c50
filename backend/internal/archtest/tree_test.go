package archtest

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

const module = "latchkey"

// A file is one Go file of the project.
type file struct {
	path  string // below the project's folder, with slashes
	test  bool   // of a test, by its name
	lines int
	ast   *ast.File
}

func (f *file) dir() string { return path.Dir(f.path) }

// A tree is the project as the rules see it.
type tree struct {
	fset  *token.FileSet
	files []*file
	docs  map[string]string // the text of each Markdown file by its path
	top   []string          // the names of the folders at the top
	fsys  fs.FS
	deps  func() (graph, error) // what is built into the headless binary
}

// load reads every Go and Markdown file below fsys but test data, what the
// tools keep for themselves (hidden folders) and what is built or installed.
func load(fsys fs.FS) (*tree, error) {
	t := &tree{fset: token.NewFileSet(), docs: map[string]string{}, fsys: fsys}
	t.deps = func() (graph, error) { return t.imports(), nil }
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && p != "." && skipped(d.Name()):
			return fs.SkipDir
		case d.IsDir() && p != "." && !strings.Contains(p, "/"):
			t.top = append(t.top, p)
		case d.IsDir():
		case path.Ext(p) == ".go":
			return t.parse(p)
		case path.Ext(p) == ".md":
			text, err := fs.ReadFile(fsys, p)
			t.docs[p] = string(text)
			return err
		}
		return nil
	})
	return t, err
}

func skipped(folder string) bool {
	switch folder {
	case "testdata", "node_modules", "bin":
		return true
	}
	return strings.HasPrefix(folder, ".")
}

func (t *tree) parse(p string) error {
	src, err := fs.ReadFile(t.fsys, p)
	if err != nil {
		return err
	}
	parsed, err := parser.ParseFile(t.fset, p, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return fmt.Errorf("parse: %w", err)
	}
	t.files = append(t.files, &file{
		path: p, test: strings.HasSuffix(p, "_test.go"), lines: bytes.Count(src, []byte("\n")), ast: parsed,
	})
	return nil
}

// at tells a position as "path:line".
func (t *tree) at(pos token.Pos) string {
	p := t.fset.Position(pos)
	return p.Filename + ":" + strconv.Itoa(p.Line)
}

// code returns the files that are part of a program: no tests, and no packages
// that help tests. Those import testing, and the rule "headless" keeps them
// out of the program.
func (t *tree) code() []*file {
	helpers := map[string]bool{}
	for _, f := range t.files {
		if !f.test && localName(f.ast, "testing") != "" {
			helpers[f.dir()] = true
		}
	}
	var out []*file
	for _, f := range t.files {
		if !f.test && !helpers[f.dir()] {
			out = append(out, f)
		}
	}
	return out
}

// byDir groups files by their folder.
func byDir(files []*file) map[string][]*file {
	out := map[string][]*file{}
	for _, f := range files {
		out[f.dir()] = append(out[f.dir()], f)
	}
	return out
}

// within reports whether a path is a folder or import path, or lies below it.
func within(p, folder string) bool { return p == folder || strings.HasPrefix(p, folder+"/") }

// withinAny is within for several folders.
func withinAny(p string, folders []string) bool {
	for _, folder := range folders {
		if within(p, folder) {
			return true
		}
	}
	return false
}

// importPath returns what an import names.
func importPath(spec *ast.ImportSpec) string {
	p, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return spec.Path.Value // the parser accepted it, so this does not happen
	}
	return p
}

// ours returns the folder of an import of this project.
func ours(imported string) (dir string, ok bool) {
	if imported == module {
		return ".", true
	}
	return strings.CutPrefix(imported, module+"/")
}
