// Package tlscert holds the certificate that the server shows over TLS: one
// that the person brings, or one of the server's own, made at first use. The
// composition root calls it when the server listens beyond the loopback.
//
// The own certificate is signed by its own key and valid for twenty years.
// Nobody vouches for it, so clients pin it at first sight by its fingerprint,
// and a renewal would only look like an attack to them. That is also why it
// stays the same when the machine's names and addresses change: who pins it
// does not compare names.
package tlscert

import (
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"strings"
)

// A Certificate is a certificate chain with its private key.
type Certificate struct{ pair tls.Certificate }

// Files names a certificate chain and its private key, both in PEM.
type Files struct{ Cert, Key string }

// Load reads a certificate that the person brings.
func Load(f Files) (Certificate, error) {
	pair, err := tls.LoadX509KeyPair(f.Cert, f.Key)
	if err != nil {
		return Certificate{}, fmt.Errorf("load certificate %s with key %s: %w", f.Cert, f.Key, err)
	}
	return Certificate{pair}, nil
}

// Fingerprint returns the SHA-256 hash of the certificate as 32 upper-case
// hexadecimal bytes joined by colons, which is how openssl and browsers show it.
func (c Certificate) Fingerprint() string {
	sum := sha256.Sum256(c.pair.Certificate[0])
	return strings.ReplaceAll(fmt.Sprintf("% X", sum), " ", ":")
}

// Hosts returns the names that the certificate is for, in lower case and
// without those that stand for many.
func (c Certificate) Hosts() []string {
	var out []string
	for _, name := range c.pair.Leaf.DNSNames {
		if !strings.HasPrefix(name, "*.") {
			out = append(out, strings.ToLower(name))
		}
	}
	return out
}

// Config returns the settings of a TLS listener that shows the certificate.
func (c Certificate) Config() *tls.Config {
	return &tls.Config{
		Certificates: []tls.Certificate{c.pair},
		MinVersion:   tls.VersionTLS12,
		NextProtos:   []string{"http/1.1"},
	}
}
