package backup

import (
	"crypto/subtle"
	"encoding/binary"

	"golang.org/x/crypto/chacha20"
	"golang.org/x/crypto/poly1305" //nolint:staticcheck // libsodium's stream puts ChaCha20 and Poly1305 together in its own way
)

// The form of libsodium's crypto_secretstream_xchacha20poly1305.
const (
	streamHeader = 24
	streamTag    = 1 // byte before each message, which says what it is
	streamLast   = 3 // the tag of the only message of a backup
)

// openStream decrypts a stream of one message. A key and a nonce come from the
// header; the first block of the key stream is for the checksum, the second for
// the tag, and the rest for the text.
func openStream(key, header, sealed []byte) ([]byte, error) {
	if len(header) != streamHeader || len(sealed) < streamTag+poly1305.TagSize {
		return nil, ErrDamaged
	}
	sub, err := chacha20.HChaCha20(key, header[:16])
	if err != nil {
		return nil, ErrDamaged.Because(err)
	}
	c, err := chacha20.NewUnauthenticatedCipher(sub, append([]byte{1, 0, 0, 0}, header[16:]...))
	if err != nil {
		return nil, ErrDamaged.Because(err)
	}
	var check, tag [64]byte
	c.XORKeyStream(check[:], check[:])
	tag[0] = sealed[0]
	c.XORKeyStream(tag[:], tag[:])
	last := tag[0] == streamLast
	tag[0] = sealed[0] // the checksum is over what is sealed

	text, sum := sealed[streamTag:len(sealed)-poly1305.TagSize], sealed[len(sealed)-poly1305.TagSize:]
	if subtle.ConstantTimeCompare(streamSum([32]byte(check[:32]), tag, text), sum) != 1 {
		return nil, ErrPasswordWrong
	}
	if !last {
		return nil, ErrDamaged // more should follow
	}
	plain := make([]byte, len(text))
	c.XORKeyStream(plain, text)
	return plain, nil
}

// streamSum is the checksum over the tag's block and the text. The padding is
// as libsodium has it, which differs from RFC 8439 and stays so for what was
// written with it.
func streamSum(key [32]byte, tag [64]byte, text []byte) []byte {
	mac := poly1305.New(&key)
	var padding, lengths [16]byte
	binary.LittleEndian.PutUint64(lengths[8:], uint64(len(tag)+len(text)))
	for _, part := range [][]byte{tag[:], text, padding[:len(text)%16], lengths[:]} {
		_, _ = mac.Write(part)
	}
	return mac.Sum(nil)
}
