package totp

import (
	"encoding/base32"
	"strings"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
)

const (
	secretBytes = 20 // RFC 4226, section 4: 160 bits are recommended,
	leastBytes  = 16 // and 128 are the least
	mostBytes   = 128
	mostText    = 1024 // bytes of text, spaces included, that we are ready to read
)

type hidden = secret.Text

// A Secret is what the server and an authenticator share. It prints as a
// mask. The zero Secret matches no code.
type Secret struct{ hidden } // base32, upper case, without padding

var base32NoPad = base32.StdEncoding.WithPadding(base32.NoPadding)

// NewSecret returns a secret of 160 random bits.
func NewSecret(e env.Env) Secret { return fromBytes(e.Bytes(secretBytes)) }

func fromBytes(b []byte) Secret { return Secret{secret.New(base32NoPad.EncodeToString(b))} }

// Base32 returns the secret as people type it into an authenticator.
func (s Secret) Base32() string { return s.Reveal() }

var errSecret = identity.InvalidField("secret", "totp_secret_invalid",
	"That is not the secret of an authenticator: it has at least 26 letters A to Z and digits 2 to 7. Copy it again.")

// ParseSecret reads base32 (RFC 4648, section 6) of 16 to 128 bytes. Spaces
// and hyphens between groups, lower case, and padding or none are all fine.
// Anything else is an Invalid error with code totp_secret_invalid.
func ParseSecret(text string) (Secret, error) {
	if len(text) > mostText {
		return Secret{}, errSecret
	}
	bare := strings.NewReplacer(" ", "", "-", "").Replace(strings.TrimSpace(text))
	b, err := base32NoPad.DecodeString(strings.TrimRight(strings.ToUpper(bare), "="))
	if err != nil || len(b) < leastBytes || len(b) > mostBytes {
		return Secret{}, errSecret
	}
	return fromBytes(b), nil
}

// URI returns the secret as authenticators read it from a QR code:
// otpauth://totp/issuer:account?... It panics if issuer or account is empty.
func (s Secret) URI(issuer string, account identity.Username) string {
	raw, err := base32NoPad.DecodeString(s.Base32())
	if err != nil {
		panic("totp: malformed secret: " + err.Error()) // every Secret is made from bytes
	}
	key, err := totp.Generate(totp.GenerateOpts{
		Issuer: issuer, AccountName: string(account), Secret: raw,
		Period: periodSeconds, Digits: digits, Algorithm: otp.AlgorithmSHA1,
	})
	if err != nil {
		panic("totp: " + err.Error())
	}
	return key.String()
}
