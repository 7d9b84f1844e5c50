package totp

import (
	"encoding/base32"
	"strings"
	"unicode"

	"latchkey/backend/internal/env"
)

const (
	recoveryCodes = 10
	recoveryBytes = 10 // 80 bits
	recoveryChars = 16
	mostRecovery  = 128 // bytes of a typed code that we are ready to read
	// recoveryAlphabet is Crockford's base32, which leaves out i, l, o and u.
	recoveryAlphabet = "0123456789abcdefghjkmnpqrstvwxyz"
)

// NewRecoveryCodes returns ten codes of 80 random bits each, in the form
// "xxxx-xxxx-xxxx-xxxx", without letters that look like others.
func NewRecoveryCodes(e env.Env) []string {
	encoding := base32.NewEncoding(recoveryAlphabet)
	codes := make([]string, recoveryCodes)
	for i := range codes {
		codes[i] = grouped(encoding.EncodeToString(e.Bytes(recoveryBytes)))
	}
	return codes
}

// grouped puts a hyphen between each four characters.
func grouped(bare string) string {
	return strings.Join([]string{bare[:4], bare[4:8], bare[8:12], bare[12:]}, "-")
}

// NormalizeRecoveryCode returns a recovery code in the form in which it was
// shown, however it is typed: case, space and hyphens make no difference, o is
// taken for 0, i and l for 1. It is not ok if the text can be no recovery
// code, which a code of an authenticator never is.
func NormalizeRecoveryCode(typed string) (code string, ok bool) {
	if len(typed) > mostRecovery {
		return "", false
	}
	bare := strings.Map(recoveryRune, typed)
	if len(bare) != recoveryChars || strings.Trim(bare, recoveryAlphabet) != "" {
		return "", false
	}
	return grouped(bare), true
}

func recoveryRune(r rune) rune {
	switch r = unicode.ToLower(narrow(r)); {
	case r == ' ', unicode.Is(unicode.Dash, r):
		return -1
	case r == 'o':
		return '0'
	case r == 'i', r == 'l':
		return '1'
	}
	return r
}
