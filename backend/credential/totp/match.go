package totp

import (
	"crypto/subtle"
	"strings"
	"time"
	"unicode"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
)

const (
	periodSeconds = 30
	digits        = otp.DigitsSix
	skew          = 1 // time steps that a clock may be off (RFC 6238, section 5.2)
	mostCode      = 64
)

// Match reports whether code fits the secret at a time, one step of thirty
// seconds early or late included, and to which step it belongs. Should it fit
// several, that is the newest: who then spends it and all before it has spent
// the code. All steps are compared, in constant time.
//
// However a code is typed it is the same code: space around it, one space in
// the middle ("123 456") and the full-width digits of East Asian keyboards
// make no difference.
func Match(s Secret, code string, at time.Time) (step int64, ok bool) {
	typed, ok := normalizeCode(code)
	if !ok || s.IsZero() {
		return 0, false
	}
	now, found := at.Unix()/periodSeconds, 0
	for candidate := max(now-skew, 0); candidate <= now+skew; candidate++ {
		want, err := hotp.GenerateCode(s.Base32(), uint64(candidate))
		if err != nil {
			return 0, false
		}
		fits := subtle.ConstantTimeCompare([]byte(want), []byte(typed))
		step = choose(fits, candidate, step)
		found |= fits
	}
	return step, found == 1
}

// choose returns a if v is 1 and b if it is 0, without a branch.
func choose(v int, a, b int64) int64 { return b ^ (-int64(v) & (a ^ b)) }

// normalizeCode returns the six ASCII digits of a code, or not ok.
func normalizeCode(code string) (string, bool) {
	if len(code) > mostCode {
		return "", false
	}
	s := strings.TrimSpace(strings.Map(narrow, code))
	if half := digits.Length() / 2; len(s) == digits.Length()+1 && s[half] == ' ' {
		s = s[:half] + s[half+1:]
	}
	return s, len(s) == digits.Length() && strings.Trim(s, "0123456789") == ""
}

// narrow maps the full-width forms of ASCII to ASCII, and every space to one.
func narrow(r rune) rune {
	const first, last, distance = '！', '～', '！' - '!'
	switch {
	case r >= first && r <= last:
		return r - distance
	case unicode.IsSpace(r):
		return ' '
	}
	return r
}
