package files

import (
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// actual returns the path under which p is on the disk. Names that differ only
// by how their accents are encoded (Unicode TR 15: "é" as one character or as
// two) are one name to people, so one of them leads to what the other was
// given to. What is on the disk keeps its bytes; a name that is there exactly
// comes first, and one that is not there in any form is taken as it is.
func (t *Tree) actual(p Path) Path {
	if oneForm(string(p)) {
		return p
	}
	if _, err := t.root.Lstat(p.rel()); !errors.Is(err, fs.ErrNotExist) {
		return p
	}
	at := Path("/")
	for name := range strings.SplitSeq(p.rel(), "/") {
		at = Path(path.Join(string(at), t.spelling(at, name)))
	}
	return at
}

// twin is actual for who has their turn in changing names and is about to give
// out a path, which actual found to be free before: meanwhile it may have got a
// twin. No folder is read while others wait, so a twin that mixes both
// encodings is missed.
func (t *Tree) twin(p Path) Path {
	if oneForm(p.Name()) {
		return p
	}
	for _, name := range []string{p.Name(), norm.NFC.String(p.Name()), norm.NFD.String(p.Name())} {
		other := p.Dir().Join(name)
		if _, err := t.root.Lstat(other.rel()); err == nil {
			return other
		}
	}
	return p
}

// spelling returns the name that an entry of a folder really has.
func (t *Tree) spelling(folder Path, name string) string {
	if oneForm(name) {
		return name
	}
	if _, err := t.root.Lstat(Path(path.Join(string(folder), name)).rel()); !errors.Is(err, fs.ErrNotExist) {
		return name
	}
	f, err := openFolder(t.root, folder.folder())
	if err != nil {
		return name // whoever uses the path will see why
	}
	defer f.Close()
	wanted := norm.NFC.String(name)
	for {
		names, err := f.Readdirnames(listAtOnce)
		for _, other := range names {
			if !isReserved(other) && norm.NFC.String(other) == wanted {
				return other
			}
		}
		if errors.Is(err, io.EOF) || err != nil {
			return name
		}
	}
}

// oneForm reports whether a text has no other encoding: it is ASCII, or of
// characters that neither compose nor decompose, such as Chinese ones.
func oneForm(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return norm.NFC.IsNormalString(s) && norm.NFD.IsNormalString(s)
		}
	}
	return true
}
