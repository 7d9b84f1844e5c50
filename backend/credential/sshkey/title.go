package sshkey

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"latchkey/backend/identity"
)

// maxTitle is the longest title of a key, in characters.
const maxTitle = 100

var errTitle = identity.InvalidField("title", "ssh_key_title_invalid",
	"Give the key a title of 1 to 100 characters, such as the name of the computer it is on.")

// ParseTitle checks the title of a key: 1 to 100 characters after space around
// it is dropped, one of them visible, and none a control character or one that
// changes the direction of the others. Anything else is an Invalid error with
// code ssh_key_title_invalid.
func ParseTitle(s string) (string, error) {
	s = strings.TrimSpace(s)
	if !utf8.ValidString(s) || utf8.RuneCountInString(s) > maxTitle ||
		strings.ContainsFunc(s, hides) || !strings.ContainsFunc(s, visible) {
		return "", errTitle
	}
	return s, nil
}

func visible(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) }
