package password

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"

	"latchkey/backend/identity"
)

const (
	saltLen = 16
	tagLen  = 32
	maxPHC  = 256 // bytes of a stored hash that we are ready to read
)

// ErrCorrupt means that a stored hash cannot be read or asks for absurd work.
// It is for the log: whoever tried to sign in has just failed to.
var ErrCorrupt = errors.New("stored password hash is corrupt")

// A record is a PHC string taken apart: $argon2id$v=19$m=,t=,p=$salt$tag, as
// the reference implementation of Argon2 writes it.
type record struct {
	params    Params
	salt, tag []byte
}

var base64NoPad = base64.RawStdEncoding.Strict()

func (r record) encode() identity.PasswordHash {
	return identity.PasswordHash(fmt.Sprintf("$argon2id$v=%d$%s$%s$%s", argon2.Version, r.params,
		base64NoPad.EncodeToString(r.salt), base64NoPad.EncodeToString(r.tag)))
}

// parseRecord reads a stored hash. Every cost that it accepts is bounded, so
// that a damaged row can ask for neither memory nor time.
func parseRecord(stored identity.PasswordHash) (record, error) {
	parts := strings.Split(string(stored[:min(len(stored), maxPHC+1)]), "$")
	if len(stored) > maxPHC || len(parts) != 6 || parts[0] != "" ||
		parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return record{}, ErrCorrupt
	}
	params, ok := scanParams(parts[3])
	salt, errSalt := base64NoPad.DecodeString(parts[4])
	tag, errTag := base64NoPad.DecodeString(parts[5])
	if !ok || errSalt != nil || errTag != nil || !within(params, leastVerified, ceiling) ||
		len(salt) < saltLen/2 || len(tag) < tagLen/2 {
		return record{}, ErrCorrupt
	}
	return record{params, salt, tag}, nil
}
