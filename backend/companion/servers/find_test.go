package servers_test

import (
	"net"
	"strings"
	"testing"

	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/servers"
)

func find(t *testing.T, d *desk, text string) (servers.Found, error) {
	t.Helper()
	a, err := servers.ParseAddress(text)
	if err != nil {
		t.Fatal(err)
	}
	return d.Find(t.Context(), a)
}

func TestFindPlain(t *testing.T) {
	d, m := newDesk(t), newMachine(t, nil)
	hostPort := strings.TrimPrefix(m.Addresses().HTTP, "http://")
	d.add("127.0.0.1", "http://nas")
	found, err := find(t, d, "ann@"+hostPort+"/dav/")
	if err != nil || found.Base.String() != m.Addresses().HTTP || found.Server.Kind != remote.Latchkey || !found.TriedTLS ||
		found.Username != "ann" || found.Name != "127.0.0.1 2" || found.Plain {
		t.Errorf("%+v, %v", found, err)
	}
	found, err = find(t, d, m.Addresses().HTTP+"/alist/Movies/2024")
	if err != nil || found.Base.String() != m.Addresses().HTTP+"/alist" || found.TriedTLS {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestFindSecure(t *testing.T) {
	d := newDesk(t)
	m := newMachine(t, map[string]string{"lan": "true", "http": "0.0.0.0:0", "site_title": "Mum's NAS"})
	found, err := find(t, d, strings.TrimPrefix(m.Addresses().HTTP, "https://"))
	if err != nil || found.Base.String() != m.Addresses().HTTP || found.Plain || found.TriedTLS || found.Name != "Mum's NAS" ||
		found.Certificate.Doubt != remote.SelfMade || string(found.Certificate.Fingerprint) != m.Addresses().Certificate {
		t.Fatalf("%+v, %v", found, err)
	}
	s, err := d.Add(t.Context(), servers.NewServer{Name: found.Name, Base: found.Base, Pin: found.Certificate.Fingerprint, Seen: found.Server})
	if err != nil {
		t.Fatal(err)
	}
	d.signIn(s.ID)
	_, err = find(t, d, "http"+strings.TrimPrefix(m.Addresses().HTTP, "https"))
	wants(t, err, "server_wants_https")
}

func TestFindNothing(t *testing.T) {
	d := newDesk(t)
	f := newFake(map[string]string{"GET /ping": "<html>"})
	web := strings.TrimPrefix(f.serve(t), "http://")
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free := ln.Addr().String()
	_ = ln.Close()
	loading := newFake(map[string]string{"GET /ping": "pong", "GET /api/public/settings": refusal(500, "Loading storage, please wait")})
	for text, code := range map[string]string{
		free:                      "server_unreachable",
		"no-such-name.invalid":    "server_name_unknown",
		"http://" + web:           "server_not_alist",
		"http://192.0.2.1":        "plain_http_public",
		"http://192.0.2.1:80/x/y": "plain_http_public",
		strings.TrimPrefix(loading.serve(t), "http://"): "server_starting",
	} {
		if _, err := find(t, d, text); err == nil {
			t.Errorf("%s was found", text)
		} else {
			wants(t, err, code)
		}
	}
	_, err = d.Find(t.Context(), servers.Address{})
	wants(t, err, "address_invalid")
	_, err = find(t, d, web)
	if err == nil {
		t.Error("a web page was found")
	}
}

// TestFindSendsNothingSecret: whoever is looked at learns no name and no
// device.
func TestFindSendsNothingSecret(t *testing.T) {
	d := newDesk(t)
	f := newFake(alist())
	if _, err := find(t, d, "ann:secret@"+strings.TrimPrefix(f.serve(t), "http://")); err != nil {
		t.Fatal(err)
	}
	for route := range f.asked {
		if route != "GET /ping" && route != "GET /api/public/settings" {
			t.Errorf("asked %s", route)
		}
	}
	if len(f.tokens) != 0 {
		t.Errorf("sent %v", f.tokens)
	}
}
