package servers_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/servers"
	"latchkey/backend/server"
)

// A slowRead does something once the list has been read, and before anybody
// knows what stands in it.
type slowRead struct {
	servers.Store

	meanwhile func()
}

func (s *slowRead) Load(ctx context.Context) ([]byte, error) {
	got, err := s.Store.Load(ctx)
	if do := s.meanwhile; do != nil {
		s.meanwhile = nil
		do()
	}
	return got, err
}

// TestAcceptedWhileLooking: what was read before a certificate was accepted says
// nothing of how the server stands with it.
func TestAcceptedWhileLooking(t *testing.T) {
	d := newDesk(t)
	store := &slowRead{Store: d.conf.Store}
	d.conf.Store = store
	d.open()
	m := newMachine(t, map[string]string{"lan": "true", "http": "0.0.0.0:0"})
	s := d.add("NAS", m.Addresses().HTTP)
	store.meanwhile = func() {
		if _, err := d.Accept(t.Context(), s.ID, remote.Fingerprint(m.Addresses().Certificate)); err != nil {
			t.Error(err)
		}
	}
	d.stands(s.ID, servers.SignedOut, "")
}

func TestCertificates(t *testing.T) {
	d := newDesk(t)
	ctx := t.Context()
	m := newMachine(t, map[string]string{"lan": "true", "http": "0.0.0.0:0"})
	s := d.add("NAS", m.Addresses().HTTP)
	d.stands(s.ID, servers.Untrusted, "certificate_untrusted")
	_, err := d.SignIn(ctx, s.ID, admin())
	wants(t, err, "certificate_untrusted")

	shown, err := d.Inspect(ctx, s.ID)
	if err != nil || string(shown.Fingerprint) != m.Addresses().Certificate {
		t.Fatalf("Inspect = %+v, %v", shown, err)
	}
	other := remote.Fingerprint(strings.Repeat("00:", 31) + "00")
	_, err = d.Accept(ctx, s.ID, "nonsense")
	wants(t, err, "fingerprint_invalid")
	_, err = d.Replace(ctx, s.ID, servers.Replacement{Shown: shown.Fingerprint})
	wants(t, err, "certificate_not_accepted")
	_, err = d.Replace(ctx, s.ID, servers.Replacement{Accepted: other, Shown: shown.Fingerprint})
	wants(t, err, "certificate_not_accepted")
	for range 2 {
		if s, err = d.Accept(ctx, s.ID, shown.Fingerprint); err != nil || s.Pin != shown.Fingerprint {
			t.Fatalf("%+v, %v", s, err)
		}
	}
	_, err = d.Accept(ctx, s.ID, other)
	wants(t, err, "certificate_accepted")
	d.signIn(s.ID)

	// Another machine takes the address.
	_, port, _ := net.SplitHostPort(m.cfg.HTTP)
	m.stop()
	changed := newMachine(t, map[string]string{"lan": "true", "http": "0.0.0.0:" + port, "data": filepath.Join(t.TempDir(), "other")})
	status := d.stands(s.ID, servers.Changed, "certificate_changed")
	e, ok := errors.AsType[*remote.CertificateError](status.Err)
	if !ok || e.Accepted != shown.Fingerprint || string(e.Shown.Fingerprint) != changed.Addresses().Certificate {
		t.Errorf("the cause is %v", status.Err.Err)
	}
	if d.vault.size() != 1 {
		t.Error("the token was forgotten")
	}
	d.open()
	if before, err := d.Status(ctx, s.ID); err != nil || before.State != servers.Changed {
		t.Errorf("after a new start: %+v, %v", before, err)
	}
	_, err = d.SignIn(ctx, s.ID, admin())
	wants(t, err, "certificate_changed")
	_, err = d.Accept(ctx, s.ID, e.Shown.Fingerprint)
	wants(t, err, "certificate_accepted")
	if _, err = d.Replace(ctx, s.ID, servers.Replacement{Accepted: e.Accepted, Shown: e.Shown.Fingerprint}); err != nil {
		t.Fatal(err)
	}
	d.stands(s.ID, servers.SignedOut, "token_refused") // by the other machine
	d.signIn(s.ID)
}

// A server that renews its certificate is the same server: once the new one is
// accepted, everything goes on where it was.
func TestRenewedCertificate(t *testing.T) {
	d, m := newDesk(t), newMachine(t, map[string]string{"lan": "true", "http": "0.0.0.0:0"})
	s := d.add("NAS", m.Addresses().HTTP)
	old := remote.Fingerprint(m.Addresses().Certificate)
	if _, err := d.Accept(t.Context(), s.ID, old); err != nil {
		t.Fatal(err)
	}
	d.signIn(s.ID)
	m.stop()
	if err := os.Remove(filepath.Join(server.SecretsFolder(m.cfg.Data), "tls.crt")); err != nil {
		t.Fatal(err)
	}
	m.cfg.HTTP = strings.Replace(m.cfg.HTTP, "127.0.0.1", "0.0.0.0", 1) // so that it has TLS again
	m.start()
	d.stands(s.ID, servers.Changed, "certificate_changed")
	fresh := remote.Fingerprint(m.Addresses().Certificate)
	if _, err := d.Replace(t.Context(), s.ID, servers.Replacement{Accepted: old, Shown: fresh}); err != nil || fresh == old {
		t.Fatalf("Replace = %v", err)
	}
	d.stands(s.ID, servers.SignedIn, "")
}

func TestPlainHTTPHasNoCertificate(t *testing.T) {
	d := newDesk(t)
	s := d.add("NAS", "http://127.0.0.1:1")
	_, err := d.Inspect(t.Context(), s.ID)
	wants(t, err, "address_not_secure")
	_, err = d.Accept(t.Context(), s.ID, remote.Fingerprint(strings.Repeat("00:", 31)+"00"))
	wants(t, err, "address_not_secure")
}

func TestPlain(t *testing.T) {
	d := newDesk(t)
	for address, plain := range map[string]bool{
		"http://nas": true, "http://192.168.1.1": true, "https://nas": false, "http://127.0.0.1:5244": false,
		"http://localhost:5244": false, "http://[::1]": false, "http://localhost.evil.example": true,
	} {
		if s := d.add(address, address); s.Plain() != plain {
			t.Errorf("%s: plain %v", address, s.Plain())
		}
	}
}
