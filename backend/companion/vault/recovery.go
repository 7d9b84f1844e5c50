package vault

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"strings"
	"unicode"

	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
)

const (
	recoveryLen   = 16 // bytes: 128 bits
	recoveryCheck = 4  // bytes of checksum behind them
	recoveryChars = (recoveryLen + recoveryCheck) * 8 / 5
	recoveryGroup = 4
	mostRecovery  = 256 // bytes of a typed key that we are ready to read
	// recoveryAlphabet is Crockford's base32, which leaves out I, L, O and U.
	recoveryAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
)

// newRecovery returns a new recovery key and the text of it that is printed:
// 8 groups of 4 characters.
func newRecovery(e env.Env) ([recoveryLen]byte, secret.Text) {
	bits := [recoveryLen]byte(e.Bytes(recoveryLen))
	bare := base32.NewEncoding(recoveryAlphabet).EncodeToString(append(bits[:], checksum(bits)...))
	var groups []string
	for ; bare != ""; bare = bare[recoveryGroup:] {
		groups = append(groups, bare[:recoveryGroup])
	}
	return bits, secret.New(strings.Join(groups, "-"))
}

// parseRecovery reads a typed recovery key. Returns ErrRecoveryMistyped if it
// is not as any was ever printed; one error in four thousand million slips
// through, and opens nothing.
func parseRecovery(typed secret.Text) ([recoveryLen]byte, error) {
	if len(typed.Reveal()) > mostRecovery {
		return [recoveryLen]byte{}, ErrRecoveryMistyped
	}
	bare := strings.Map(recoveryRune, typed.Reveal())
	if len(bare) != recoveryChars {
		return [recoveryLen]byte{}, ErrRecoveryMistyped
	}
	all, err := base32.NewEncoding(recoveryAlphabet).DecodeString(bare)
	if err != nil {
		return [recoveryLen]byte{}, ErrRecoveryMistyped
	}
	bits := [recoveryLen]byte(all)
	if !bytes.Equal(all[recoveryLen:], checksum(bits)) {
		return [recoveryLen]byte{}, ErrRecoveryMistyped
	}
	return bits, nil
}

func checksum(bits [recoveryLen]byte) []byte {
	sum := sha256.Sum256(append([]byte("latchkey vault recovery v1"), bits[:]...))
	return sum[:recoveryCheck]
}

// recoveryRune maps a character to what it was meant to be. Input methods for
// Chinese type full-width ones.
func recoveryRune(r rune) rune {
	const fullWidthFirst, fullWidthLast, distance = '！', '～', '！' - '!'
	if r >= fullWidthFirst && r <= fullWidthLast {
		r -= distance
	}
	switch r = unicode.ToUpper(r); {
	case unicode.IsSpace(r), unicode.Is(unicode.Dash, r):
		return -1
	case r == 'O':
		return '0'
	case r == 'I', r == 'L':
		return '1'
	}
	return r
}
