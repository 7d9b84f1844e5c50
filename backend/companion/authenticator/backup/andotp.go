package backup

import (
	"crypto/sha1" //nolint:gosec // andOTP's choice for PBKDF2, where it does no harm
	"crypto/sha256"
	"encoding/binary"

	"latchkey/backend/companion/authenticator/otpauth"
	"latchkey/backend/internal/secret"
)

type andOTPEntry struct {
	Kind      loose    `json:"type"`
	Secret    loose    `json:"secret"`
	Issuer    string   `json:"issuer"`
	Label     string   `json:"label"`
	Algorithm loose    `json:"algorithm"`
	Digits    loose    `json:"digits"`
	Period    loose    `json:"period"`
	Counter   loose    `json:"counter"`
	Tags      []string `json:"tags"`
}

func readAndOTP(text []byte) (Backup, error) {
	b := Backup{Format: AndOTP}
	err := each(text, func(at int, e andOTPEntry) {
		b.add(at, otpauth.Entry{Issuer: e.Issuer, Account: e.Label, Tags: e.Tags}, otpauth.Fields{
			Kind: e.Kind.String(), Secret: e.Secret.String(), Algorithm: e.Algorithm.String(), Digits: e.Digits.String(),
			Period: e.Period.String(), Counter: e.Counter.String(),
		})
	})
	return b, err
}

// The form of an encrypted backup of andOTP: the number of iterations of
// PBKDF2-HMAC-SHA1, salt, nonce, and what is sealed by AES-256-GCM. Before its
// version 0.6.3 there were only nonce and sealed, and the key was the password's
// SHA-256.
const (
	andOTPCount = 4 // bytes, big-endian
	andOTPSalt  = 12
	andOTPNonce = 12
	andOTPTag   = 16

	andOTPLeast = 1000 // iterations; it makes up a number from 140,000 on
)

// readAndOTPSealed reads what is no text. Nothing marks such a file as a backup
// of andOTP, so one of something else asks for a password in vain.
func readAndOTPSealed(content []byte, password secret.Text) (Backup, error) {
	if len(content) < andOTPNonce+andOTPTag+len("[]") {
		return Backup{}, ErrUnknown
	}
	if password.IsZero() {
		return Backup{}, ErrPasswordNeeded
	}
	plain, err := openAndOTP(content, password)
	if err != nil {
		return Backup{}, err
	}
	b, err := readAndOTP(plain)
	b.Encrypted = true
	return b, err
}

func openAndOTP(content []byte, password secret.Text) ([]byte, error) {
	const head = andOTPCount + andOTPSalt + andOTPNonce
	iterations := int(binary.BigEndian.Uint32(content))
	if len(content) >= head+andOTPTag && iterations >= andOTPLeast && iterations <= mostIterations {
		key, err := pbkdf2Key(sha1.New, password, content[andOTPCount:andOTPCount+andOTPSalt], iterations)
		if err != nil {
			return nil, err
		}
		if plain, err := openGCM(key, content[andOTPCount+andOTPSalt:head], content[head:]); err == nil {
			return plain, nil
		}
	}
	key := sha256.Sum256([]byte(password.Reveal()))
	return openGCM(key[:], content[:andOTPNonce], content[andOTPNonce:])
}
