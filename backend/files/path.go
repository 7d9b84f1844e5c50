package files

import (
	"path"
	"runtime"
	"strings"
	"unicode/utf8"

	"latchkey/backend/identity"
)

const (
	// MaxName is the longest name of a file or folder, in bytes.
	MaxName = 255
	// maxDepth is how many names a path may have. Each is opened by itself, so
	// without a bound a walk would take the square of what it looks at.
	maxDepth = 256
	// reserved begins the names that this package keeps for itself, but for
	// that of the trash.
	reserved = ".latchkey-tmp"
)

// A Path is a checked and cleaned path in a tree: absolute, with slashes, "/"
// being the top.
type Path string

var (
	errNameTooLong  = identity.InvalidField("path", "name_too_long", "A name has at most 255 bytes; choose a shorter one.")
	errTooDeep      = identity.InvalidField("path", "path_too_deep", "A path has at most 256 names; choose a place that is less deep.")
	errNameReserved = identity.InvalidField("path", "name_reserved", "Names that begin with "+reserved+", and "+trash+", are kept for the server; choose another one.")
	errNameInvalid  = identity.InvalidField("path", "name_invalid",
		`That name would not work everywhere: it ends in a dot or space, has a character that hides others, or is a device on Windows. Choose another one.`)
)

// ParsePath checks a path by identity.ParsePath, and its names: at most 256 of
// 255 bytes each, and not kept for temporary files or the trash.
func ParsePath(s string) (Path, error) {
	clean, err := identity.ParsePath(s)
	if err != nil {
		return "", err
	}
	if Path(clean).depth() > maxDepth {
		return "", errTooDeep
	}
	for name := range strings.SplitSeq(clean, "/") {
		switch {
		case len(name) > MaxName:
			return "", errNameTooLong
		case isReserved(name):
			return "", errNameReserved
		case runtime.GOOS == "windows" && !portable(name):
			return "", errNameInvalid
		}
	}
	return Path(clean), nil
}

// Dir returns the folder that p is in; that of the top is the top.
func (p Path) Dir() Path { return Path(path.Dir(string(p))) }

// Name returns the last name of p, or "/" for the top.
func (p Path) Name() string { return path.Base(string(p)) }

// Below returns where p is when its tree's top is at base.
func (p Path) Below(base Path) Path { return Path(path.Join(string(base), string(p))) }

// IsTop reports whether p is the top of its tree.
func (p Path) IsTop() bool { return p == "/" }

// rel is p as an os.Root takes it.
func (p Path) rel() string {
	if p.IsTop() {
		return "."
	}
	return strings.TrimPrefix(string(p), "/")
}

// folder is p as an os.Root takes it when only a folder will do. The last dot
// makes the steps before it open with O_DIRECTORY; without it a FIFO of that
// name would block its opener.
func (p Path) folder() string { return p.rel() + "/." }

// checkNew reports whether a file or folder may be given the path p. What
// other programs have named is reached under any name; what is made here gets
// one that works on every system.
func checkNew(p Path) error {
	switch {
	case p.IsTop():
		return errTopFolder
	case p.depth() > maxDepth:
		return errTooDeep
	case !portable(p.Name()):
		return errNameInvalid
	}
	return nil
}

// isReserved reports whether a name is kept for this package: no list shows
// it, and no path leads to it.
func isReserved(name string) bool { return isTemp(name) || strings.EqualFold(name, trash) }

// isTemp reports whether a name is one of those that count as nobody's files.
// It folds case, because the file system may, and so by characters: "K" in
// Kelvin's form takes three bytes.
func isTemp(name string) bool {
	n := 0
	for i := range name {
		if n == len(reserved) {
			return strings.EqualFold(name[:i], reserved)
		}
		n++
	}
	return strings.EqualFold(name, reserved)
}

// portable reports whether a name means the same on every system. What Windows
// alone forbids or takes for another name is refused on Windows alone.
func portable(name string) bool {
	stem, _, _ := strings.Cut(name, ".")
	return !strings.HasSuffix(name, ".") && !strings.HasSuffix(name, " ") &&
		!strings.ContainsFunc(name, reorders) && !isDevice(strings.TrimRight(stem, " ")) &&
		(runtime.GOOS != "windows" || !strings.ContainsAny(name, `<>:"|?*`) && !isShort(name))
}

// isShort reports whether a name can be the short one that Windows gives to
// another file or folder, such as LATCHK~1: what is kept from people under its
// own name must not be reached under that.
func isShort(name string) bool {
	stem, ext, _ := strings.Cut(name, ".")
	if utf8.RuneCountInString(stem) > 8 || utf8.RuneCountInString(ext) > 3 {
		return false
	}
	i := strings.LastIndexByte(stem, '~')
	return i >= 0 && i < len(stem)-1 && strings.Trim(stem[i+1:], "0123456789") == ""
}

// reorders reports whether a character changes the direction of those around
// it, which makes "gpj.exe" read as "exe.jpg" (Unicode TR 36, section 2.4).
func reorders(r rune) bool {
	return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// isDevice reports whether Windows takes a name, whatever its extension, for a
// device.
func isDevice(stem string) bool {
	switch s := strings.ToUpper(stem); s {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	default:
		port, ok := strings.CutPrefix(s, "COM")
		if !ok {
			port, ok = strings.CutPrefix(s, "LPT")
		}
		return ok && utf8.RuneCountInString(port) == 1 && strings.ContainsAny(port, "0123456789¹²³")
	}
}
