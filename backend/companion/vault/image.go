package vault

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"

	"golang.org/x/crypto/chacha20poly1305"
	"golang.org/x/crypto/cryptobyte"

	"latchkey/backend/internal/env"
)

const (
	magic       = "latchkey vault\r\n" // a transfer as text breaks it visibly
	version     = 1
	maxFile     = 64 << 20
	checksumLen = sha256.Size
	nonceLen    = chacha20poly1305.NonceSizeX
	sealLen     = chacha20poly1305.Overhead
)

// A header is the part of the file that is not sealed.
type header struct {
	id         vaultID
	revision   uint64
	protection slot
	recovery   slot
}

func (h header) append(b []byte) []byte {
	b = append(b, h.id[:]...)
	b = binary.BigEndian.AppendUint64(b, h.revision)
	return h.recovery.append(h.protection.append(b))
}

func readHeader(from cryptobyte.String) (h header, ok bool) {
	if !from.CopyBytes(h.id[:]) || !from.ReadUint64(&h.revision) {
		return header{}, false
	}
	var first, second bool
	h.protection, first = readSlot(&from)
	h.recovery, second = readSlot(&from)
	return h, first && second && from.Empty() &&
		h.protection.method != ByRecovery && h.recovery.method == ByRecovery
}

// slot returns the slot that a key of some method fits.
func (h header) slot(m Method) (slot, error) {
	if m == h.protection.method {
		return h.protection, nil
	}
	if m == ByRecovery {
		return h.recovery, nil
	}
	return slot{}, ErrOtherProtection
}

// An image is a whole file as it was read.
type image struct {
	header header
	head   []byte // all that stands before the body, as the body's associated data
	sealed []byte // the body: nonce and what it seals
}

// parse reads a file. Returns ErrDamaged or ErrNewer.
func parse(file []byte) (image, error) {
	if len(file) < len(magic)+checksumLen || string(file[:len(magic)]) != magic {
		return image{}, ErrDamaged
	}
	content, sum := file[:len(file)-checksumLen], file[len(file)-checksumLen:]
	if want := sha256.Sum256(content); !bytes.Equal(sum, want[:]) {
		return image{}, ErrDamaged
	}
	from := cryptobyte.String(content[len(magic):])
	var v uint16
	var plain cryptobyte.String
	if !from.ReadUint16(&v) || v == 0 {
		return image{}, ErrDamaged
	}
	if v > version {
		return image{}, ErrNewer
	}
	if !from.ReadUint16LengthPrefixed(&plain) || len(from) < nonceLen+sealLen {
		return image{}, ErrDamaged
	}
	h, ok := readHeader(plain)
	if !ok {
		return image{}, ErrDamaged
	}
	return image{header: h, head: content[:len(content)-len(from)], sealed: from}, nil
}

// unseal opens the body where it lies, once. Returns ErrDamaged if the body
// was not sealed with that key behind that header.
func (i image) unseal(master key) (contents, error) {
	aead, err := chacha20poly1305.NewX(master[:])
	if err != nil {
		return contents{}, ErrDamaged.Because(err)
	}
	nonce, sealed := i.sealed[:nonceLen], i.sealed[nonceLen:]
	plain, err := aead.Open(sealed[:0], nonce, sealed, i.head)
	if err != nil {
		return contents{}, ErrDamaged.Because(err)
	}
	c, ok := readContents(plain)
	if !ok {
		clear(plain)
		return contents{}, ErrDamaged
	}
	return c, nil
}

// compose makes the file: the header with the master key wrapped, and the
// contents sealed with it. Returns ErrFull.
func compose(h header, c contents, master key, e env.Env) (file []byte, head int, err error) {
	h.protection.wrap(h.id, c.protection, master, e)
	h.recovery.wrap(h.id, c.recovery, master, e)
	plain := h.append(nil)
	head = len(magic) + 2 + 2 + len(plain)
	size := head + nonceLen + c.size() + sealLen + checksumLen
	if size > maxFile {
		return nil, 0, ErrFull
	}
	file = append(make([]byte, 0, size), magic...)
	file = binary.BigEndian.AppendUint16(file, version)
	file = binary.BigEndian.AppendUint16(file, uint16(len(plain)))
	file = append(append(file, plain...), e.Bytes(nonceLen)...)
	file = seal(c.append(file), head, master)
	sum := sha256.Sum256(file)
	return append(file, sum[:]...), head, nil
}

// seal encrypts all that stands behind the head and its nonce, in its place.
func seal(file []byte, head int, master key) []byte {
	aead, err := chacha20poly1305.NewX(master[:])
	if err != nil {
		panic("vault: a key of the wrong length") // the type says it is not
	}
	body := head + nonceLen
	return aead.Seal(file[:body], file[head:body], file[body:], file[:head])
}
