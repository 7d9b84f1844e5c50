package sshkeys

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/ssh"

	"latchkey/backend/internal/disk"
	"latchkey/backend/internal/secret"
)

const (
	maxKeyFile = 64 << 10 // bytes; an RSA key of 16,384 bits takes 13 KiB
	maxRounds  = 2000     // of bcrypt: some ten seconds; ssh-keygen's own are 16 or 24
)

// A sheath is what a private key file tells without its passphrase.
type sheath struct {
	encrypted bool
	rounds    uint32        // OpenSSH's format, encrypted: what opening it costs
	key       ssh.PublicKey // nil if the format hides it
}

// parseSheath looks at a private key file. Returns ErrNotAKey or ErrFormat; the
// latter tells whether it is encrypted nevertheless.
func parseSheath(content []byte) (sheath, error) {
	if rest, ok := bytes.CutPrefix(bytes.TrimSpace(content), []byte("PuTTY-User-Key-File-")); ok {
		return sheath{encrypted: !bytes.Contains(rest, []byte("\nEncryption: none"))}, ErrFormat
	}
	block, _ := pem.Decode(content)
	if block == nil || !strings.HasSuffix(block.Type, "PRIVATE KEY") {
		return sheath{}, ErrNotAKey
	}
	switch {
	case block.Type == "OPENSSH PRIVATE KEY":
		return parseOpenSSH(block.Bytes)
	case block.Type == "ENCRYPTED PRIVATE KEY":
		return sheath{encrypted: true}, ErrFormat
	case strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED"):
		return sheath{encrypted: true}, nil
	}
	signer, err := ssh.ParsePrivateKey(content)
	switch {
	case err != nil && block.Type == "PRIVATE KEY": // PKCS#8 of something else
		return sheath{}, ErrFormat.Because(err)
	case err != nil:
		return sheath{}, ErrNotAKey.Because(err)
	}
	return sheath{key: signer.PublicKey()}, nil
}

// usable reports whether a key may be one that signs here.
func usable(key ssh.PublicKey) bool {
	algorithm, _ := measure(key)
	return algorithm == "ED25519" || algorithm == "ECDSA" || algorithm == "RSA"
}

// parseOpenSSH reads what stands unencrypted in a file in OpenSSH's format, as
// described in its PROTOCOL.key.
func parseOpenSSH(content []byte) (sheath, error) {
	var cipher, kdf, options, blob cryptobyte.String
	var keys uint32
	from := cryptobyte.String(content)
	if !from.Skip(len(openSSHMagic)) || !bytes.HasPrefix(content, []byte(openSSHMagic)) ||
		!readString(&from, &cipher) || !readString(&from, &kdf) || !readString(&from, &options) ||
		!from.ReadUint32(&keys) || keys != 1 || !readString(&from, &blob) {
		return sheath{}, ErrNotAKey
	}
	s := sheath{encrypted: string(cipher) != "none"}
	var salt cryptobyte.String
	if s.encrypted && (!readString(&options, &salt) || !options.ReadUint32(&s.rounds)) {
		return sheath{}, ErrNotAKey
	}
	key, err := ssh.ParsePublicKey(blob)
	if err != nil {
		return sheath{}, ErrNotAKey.Because(err)
	}
	s.key = key
	return s, nil
}

const openSSHMagic = "openssh-key-v1\x00"

// readString reads a string as SSH writes it (RFC 4251, section 5).
func readString(from, to *cryptobyte.String) bool {
	var n uint32
	var b []byte
	if !from.ReadUint32(&n) || n > maxKeyFile || !from.ReadBytes(&b, int(n)) {
		return false
	}
	*to = b
	return true
}

// A Private is the private half of a key, ready to sign. It prints as a mask.
type Private struct{ signer ssh.Signer }

// Format writes a mask for every verb.
func (*Private) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[private key]") }

// Signer returns what signs with the key.
func (p *Private) Signer() ssh.Signer { return p.signer }

// Open reads a private key file, with its passphrase if it has one. Errors:
// ErrNoPrivate, ErrNotAKey, ErrFormat, ErrPassphraseNeeded, ErrPassphraseWrong,
// ErrUnsupported, ErrCostly and those of the disk.
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
	case s.rounds > maxRounds:
		return nil, ErrCostly
	case s.encrypted && passphrase.IsZero():
		return nil, ErrPassphraseNeeded
	}
	var signer ssh.Signer
	if s.encrypted {
		typed := []byte(passphrase.Reveal())
		defer clear(typed)
		signer, err = ssh.ParsePrivateKeyWithPassphrase(content, typed)
	} else {
		signer, err = ssh.ParsePrivateKey(content)
	}
	switch {
	case errors.Is(err, x509.IncorrectPasswordError):
		return nil, ErrPassphraseWrong
	case err != nil:
		return nil, ErrNotAKey.Because(err)
	case !usable(signer.PublicKey()):
		return nil, ErrUnsupported
	}
	return &Private{signer}, nil
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
