package vault

import (
	"encoding/binary"
	"encoding/hex"

	"golang.org/x/crypto/chacha20poly1305"
	"golang.org/x/crypto/cryptobyte"

	"latchkey/backend/internal/env"
)

const (
	entryLen   = 16
	wrappedLen = chacha20poly1305.NonceSizeX + keyLen + chacha20poly1305.Overhead
	slotLabel  = "latchkey vault slot v1"
)

// A vaultID tells vaults apart. It is random and says nothing else.
type vaultID [16]byte

// A slot holds the master key, wrapped for one method.
type slot struct {
	method  Method
	entry   [entryLen]byte // ByKeyring: names the entry
	costs   Costs          // ByPassphrase
	salt    [saltLen]byte  // ByPassphrase, ByRecovery
	wrapped [wrappedLen]byte
}

// entryName is what the slot's entry is called in the keyring. Each key gets
// an entry of its own, so that a call that the keyring carries out long after
// everybody has given up on it can overwrite no key in use.
func (s slot) entryName() string { return "vault " + hex.EncodeToString(s.entry[:]) }

// wrap puts the master key into the slot.
func (s *slot) wrap(id vaultID, with, master key, e env.Env) {
	nonce := e.Bytes(chacha20poly1305.NonceSizeX)
	copy(s.wrapped[:], nonce)
	aead, err := chacha20poly1305.NewX(with[:])
	if err != nil {
		panic("vault: a key of the wrong length") // the type says it is not
	}
	aead.Seal(s.wrapped[:len(nonce)], nonce, master[:], s.label(id))
}

// unwrap takes the master key out of the slot, if it was wrapped with that key
// for that vault and nothing of the slot has changed.
func (s slot) unwrap(id vaultID, with key) (master key, ok bool) {
	aead, err := chacha20poly1305.NewX(with[:])
	if err != nil {
		return key{}, false
	}
	nonce, sealed := s.wrapped[:aead.NonceSize()], s.wrapped[aead.NonceSize():]
	plain, err := aead.Open(nil, nonce, sealed, s.label(id))
	if err != nil {
		return key{}, false
	}
	defer clear(plain)
	return key(plain), true
}

// label is the associated data of the wrapped key.
func (s slot) label(id vaultID) []byte {
	b := append([]byte(slotLabel), id[:]...)
	return s.appendTerms(append(b, byte(s.method)))
}

// appendTerms writes what it takes to make the slot's key.
func (s slot) appendTerms(b []byte) []byte {
	switch s.method {
	case ByKeyring:
		return append(b, s.entry[:]...)
	case ByPassphrase:
		b = binary.BigEndian.AppendUint32(b, s.costs.MemoryKiB)
		b = binary.BigEndian.AppendUint32(b, s.costs.Passes)
		b = append(b, s.costs.Lanes)
		return append(b, s.salt[:]...)
	case ByRecovery:
		return append(b, s.salt[:]...)
	}
	return b
}

func (s slot) append(b []byte) []byte {
	b = s.appendTerms(append(b, byte(s.method)))
	return append(b, s.wrapped[:]...)
}

// readSlot reads what append wrote. It refuses methods that it does not know
// and costs that nobody would have chosen.
func readSlot(from *cryptobyte.String) (s slot, ok bool) {
	if !from.ReadUint8((*uint8)(&s.method)) {
		return slot{}, false
	}
	switch s.method {
	case ByKeyring:
		ok = from.CopyBytes(s.entry[:])
	case ByPassphrase:
		ok = from.ReadUint32(&s.costs.MemoryKiB) && from.ReadUint32(&s.costs.Passes) && from.ReadUint8(&s.costs.Lanes) &&
			s.costs.bearable() && from.CopyBytes(s.salt[:])
	case ByRecovery:
		ok = from.CopyBytes(s.salt[:])
	}
	return s, ok && from.CopyBytes(s.wrapped[:])
}
