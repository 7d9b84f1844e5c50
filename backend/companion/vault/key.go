package vault

import (
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"latchkey/backend/internal/secret"
)

const (
	keyLen  = 32
	saltLen = 16

	leastPassphrase = 8    // characters
	mostPassphrase  = 1024 // bytes
)

// A Method is a way into a vault. The numbers stand in files.
type Method uint8

// The ways into a vault.
const (
	ByKeyring    Method = 1 // a key in the operating system's keyring
	ByPassphrase Method = 2
	ByRecovery   Method = 3 // the printed key
)

// String names the method in one word.
func (m Method) String() string {
	switch m {
	case ByKeyring:
		return "keyring"
	case ByPassphrase:
		return "passphrase"
	case ByRecovery:
		return "recovery"
	}
	return "none"
}

// Patience is how long a keyring may take to answer.
type Patience time.Duration

// Who waits for the keyring decides how long.
const (
	Briefly = Patience(3 * time.Second)  // the program asks by itself
	Asked   = Patience(30 * time.Second) // a person has just asked for it, and may have to type
)

// A Key is what opens a vault, or what a new one is to be protected by. It
// prints as a mask.
type Key struct {
	method   Method
	text     secret.Text
	patience Patience
}

// WithKeyring is the key that the operating system's keyring keeps.
func WithKeyring(p Patience) Key { return Key{method: ByKeyring, patience: p} }

// WithPassphrase is the key made from a passphrase. How its characters are
// encoded makes no difference: what looks the same is the same.
func WithPassphrase(text secret.Text) Key { return Key{method: ByPassphrase, text: text} }

// WithRecovery is the printed key as it was typed. Case, space and hyphens make
// no difference, and letters that look like digits are taken for them.
func WithRecovery(text secret.Text) Key { return Key{method: ByRecovery, text: text} }

// A key seals something. It prints as a mask.
type key [keyLen]byte

// Format writes a mask for every verb.
func (key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[key]") }

// Costs are those of Argon2id (RFC 9106, section 4): how much work it is to try
// a passphrase. A vault file says its own.
type Costs struct {
	MemoryKiB uint32
	Passes    uint32
	Lanes     uint8
}

// Bounds on what a file may ask for. The floor is the algorithm's own.
const (
	mostMemory = 512 << 10 // KiB
	mostPasses = 16
	mostLanes  = 16
	mostWork   = 2 << 20 // KiB times passes: some seconds
)

// usualCosts take about 0.15 s, once at a time.
func usualCosts() Costs { return Costs{MemoryKiB: 64 << 10, Passes: 3, Lanes: 4} }

// bearable reports whether costs from a file can be paid.
func (c Costs) bearable() bool {
	return c.Lanes >= 1 && c.Lanes <= mostLanes && c.Passes >= 1 && c.Passes <= mostPasses &&
		c.MemoryKiB >= 8*uint32(c.Lanes) && c.MemoryKiB <= mostMemory && c.MemoryKiB*c.Passes <= mostWork
}

// fromPassphrase makes a key from a passphrase. The memory that it took is
// given back at once, because it is most of what the program uses.
func fromPassphrase(text secret.Text, salt []byte, c Costs) key {
	typed := []byte(normalize(text.Reveal()))
	defer clear(typed)
	defer debug.FreeOSMemory()
	return key(argon2.IDKey(typed, salt, c.Passes, c.MemoryKiB, c.Lanes, keyLen))
}

// normalize makes one text of what looks the same, however a keyboard encodes
// it (RFC 8265, section 4.2.2, for what may differ).
func normalize(text string) string {
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Zs, r) {
			return ' '
		}
		return r
	}, text))
}

// CheckPassphrase refuses what must not become a passphrase, with one of the
// errors that begin with ErrPassphrase. It does not ask how good it is.
func CheckPassphrase(text secret.Text) error {
	typed := text.Reveal()
	switch {
	case typed == "":
		return ErrPassphraseEmpty
	case len(typed) > mostPassphrase:
		return ErrPassphraseLong
	case !utf8.ValidString(typed) || strings.ContainsFunc(typed, unicode.IsControl):
		return ErrPassphraseCharacters
	case utf8.RuneCountInString(normalize(typed)) < leastPassphrase:
		return ErrPassphraseShort
	}
	return nil
}

// fromRecovery makes a key from the bits of a recovery key, which need no
// stretching (RFC 5869).
func fromRecovery(bits [recoveryLen]byte, salt []byte) (key, error) {
	k, err := hkdf.Key(sha256.New, bits[:], salt, "latchkey vault recovery v1", keyLen)
	if err != nil {
		return key{}, fmt.Errorf("derive recovery key: %w", err)
	}
	return key(k), nil
}
