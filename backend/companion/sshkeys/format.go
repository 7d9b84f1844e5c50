package sshkeys

import (
	"bytes"
	"crypto"
	"encoding/pem"
	"fmt"
	"strings"

	"github.com/youmark/pkcs8"
	"golang.org/x/crypto/ssh"

	"latchkey/backend/internal/secret"
)

// A Format is a form of key files.
type Format string

// The formats that are written. RFC4716 is one of public halves.
const (
	OpenSSH Format = "openssh"
	PKCS8   Format = "pkcs8"
	PPK     Format = "ppk" // of PuTTY, version 3
	RFC4716 Format = "rfc4716"
)

// oldPEM is what is read only: PKCS#1 for RSA, SEC 1 for ECDSA. Encrypted, its
// passphrase is stretched by a single MD5.
const oldPEM Format = "pem"

// Formats lists every format that is written.
func Formats() []Format { return []Format{OpenSSH, PKCS8, PPK, RFC4716} }

// ParseFormat reads a format as it is typed. Returns ErrFormatUnknown.
func ParseFormat(s string) (Format, error) {
	for _, f := range Formats() {
		if s == string(f) {
			return f, nil
		}
	}
	return "", ErrFormatUnknown
}

// ending is what stands behind the name of a file in that format, so that both
// halves of a pair and copies of them go side by side.
func (f Format) ending() string {
	switch f {
	case PKCS8:
		return ".pem"
	case PPK:
		return ".ppk"
	case RFC4716:
		return "-rfc4716.pub"
	case OpenSSH, oldPEM:
	}
	return ""
}

// A plain is a private key out of its file, with its comment.
type plain struct {
	key     crypto.Signer
	comment string
}

// encode writes a private key as a file of that format.
func (w *Workshop) encode(f Format, p plain, passphrase secret.Text) ([]byte, error) {
	typed := []byte(passphrase.Reveal())
	defer clear(typed)
	switch f {
	case OpenSSH, oldPEM:
		return encodeOpenSSH(p, typed)
	case PKCS8:
		return encodePKCS8(p.key, typed)
	case PPK:
		return w.encodePPK(p, typed)
	case RFC4716:
	}
	return nil, ErrFormatPublic
}

func encodeOpenSSH(p plain, passphrase []byte) (file []byte, err error) {
	var block *pem.Block
	if len(passphrase) == 0 {
		block, err = ssh.MarshalPrivateKey(p.key, p.comment)
	} else {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(p.key, p.comment, passphrase)
	}
	if err != nil {
		return nil, fmt.Errorf("encode private key: %w", err)
	}
	defer clear(block.Bytes)
	return pem.EncodeToMemory(block), nil
}

// encodePKCS8 has no place for the comment.
func encodePKCS8(key crypto.Signer, passphrase []byte) ([]byte, error) {
	kind := "PRIVATE KEY"
	if len(passphrase) > 0 {
		kind = "ENCRYPTED PRIVATE KEY"
	}
	der, err := pkcs8.MarshalPrivateKey(key, passphrase, &pkcs8.Opts{
		Cipher:  pkcs8.AES256CBC,
		KDFOpts: pkcs8.PBKDF2Opts{SaltSize: 16, IterationCount: pbkdf2Rounds, HMACHash: crypto.SHA256},
	})
	if err != nil {
		return nil, fmt.Errorf("encode private key: %w", err)
	}
	defer clear(der)
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), nil
}

// formatOf tells the format of a private key file by how it begins; "" if it
// is none that is known.
func formatOf(content []byte) (Format, *pem.Block) {
	if bytes.HasPrefix(content, []byte(ppkMagic)) {
		return PPK, nil
	}
	block, _ := pem.Decode(content)
	if block == nil {
		return "", nil
	}
	switch block.Type {
	case "OPENSSH PRIVATE KEY":
		return OpenSSH, block
	case "PRIVATE KEY", "ENCRYPTED PRIVATE KEY":
		return PKCS8, block
	case "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY":
		return oldPEM, block
	}
	if strings.HasSuffix(block.Type, "PRIVATE KEY") {
		return "", block
	}
	return "", nil
}
