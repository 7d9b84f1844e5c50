package sshkeys

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/crypto/ssh"

	"latchkey/backend/identity"
	"latchkey/backend/internal/disk"
	"latchkey/backend/internal/secret"
)

const (
	maxKeyFile = 64 << 10 // bytes; an RSA key of 16,384 bits takes 13 KiB
	maxRounds  = 2000     // of bcrypt: some ten seconds; ssh-keygen's own are 16 or 24
)

// A sheath is what a private key file tells without its passphrase.
type sheath struct {
	format    Format
	encrypted bool
	costly    bool          // opening it would take minutes
	key       ssh.PublicKey // nil if the format hides it
	comment   string        // where it is not encrypted
	ppk       ppk           // PuTTY's format
	der       []byte        // PKCS#8
}

// parseSheath looks at a private key file. Returns ErrNotAKey or ErrFormat; the
// latter tells whether it is encrypted nevertheless.
func parseSheath(content []byte) (sheath, error) {
	content = bytes.TrimSpace(content)
	format, block := formatOf(content)
	switch {
	case format == PPK:
		return sheathOfPPK(content)
	case format == OpenSSH:
		return parseOpenSSH(block.Bytes)
	case format == "" && block == nil:
		return sheath{}, ErrNotAKey
	case format == "":
		return sheath{encrypted: strings.Contains(block.Type, "ENCRYPTED")}, ErrFormat
	case block.Type == "ENCRYPTED PRIVATE KEY":
		err := checkPKCS8(block.Bytes)
		if errors.Is(err, ErrNotAKey) {
			return sheath{}, err
		}
		s := sheath{format: format, encrypted: true, costly: errors.Is(err, ErrCostly), der: block.Bytes}
		if s.costly {
			err = nil
		}
		return s, err
	case strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED"):
		return sheath{format: format, encrypted: true}, nil
	}
	return sheathInPlain(format, block, content)
}

func sheathOfPPK(content []byte) (sheath, error) {
	p, err := parsePPK(content)
	if err != nil {
		return sheath{encrypted: !bytes.Contains(content, []byte("\nEncryption: none"))}, err
	}
	key, err := ssh.ParsePublicKey(p.public)
	if err != nil || key.Type() != p.algorithm {
		return sheath{}, ErrNotAKey.Because(err)
	}
	return sheath{format: PPK, encrypted: p.encrypted(), costly: p.costly(), key: key, comment: visible(p.comment), ppk: p}, nil
}

func sheathInPlain(format Format, block *pem.Block, content []byte) (sheath, error) {
	signer, err := ssh.ParsePrivateKey(content)
	switch {
	case err != nil && block.Type == "PRIVATE KEY": // PKCS#8 of something else
		return sheath{}, ErrFormat.Because(err)
	case err != nil:
		return sheath{}, ErrNotAKey.Because(err)
	}
	return sheath{format: format, key: signer.PublicKey(), der: block.Bytes}, nil
}

// usable reports whether a key may be one that signs here.
func usable(key ssh.PublicKey) bool {
	algorithm, _ := measure(key)
	return algorithm == "ED25519" || algorithm == "ECDSA" || algorithm == "RSA"
}

// A Private is the private half of a key, ready to sign. It prints as a mask.
type Private struct {
	plain
	format Format
	signer ssh.Signer
}

// Format writes a mask for every verb.
func (*Private) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[private key]") }

// Signer returns what signs with the key.
func (p *Private) Signer() ssh.Signer { return p.signer }

// Open reads a private key file, with its passphrase if it has one. Errors:
// ErrNoPrivate, ErrNotAKey, ErrFormat, ErrPassphraseNeeded, ErrPassphraseWrong,
// ErrAltered, ErrUnsupported, ErrCostly and those of the disk.
func Open(path string, passphrase secret.Text) (*Private, error) {
	content, err := readKeyFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoPrivate.Because(err)
	}
	if err != nil {
		return nil, disk.Explain(err)
	}
	defer clear(content)
	return open(content, passphrase)
}

func open(content []byte, passphrase secret.Text) (*Private, error) {
	s, err := parseSheath(content)
	switch {
	case err != nil:
		return nil, err
	case s.key != nil && !usable(s.key):
		return nil, ErrUnsupported
	case s.costly:
		return nil, ErrCostly
	case s.encrypted && passphrase.IsZero():
		return nil, ErrPassphraseNeeded
	}
	typed := []byte(passphrase.Reveal())
	defer clear(typed)
	p, err := s.draw(content, typed)
	if err != nil {
		return nil, err
	}
	signer, err := ssh.NewSignerFromSigner(p.key)
	if err != nil || !usable(signer.PublicKey()) {
		return nil, ErrUnsupported.Because(err)
	}
	return &Private{p, s.format, signer}, nil
}

// draw takes the key out of a file that parseSheath has let through.
func (s sheath) draw(content, passphrase []byte) (plain, error) {
	var raw any
	var err error
	switch {
	case s.format == PPK:
		return s.ppk.open(passphrase)
	case s.format == PKCS8 && s.encrypted:
		raw, err = openPKCS8(s.der, passphrase)
	case s.encrypted:
		raw, err = ssh.ParseRawPrivateKeyWithPassphrase(content, passphrase)
	default:
		raw, err = ssh.ParseRawPrivateKey(content)
	}
	if errors.Is(err, x509.IncorrectPasswordError) {
		return plain{}, ErrPassphraseWrong
	}
	if known, ok := errors.AsType[*identity.Error](err); ok {
		return plain{}, known
	}
	if err != nil {
		return plain{}, ErrNotAKey.Because(err)
	}
	if k, ok := raw.(*ed25519.PrivateKey); ok { // in OpenSSH's format
		raw = *k
	}
	key, ok := raw.(crypto.Signer)
	if !ok {
		return plain{}, ErrUnsupported
	}
	return plain{key, s.comment}, nil
}

// readKeyFile reads a small regular file.
func readKeyFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxKeyFile {
		return nil, ErrNotAKey
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxKeyFile))
}

// Fingerprint is what people know the key by.
func (p *Private) Fingerprint() identity.Fingerprint {
	return identity.Fingerprint(ssh.FingerprintSHA256(p.signer.PublicKey()))
}

// Crypto returns the key itself, for the one program that keys are handed to:
// the person's SSH agent.
func (p *Private) Crypto() crypto.Signer { return p.key }

// Comment returns what stands behind the key, as far as the file tells.
func (p *Private) Comment() string { return p.comment }
