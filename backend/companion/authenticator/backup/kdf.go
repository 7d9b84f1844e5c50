package backup

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"hash"
	"math/bits"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/scrypt"

	"latchkey/backend/internal/secret"
)

// How much work a password may cause. The apps ask for less, as is said with
// each; the bounds leave room for what somebody has set higher.
const (
	mostScryptMemory = 256 << 20 // bytes, 128*N*r; Aegis: 32 MiB
	mostScryptWork   = 1 << 30   // bytes, 128*N*r*p, in all slots together
	mostIterations   = 5_000_000 // PBKDF2; 2FAS: 10,000, andOTP: 160,000
	mostArgonMemory  = 1 << 30   // bytes; Ente: 1 GiB where the device has it,
	mostArgonWork    = 4 << 30   // bytes in all passes: 4 of them, or more of less
)

const keyLen = 32

// A scryptCost is one run of scrypt (RFC 7914, section 2).
type scryptCost struct{ n, r, p int }

// work returns the bytes that are gone through, or ErrCostly.
func (c scryptCost) work() (int64, error) {
	const most = 1 << 20 // more would overflow below
	if c.n < 2 || bits.OnesCount(uint(c.n)) != 1 || c.r < 1 || c.p < 1 {
		return 0, ErrDamaged
	}
	if c.n > mostScryptMemory || c.r > most || c.p > most {
		return 0, ErrCostly
	}
	memory := 128 * int64(c.n) * int64(c.r)
	if memory > mostScryptMemory {
		return 0, ErrCostly
	}
	return memory * int64(c.p), nil
}

func scryptKey(password secret.Text, salt []byte, c scryptCost) ([]byte, error) {
	key, err := scrypt.Key([]byte(password.Reveal()), salt, c.n, c.r, c.p, keyLen)
	if err != nil {
		return nil, ErrDamaged.Because(err)
	}
	return key, nil
}

func pbkdf2Key(h func() hash.Hash, password secret.Text, salt []byte, iterations int) ([]byte, error) {
	switch {
	case iterations < 1:
		return nil, ErrDamaged
	case iterations > mostIterations:
		return nil, ErrCostly
	}
	key, err := pbkdf2.Key(h, password.Reveal(), salt, iterations, keyLen)
	if err != nil {
		return nil, ErrDamaged.Because(err)
	}
	return key, nil
}

// argonKey is what libsodium calls crypto_pwhash, of Argon2id: one lane, and
// memory in bytes.
func argonKey(password secret.Text, salt []byte, memory, passes int64) ([]byte, error) {
	const least = 8 << 10 // bytes, RFC 9106, section 3.1
	switch {
	case len(salt) != 16 || memory < least || passes < 1:
		return nil, ErrDamaged
	case memory > mostArgonMemory || passes > mostArgonWork/memory:
		return nil, ErrCostly
	}
	return argon2.IDKey([]byte(password.Reveal()), salt, uint32(passes), uint32(memory>>10), 1, keyLen), nil
}

// openGCM decrypts AES-256-GCM. What does not open is of another password.
func openGCM(key, nonce, sealed []byte) ([]byte, error) {
	gcm, err := newGCM(key)
	if err != nil || len(nonce) != gcm.NonceSize() {
		return nil, ErrDamaged
	}
	plain, err := gcm.Open(nil, nonce, sealed, nil)
	if err != nil {
		return nil, ErrPasswordWrong
	}
	return plain, nil
}

func newGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
