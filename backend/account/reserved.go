package account

import (
	"slices"
	"strings"
	"unicode"

	"latchkey/backend/identity"
)

var errReservedName = identity.InvalidField("username", "username_reserved", "That user name cannot be chosen here. Choose another.")

// reserved reports whether strangers may not take a name, because others would
// take its holder for whoever runs the server. The administrator may have any
// name, so that none of these need be taken.
func reserved(name identity.Username) bool {
	return slices.Contains([]identity.Username{
		"admin", "administrator", "guest", "latchkey", "root", "security", "support", "system",
	}, name)
}

// foreign reports whether a name is an e-mail address other than the one that
// comes with it: it would keep that address from its owner.
func foreign(name identity.Username, email string) bool {
	own, err := identity.ParseEmail(email)
	return strings.Contains(string(name), "@") && (err != nil || string(own) != string(name))
}

// mixed reports whether a name has letters of Latin and of another script, by
// which it can be made to look like somebody else's.
func mixed(name identity.Username) bool {
	latin, other := false, false
	for _, r := range string(name) {
		switch {
		case unicode.Is(unicode.Latin, r):
			latin = true
		case unicode.IsLetter(r):
			other = true
		}
	}
	return latin && other
}
