package tlscert

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/backend/internal/env"
)

var machine = Names{Hosts: []string{"nas", "nas.local"}, Addrs: []netip.Addr{netip.MustParseAddr("192.0.2.5"), netip.MustParseAddr("2001:db8::5")}}

func own(t *testing.T, dir string) Certificate {
	t.Helper()
	c, err := Own(dir, machine, env.System())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func leaf(t *testing.T, c Certificate) *x509.Certificate {
	t.Helper()
	cert, err := x509.ParseCertificate(c.pair.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func TestOwnCertificate(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	e := env.System()
	e.Now = func() time.Time { return now }
	c, err := Own(t.TempDir(), machine, e)
	if err != nil {
		t.Fatal(err)
	}
	cert := leaf(t, c)
	if diff := cmp.Diff([]string{"localhost", "nas", "nas.local"}, cert.DNSNames); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	for _, name := range []string{"localhost", "nas", "nas.local", "127.0.0.1", "::1", "192.0.2.5", "2001:db8::5"} {
		if err := cert.VerifyHostname(name); err != nil {
			t.Error(err)
		}
	}
	if err := cert.VerifyHostname("evil.example"); err == nil {
		t.Error("fits a foreign name")
	}
	if !cert.NotBefore.Before(now) || cert.NotAfter.Before(now.AddDate(15, 0, 0)) || cert.IsCA || cert.SerialNumber.BitLen() < 64 {
		t.Errorf("from %v to %v, CA %v, serial %v", cert.NotBefore, cert.NotAfter, cert.IsCA, cert.SerialNumber)
	}
	if key, ok := cert.PublicKey.(*ecdsa.PublicKey); !ok || key.Curve != elliptic.P256() {
		t.Errorf("key %T", cert.PublicKey)
	}
}

func TestOwnCertificateStays(t *testing.T) {
	dir := t.TempDir()
	first := own(t, dir)
	if again := own(t, dir); again.Fingerprint() != first.Fingerprint() {
		t.Errorf("%s became %s", first.Fingerprint(), again.Fingerprint())
	}
	if other := own(t, t.TempDir()); other.Fingerprint() == first.Fingerprint() {
		t.Error("two servers with one certificate")
	}
	if !regexp.MustCompile(`^([0-9A-F]{2}:){31}[0-9A-F]{2}$`).MatchString(first.Fingerprint()) {
		t.Errorf("fingerprint %s", first.Fingerprint())
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, f.Name())
		if info, err := f.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", f.Name(), info.Mode(), err)
		}
	}
	if !slices.Equal(names, []string{"tls.crt", "tls.key"}) {
		t.Errorf("files %v", names)
	}
}

func TestLooseKeyIsTightened(t *testing.T) {
	dir := t.TempDir()
	own(t, dir)
	key := filepath.Join(dir, "tls.key")
	if err := os.Chmod(key, 0o644); err != nil {
		t.Fatal(err)
	}
	own(t, dir)
	if info, err := os.Stat(key); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestInterruptedFirstStartIsFinished(t *testing.T) {
	dir := t.TempDir()
	own(t, dir)
	before, err := os.ReadFile(filepath.Join(dir, "tls.key"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "tls.crt")); err != nil {
		t.Fatal(err)
	}
	own(t, dir)
	if after, err := os.ReadFile(filepath.Join(dir, "tls.key")); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the key changed, %v", err)
	}
}

func TestDamageIsNeverReplaced(t *testing.T) {
	for _, tc := range []struct {
		name, file, content string // empty content: removed
		also                string // a second file that is removed
	}{
		{"key lost", "tls.key", "", ""},
		{"key empty", "tls.key", " ", ""},
		{"certificate empty", "tls.crt", " ", ""},
		{"certificate cut", "tls.crt", "-----BEGIN CERTIFICATE-----\nMIIB", ""},
		{"key empty and no certificate", "tls.key", " ", "tls.crt"},
		{"key of another sort and no certificate", "tls.key", "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n", "tls.crt"},
		{"key that is no key and no certificate", "tls.key", "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n", "tls.crt"},
	} {
		dir := t.TempDir()
		own(t, dir)
		file := filepath.Join(dir, tc.file)
		if tc.also != "" {
			if err := os.Remove(filepath.Join(dir, tc.also)); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(file, []byte(tc.content), 0o600); err != nil {
			t.Fatal(err)
		}
		if tc.content == "" {
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := Own(dir, machine, env.System()); err == nil {
			t.Errorf("%s: no error", tc.name)
		}
		if got, _ := os.ReadFile(file); string(got) != tc.content {
			t.Errorf("%s: replaced by %q", tc.name, got)
		}
	}
}

func TestOwnNeedsItsFolder(t *testing.T) {
	if _, err := Own(filepath.Join(t.TempDir(), "none"), machine, env.System()); err == nil || !strings.HasPrefix(err.Error(), "own certificate: ") {
		t.Errorf("%v", err)
	}
}

func TestBroughtCertificate(t *testing.T) {
	dir := t.TempDir()
	f := Files{Cert: filepath.Join(dir, "tls.crt"), Key: filepath.Join(dir, "tls.key")}
	want := own(t, dir)
	if got, err := Load(f); err != nil || got.Fingerprint() != want.Fingerprint() {
		t.Errorf("%v, %v", got, err)
	}
	other := t.TempDir()
	own(t, other)
	if _, err := Load(Files{Cert: f.Cert, Key: filepath.Join(other, "tls.key")}); err == nil {
		t.Error("a key of another certificate was accepted")
	}
	if _, err := Load(Files{Cert: filepath.Join(dir, "none"), Key: f.Key}); err == nil {
		t.Error("no certificate was accepted")
	}
}

func TestHandshake(t *testing.T) {
	c := own(t, t.TempDir())
	ln, err := tls.Listen("tcp", "127.0.0.1:0", c.Config())
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			_ = conn.(*tls.Conn).Handshake()
			_ = conn.Close()
		}
	}()
	roots := x509.NewCertPool()
	roots.AddCert(leaf(t, c))
	for _, tc := range []struct {
		name   string
		config *tls.Config
		want   bool
	}{
		{"pinned", &tls.Config{RootCAs: roots, ServerName: "nas.local"}, true},
		{"by address", &tls.Config{RootCAs: roots, ServerName: "127.0.0.1"}, true},
		{"TLS 1.2", &tls.Config{RootCAs: roots, ServerName: "nas", MaxVersion: tls.VersionTLS12}, true},
		{"TLS 1.1", &tls.Config{RootCAs: roots, ServerName: "nas", MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, false},
		{"unknown", &tls.Config{ServerName: "nas"}, false},
		{"another name", &tls.Config{RootCAs: roots, ServerName: "evil.example"}, false},
	} {
		conn, err := tls.DialWithDialer(&net.Dialer{Timeout: 20 * time.Second}, "tcp", ln.Addr().String(), tc.config)
		if (err == nil) != tc.want {
			t.Errorf("%s: %v", tc.name, err)
		}
		if err == nil {
			_ = conn.Close()
		}
	}
}

func TestHostNames(t *testing.T) {
	for host, want := range map[string][]string{
		"NAS": {"nas", "nas.local"}, "nas.local": {"nas", "nas.local"}, "nas.home.example.": {"nas", "nas.home.example", "nas.local"},
		"": nil, "localhost": nil, "localhost.localdomain": nil, ".": nil, ".x": nil, "näs": nil, "my nas": nil,
	} {
		if diff := cmp.Diff(want, hostNames(host)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", host, diff)
		}
	}
}

func TestMachineHasUsableNames(t *testing.T) {
	m := Machine()
	for _, a := range m.Addrs {
		if a.IsLoopback() || a.IsUnspecified() || a.IsLinkLocalUnicast() {
			t.Errorf("address %v", a)
		}
	}
	if _, err := Own(t.TempDir(), m, env.System()); err != nil {
		t.Errorf("a certificate for this machine: %v", err)
	}
}

func TestPEMHoldsOneBlockEach(t *testing.T) {
	dir := t.TempDir()
	own(t, dir)
	for file, want := range map[string]string{"tls.key": keyBlock, "tls.crt": certBlock} {
		text, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		block, rest := pem.Decode(text)
		if block == nil || block.Type != want || len(rest) != 0 {
			t.Errorf("%s: %.40q", file, text)
		}
	}
}
