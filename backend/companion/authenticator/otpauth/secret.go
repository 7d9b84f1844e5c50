package otpauth

import (
	"encoding/base32"
	"strings"
	"unicode"

	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
)

// Bounds on a secret. Fewer bits than 32 could be found out from a few codes.
const (
	leastSecret = 4        // bytes
	mostSecret  = 256      // bytes
	mostText    = 16 << 10 // bytes of text, spaces included, that we are ready to read
)

// The refusals of a secret.
var (
	ErrNoSecret = identity.InvalidField("secret", "otp_secret_missing", "There is no secret in it. Copy the whole of it again.")
	ErrSecret   = identity.InvalidField("secret", "otp_secret_invalid",
		"That is not the secret of a code: it has letters A to Z and digits 2 to 7 only. Copy it again.")
	ErrSecretShort = identity.InvalidField("secret", "otp_secret_short",
		"That secret is too short: it has at least 7 letters and digits. Copy the whole of it again.")
	ErrSecretLong = identity.InvalidField("secret", "otp_secret_long",
		"That secret is too long: it has at most 410 letters and digits. Check that nothing else was copied with it.")
)

type hidden = secret.Text

// A Secret is what a service and an authenticator share. It prints as a mask,
// and two of them are equal by == if their bytes are.
type Secret struct{ hidden } // base32, upper case, without padding

var base32NoPad = base32.StdEncoding.WithPadding(base32.NoPadding)

// ParseSecret reads base32 (RFC 4648, section 6) of 4 to 256 bytes. Spaces and
// hyphens between groups, lower case, and padding or none are all fine; bits
// that are left over after the last byte do not count.
func ParseSecret(text string) (Secret, error) {
	if len(text) > mostText {
		return Secret{}, ErrSecretLong
	}
	bare := strings.Map(func(r rune) rune {
		if r == '-' || unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) {
			return -1 // also what a web page puts in unseen, where a line may break
		}
		return unicode.ToUpper(r)
	}, text)
	if bare = strings.TrimRight(bare, "="); bare == "" {
		return Secret{}, ErrNoSecret
	}
	raw, err := base32NoPad.DecodeString(bare)
	if err != nil {
		return Secret{}, ErrSecret // the cause would quote it
	}
	return NewSecret(raw)
}

// NewSecret makes a secret of 4 to 256 bytes.
func NewSecret(raw []byte) (Secret, error) {
	switch {
	case len(raw) == 0:
		return Secret{}, ErrNoSecret
	case len(raw) < leastSecret:
		return Secret{}, ErrSecretShort
	case len(raw) > mostSecret:
		return Secret{}, ErrSecretLong
	}
	return Secret{secret.New(base32NoPad.EncodeToString(raw))}, nil
}

// Base32 returns the secret as people type it into an authenticator.
func (s Secret) Base32() string { return s.Reveal() }
