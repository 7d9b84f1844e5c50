package seal

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"sync"

	"golang.org/x/crypto/chacha20poly1305"

	"latchkey/backend/internal/env"
)

// ErrSealed means that a value does not open: it was changed, it belongs to
// another label, or it was sealed with another master key.
var ErrSealed = errors.New("sealed value does not open with this master key")

// A Box seals and opens with one master key, and prints as a mask. Its methods
// may be called from many goroutines.
type Box struct {
	env    env.Env
	aead   cipher.AEAD
	hashes sync.Pool // of hash.Hash, keyed: a list of files signs thousands of links
}

// newBox derives one key for sealing and one for hashing (RFC 5869), so that
// neither use can say anything about the other.
func newBox(master []byte, e env.Env) (*Box, error) {
	sealing, errSealing := derive(master, "seal")
	hashing, errHashing := derive(master, "mac")
	if err := errors.Join(errSealing, errHashing); err != nil {
		return nil, fmt.Errorf("derive keys: %w", err)
	}
	aead, err := chacha20poly1305.NewX(sealing)
	if err != nil {
		return nil, fmt.Errorf("use sealing key: %w", err)
	}
	keyed := func() any { return hmac.New(sha256.New, hashing) }
	return &Box{env: e, aead: aead, hashes: sync.Pool{New: keyed}}, nil
}

func derive(master []byte, use string) ([]byte, error) {
	return hkdf.Key(sha256.New, master, nil, "latchkey "+use+" v1", chacha20poly1305.KeySize)
}

// Format writes a mask for every verb.
func (*Box) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[sealing box]") }

// Seal encrypts plain with XChaCha20-Poly1305 under a label, which is not
// secret and not part of the result. The nonce is random and comes first.
func (b *Box) Seal(label string, plain []byte) []byte {
	nonce := b.env.Bytes(b.aead.NonceSize())
	return b.aead.Seal(nonce, nonce, plain, []byte(label))
}

// Open decrypts what Seal made under the same label, or returns ErrSealed.
func (b *Box) Open(label string, sealed []byte) ([]byte, error) {
	n := b.aead.NonceSize()
	if len(sealed) < n {
		return nil, ErrSealed
	}
	plain, err := b.aead.Open(nil, sealed[:n], sealed[n:], []byte(label))
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}

// MAC returns HMAC-SHA-256 (RFC 2104) of data under a label. Who has the
// result but not the master key cannot try values against it.
func (b *Box) MAC(label string, data []byte) [32]byte {
	h := b.hashes.Get().(hash.Hash)
	defer b.hashes.Put(h)
	h.Reset()
	fmt.Fprintf(h, "%d:%s", len(label), label) // the length keeps label and data apart
	h.Write(data)
	return [32]byte(h.Sum(nil))
}
