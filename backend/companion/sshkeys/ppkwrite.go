package sshkeys

import (
	"bytes"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"math/big"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/ssh"
)

// readPPKPrivate puts a key together of both halves. Padding may follow the
// private one. Returns ErrNotAKey and ErrUnsupported.
func readPPKPrivate(public ssh.PublicKey, private []byte) (crypto.Signer, error) {
	holder, ok := public.(ssh.CryptoPublicKey)
	if !ok {
		return nil, ErrUnsupported
	}
	from := cryptobyte.String(private)
	var key crypto.Signer
	switch half := holder.CryptoPublicKey().(type) {
	case ed25519.PublicKey:
		key = readPPKEd25519(&from)
	case *ecdsa.PublicKey:
		key = readPPKECDSA(&from, half.Curve)
	case *rsa.PublicKey:
		key = readPPKRSA(&from, half)
	default:
		return nil, ErrUnsupported
	}
	if key == nil {
		return nil, ErrNotAKey
	}
	same, err := ssh.NewPublicKey(key.Public())
	if err != nil || !bytes.Equal(same.Marshal(), public.Marshal()) {
		return nil, ErrNotAKey.Because(err)
	}
	return key, nil
}

// readPPKEd25519 reads a seed, whose zeros at the end may be left out.
func readPPKEd25519(from *cryptobyte.String) crypto.Signer {
	var seed cryptobyte.String
	if !readString(from, &seed) || len(seed) > ed25519.SeedSize {
		return nil
	}
	whole := make([]byte, ed25519.SeedSize)
	copy(whole, seed)
	return ed25519.NewKeyFromSeed(whole)
}

func readPPKECDSA(from *cryptobyte.String, curve elliptic.Curve) crypto.Signer {
	d, ok := readNumber(from)
	size := (curve.Params().BitSize + 7) / 8
	if !ok || d.BitLen() > 8*size {
		return nil
	}
	key, err := ecdsa.ParseRawPrivateKey(curve, d.FillBytes(make([]byte, size)))
	if err != nil {
		return nil
	}
	return key
}

func readPPKRSA(from *cryptobyte.String, half *rsa.PublicKey) crypto.Signer {
	d, ok1 := readNumber(from)
	p, ok2 := readNumber(from)
	q, ok3 := readNumber(from)
	if !ok1 || !ok2 || !ok3 {
		return nil
	}
	key := &rsa.PrivateKey{PublicKey: *half, D: d, Primes: []*big.Int{p, q}}
	key.Precompute()
	if key.Validate() != nil {
		return nil
	}
	return key
}

// readNumber reads a number that is not negative (RFC 4251, section 5).
func readNumber(from *cryptobyte.String) (*big.Int, bool) {
	var b cryptobyte.String
	if !readString(from, &b) || len(b) == 0 || b[0] >= 0x80 {
		return nil, false
	}
	return new(big.Int).SetBytes(b), true
}

// writePPKPrivate is readPPKPrivate the other way.
func writePPKPrivate(key crypto.Signer) ([]byte, error) {
	switch k := key.(type) {
	case ed25519.PrivateKey:
		return ssh.Marshal(struct{ Seed []byte }{k.Seed()}), nil
	case *ecdsa.PrivateKey:
		d, err := k.Bytes()
		if err != nil {
			return nil, fmt.Errorf("encode private key: %w", err)
		}
		return ssh.Marshal(struct{ D *big.Int }{new(big.Int).SetBytes(d)}), nil
	case *rsa.PrivateKey:
		if len(k.Primes) != 2 {
			return nil, ErrUnsupported
		}
		p, q := k.Primes[0], k.Primes[1]
		return ssh.Marshal(struct{ D, P, Q, Iqmp *big.Int }{k.D, p, q, new(big.Int).ModInverse(q, p)}), nil
	}
	return nil, ErrUnsupported
}

// encodePPK writes version 3, which PuTTY has read since 0.75 (2021).
func (w *Workshop) encodePPK(k plain, passphrase []byte) ([]byte, error) {
	half, err := ssh.NewPublicKey(k.key.Public())
	if err != nil {
		return nil, fmt.Errorf("encode public key: %w", err)
	}
	private, err := writePPKPrivate(k.key)
	if err != nil {
		return nil, err
	}
	defer clear(private)
	p := ppk{version: 3, algorithm: half.Type(), encryption: ppkNone, comment: k.comment, public: half.Marshal()}
	if len(passphrase) > 0 {
		p.encryption = ppkAES
		p.argon = argon{flavour: "Argon2id", memory: ppkMemory, passes: ppkPasses, parallel: 1, salt: w.env.Bytes(ppkSalt)}
		padding := (aes.BlockSize - len(private)%aes.BlockSize) % aes.BlockSize
		private = append(private, w.env.Bytes(padding)...)
	}
	keys, err := p.keys(passphrase)
	if err != nil {
		return nil, err
	}
	p.mac = p.sum(keys.mac, private)
	p.private = private
	if p.encrypted() {
		block, err := aes.NewCipher(keys.cipher)
		if err != nil {
			return nil, fmt.Errorf("encrypt private key: %w", err)
		}
		p.private = make([]byte, len(private))
		cipher.NewCBCEncrypter(block, keys.iv).CryptBlocks(p.private, private)
	}
	return p.text(), nil
}

// text writes the file.
func (p ppk) text() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s%d: %s\nEncryption: %s\nComment: %s\n", ppkMagic, p.version, p.algorithm, p.encryption, p.comment)
	writeLines(&b, "Public-Lines", p.public)
	if p.encrypted() {
		a := p.argon
		fmt.Fprintf(&b, "Key-Derivation: %s\nArgon2-Memory: %d\nArgon2-Passes: %d\nArgon2-Parallelism: %d\nArgon2-Salt: %x\n",
			a.flavour, a.memory, a.passes, a.parallel, a.salt)
	}
	writeLines(&b, "Private-Lines", p.private)
	fmt.Fprintf(&b, "Private-MAC: %x\n", p.mac)
	return b.Bytes()
}

func writeLines(b *bytes.Buffer, name string, content []byte) {
	const width = 64
	text := wrap(base64.StdEncoding.EncodeToString(content), width)
	fmt.Fprintf(b, "%s: %d\n%s", name, strings.Count(text, "\n"), text)
}

// wrap breaks base64 into lines, each with a line end.
func wrap(text string, width int) string {
	var b strings.Builder
	for len(text) > 0 {
		n := min(width, len(text))
		b.WriteString(text[:n] + "\n")
		text = text[n:]
	}
	return b.String()
}
