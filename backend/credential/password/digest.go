package password

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
)

// MaxBytes is the longest password, in bytes. Callers refuse longer ones
// before they make a Digest.
const MaxBytes = 1024

// staticSalt is what AList appends to every password before hashing it. It is
// public and the same everywhere, so it protects nothing by itself.
const staticSalt = "-https://github.com/alist-org/alist"

// digestLen is the length of a Digest in hexadecimal digits.
const digestLen = 2 * sha256.Size

type hidden = secret.Text

// A Digest is AList's static hash of a password: SHA-256 of the password and
// a fixed suffix, as lower-case hexadecimal. Whoever has it can sign in, so it
// is as secret as the password: it is never stored and prints as a mask. The
// zero Digest fits no stored hash.
type Digest struct{ hidden }

// DigestOf returns the digest of a password, byte for byte: case, space and
// Unicode form all count.
func DigestOf(password string) Digest {
	sum := sha256.Sum256([]byte(password + staticSalt))
	return Digest{secret.New(hex.EncodeToString(sum[:]))}
}

var errDigest = identity.InvalidField("password", "password_digest_invalid",
	"The hashed password must be 64 lower-case hexadecimal digits.")

// ParseDigest accepts exactly 64 lower-case hexadecimal digits, or returns an
// Invalid error with code password_digest_invalid.
func ParseDigest(hex string) (Digest, error) {
	if len(hex) != digestLen || strings.Trim(hex, "0123456789abcdef") != "" {
		return Digest{}, errDigest
	}
	return Digest{secret.New(hex)}, nil
}
