package tlscert

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"latchkey/backend/internal/disk"
	"latchkey/backend/internal/env"
)

const (
	validity  = 20 * 365 * 24 * time.Hour
	clockSlop = 24 * time.Hour // clients whose clock is behind still accept a new certificate
	keyBlock  = "PRIVATE KEY"
	certBlock = "CERTIFICATE"
)

// Own returns the server's own certificate: tls.crt and tls.key in dir, which
// must exist. What is missing is made, with mode 0600: both at first use, and a new certificate
// for a key that has none. A certificate without its key is an error, and so
// is a file that does not parse: clients have pinned what was there, so it is
// never replaced unasked. The machine's names are as [Machine] returns them.
func Own(dir string, m Names, e env.Env) (Certificate, error) {
	f := Files{Cert: filepath.Join(dir, "tls.crt"), Key: filepath.Join(dir, "tls.key")}
	if err := complete(f, m, e); err != nil {
		return Certificate{}, fmt.Errorf("own certificate: %w", err)
	}
	if err := os.Chmod(f.Key, 0o600); err != nil {
		return Certificate{}, fmt.Errorf("own certificate: %w", err)
	}
	return Load(f)
}

// complete makes what is missing. The key comes first, so that being
// interrupted in between leaves no certificate without a key.
func complete(f Files, m Names, e env.Env) error {
	haveKey, haveCert := exists(f.Key), exists(f.Cert)
	switch {
	case haveKey && haveCert:
		return nil
	case haveCert:
		return fmt.Errorf("%s is missing; restore it, or remove %s to have both made anew", f.Key, f.Cert)
	case !haveKey:
		if err := makeKey(f.Key, e); err != nil {
			return err
		}
	}
	return makeCert(f, m, e)
}

func makeKey(file string, e env.Env) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), e.Rand)
	if err != nil {
		return fmt.Errorf("make key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("make key: %w", err)
	}
	return writePEM(file, keyBlock, der)
}

func makeCert(f Files, m Names, e env.Env) error {
	key, err := readKey(f.Key)
	if err != nil {
		return err
	}
	template := newTemplate(m, e.Now())
	der, err := x509.CreateCertificate(e.Rand, template, template, key.Public(), key)
	if err != nil {
		return fmt.Errorf("make certificate: %w", err)
	}
	return writePEM(f.Cert, certBlock, der)
}

func newTemplate(m Names, now time.Time) *x509.Certificate {
	t := &x509.Certificate{
		Subject:               pkix.Name{CommonName: "Latchkey"},
		NotBefore:             now.Add(-clockSlop),
		NotAfter:              now.Add(validity),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		DNSNames:              slices.Concat([]string{"localhost"}, m.Hosts),
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	for _, a := range m.Addrs {
		t.IPAddresses = append(t.IPAddresses, a.AsSlice())
	}
	return t
}

func readKey(file string) (*ecdsa.PrivateKey, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil || block.Type != keyBlock {
		return nil, fmt.Errorf("%s holds no private key; restore it, or remove it to have a new one made", file)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("read key %s: %w", file, err)
	}
	ec, ok := key.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s is not a key of the kind that was made; restore it, or remove it to have a new one made", file)
	}
	return ec, nil
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return !errors.Is(err, fs.ErrNotExist)
}

// writePEM writes a file that is either there whole, on the disk, or not at all.
func writePEM(file, block string, der []byte) error {
	text := pem.EncodeToMemory(&pem.Block{Type: block, Bytes: der})
	if err := disk.Replace(file, 0o600, text); err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	return nil
}
