package identity

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Username is the normalised name that a user signs in with.
type Username string

// MaxUsername is the longest user name, in characters.
const MaxUsername = 64

// ParseUsername normalises and checks a user name. Space around it is
// dropped, full-width Latin becomes ASCII, and letters become lower case, so
// that "Ann", "ann " and "ＡＮＮ" are one name. What remains must be 1 to 64
// letters, digits or any of . _ - @ + and begin with a letter or digit.
// Characters that Unicode holds equal to others (RFC 8265, section 3.3) are
// refused rather than folded, so that no two names look alike by accident of
// encoding.
func ParseUsername(s string) (Username, error) {
	if !utf8.ValidString(s) || len(s) > 1024 {
		return "", errUsernameCharacter
	}
	name := FoldUsername(strings.TrimSpace(s))
	n := utf8.RuneCountInString(name)
	switch {
	case n == 0:
		return "", errUsernameEmpty
	case n > MaxUsername:
		return "", errUsernameLong
	}
	for i, r := range name {
		if !usernameRune(r, i == 0) {
			return "", errUsernameCharacter
		}
	}
	return Username(name), nil
}

var (
	errUsernameEmpty     = InvalidField("username", "username_empty", "Enter a user name.")
	errUsernameLong      = InvalidField("username", "username_too_long", "A user name has at most 64 characters.")
	errUsernameCharacter = InvalidField("username", "username_character",
		"A user name has only letters, digits and . _ - @ +, and begins with a letter or digit.")
)

// FoldUsername returns a part of a user name in the form that names have. It
// need not be a name by itself.
func FoldUsername(part string) string { return strings.Map(foldRune, part) }

// foldRune maps the full-width forms of printable ASCII to ASCII, and letters
// to lower case.
func foldRune(r rune) rune {
	const fullWidthFirst, fullWidthLast, distance = '！', '～', '！' - '!'
	if r >= fullWidthFirst && r <= fullWidthLast {
		r -= distance
	}
	return unicode.ToLower(r)
}

func usernameRune(r rune, first bool) bool {
	if r < utf8.RuneSelf {
		return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || !first && strings.ContainsRune("._-@+", r)
	}
	return (unicode.IsLetter(r) || unicode.Is(unicode.Nd, r)) &&
		!unicode.Is(unicode.Lm, r) && !unicode.Is(compatibility, r)
}
