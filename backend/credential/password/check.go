package password

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"latchkey/backend/identity"
)

// leastChars is the shortest new password that any setting can allow.
const leastChars = 6

var (
	errTooLong = identity.InvalidField("password", "password_too_long",
		fmt.Sprintf("A password has at most %d bytes. Choose a shorter one.", MaxBytes))
	errCommon = identity.InvalidField("password", "password_common",
		"That password is among the first that attackers try. Choose another, such as four words that have nothing to do with each other.")
	errIsUsername = identity.InvalidField("password", "password_is_username",
		"The password is the user name. Choose another.")
)

// CheckNew says what keeps a password from becoming the password of the user
// of that name: fewer than least characters (never under 6), more than 1,024
// bytes, the user name itself in any case, or one that attackers try first. No
// kinds of characters are asked for (NIST SP 800-63B-4, section 3.1.1.2). The
// errors are Invalid, with codes password_too_short, password_too_long,
// password_is_username and password_common.
func CheckNew(password string, name identity.Username, least int) error {
	least = max(least, leastChars)
	switch {
	case len(password) > MaxBytes:
		return errTooLong
	case utf8.RuneCountInString(password) < least:
		return errTooShort(least)
	case isUsername(password, name):
		return errIsUsername
	case isCommon(password):
		return errCommon
	}
	return nil
}

func errTooShort(least int) error {
	return identity.InvalidField("password", "password_too_short",
		fmt.Sprintf("A password needs at least %d characters. Choose a longer one.", least))
}

// isUsername holds every way of typing a user name equal to it.
func isUsername(password string, name identity.Username) bool {
	typed, err := identity.ParseUsername(password)
	return err == nil && typed == name || strings.EqualFold(password, string(name))
}
