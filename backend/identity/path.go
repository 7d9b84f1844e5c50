package identity

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxPath is the longest path, in bytes.
const MaxPath = 4096

var errPath = InvalidField("path", "path_invalid",
	"A path begins with /, uses / between names, and has no .. or control characters in it.")

var errPathLong = InvalidField("path", "path_too_long", "A path has at most 4,096 bytes. Use shorter names, or fewer folders within each other.")

// ParsePath checks and cleans a path below the files folder: absolute, with
// slashes, valid UTF-8 of at most 4,096 bytes, without "..", backslashes and
// control characters. The empty path is "/".
func ParsePath(s string) (string, error) {
	if s == "" {
		return "/", nil
	}
	if len(s) > MaxPath {
		return "", errPathLong
	}
	if s[0] != '/' || !utf8.ValidString(s) || strings.ContainsRune(s, '\\') ||
		strings.ContainsFunc(s, unicode.IsControl) {
		return "", errPath
	}
	for name := range strings.SplitSeq(s, "/") {
		if name == ".." {
			return "", errPath
		}
	}
	return path.Clean(s), nil
}
