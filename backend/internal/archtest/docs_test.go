package archtest

import (
	"errors"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// link matches the target of a Markdown link to a file of the project.
var link = regexp.MustCompile(`\]\(([^)#:\s]+)(?:#[^)\s]*)?\)`)

// deadLinks reports links in documents to files that are not there.
func deadLinks(t *tree) []finding {
	var out []finding
	for doc, text := range t.docs {
		for n, line := range strings.Split(text, "\n") {
			for _, m := range link.FindAllStringSubmatch(line, -1) {
				target := path.Join(path.Dir(doc), m[1])
				if _, err := fs.Stat(t.fsys, target); errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
					out = append(out, finding{target, doc + ":" + strconv.Itoa(n+1), "links to " + m[1] + ", which is not there"})
				}
			}
		}
	}
	return out
}

// undocumented returns a check that each folder directly below one has a README.
func undocumented(folder string) func(*tree) []finding {
	return func(t *tree) []finding {
		var out []finding
		for dir := range byDir(t.code()) {
			if path.Dir(dir) == folder && t.docs[dir+"/README.md"] == "" {
				out = append(out, finding{dir, dir, "has no README.md"})
			}
		}
		return out
	}
}
