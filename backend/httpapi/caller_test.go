package httpapi

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
)

func prefixes(list ...string) proxies {
	var p proxies
	for _, text := range list {
		p = append(p, netip.MustParsePrefix(text))
	}
	return p
}

func TestClientBehindProxies(t *testing.T) {
	trusted := prefixes("10.0.0.0/8", "fd00::/8")
	for _, tc := range []struct {
		name, remote string
		forwarded    []string
		want         string
	}{
		{"direct", "192.0.2.1:1000", nil, "192.0.2.1"},
		{"direct, by IPv6", "[2001:db8::1]:1000", nil, "2001:db8::1"},
		{"direct, IPv4 as IPv6", "[::ffff:192.0.2.1]:1000", nil, "192.0.2.1"},
		{"direct, with a zone", "[fe80::1%eth0]:1000", nil, "fe80::1"},
		{"stranger who claims", "192.0.2.1:1000", []string{"1.1.1.1"}, "192.0.2.1"},
		{"one proxy", "10.0.0.1:1000", []string{"192.0.2.7"}, "192.0.2.7"},
		{"one proxy, by IPv6", "[fd00::1]:1000", []string{"2001:db8::7"}, "2001:db8::7"},
		{"proxy seen as IPv6", "[::ffff:10.0.0.1]:1000", []string{"192.0.2.7"}, "192.0.2.7"},
		{"client seen as IPv6", "10.0.0.1:1000", []string{"::ffff:192.0.2.7"}, "192.0.2.7"},
		{"client claims another", "10.0.0.1:1000", []string{"1.1.1.1, 192.0.2.7"}, "192.0.2.7"},
		{"client claims a proxy", "10.0.0.1:1000", []string{"10.0.0.9, 192.0.2.7"}, "192.0.2.7"},
		{"client claims in a line of its own", "10.0.0.1:1000", []string{"1.1.1.1", "192.0.2.7"}, "192.0.2.7"},
		{"two proxies", "10.0.0.1:1000", []string{"1.1.1.1,192.0.2.7,10.0.0.2"}, "192.0.2.7"},
		{"two proxies in lines", "10.0.0.1:1000", []string{"192.0.2.7", "10.0.0.2"}, "192.0.2.7"},
		{"only proxies", "10.0.0.1:1000", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		{"with a port", "10.0.0.1:1000", []string{"192.0.2.7:4711"}, "192.0.2.7"},
		{"with a port, by IPv6", "10.0.0.1:1000", []string{"[2001:db8::7]:4711"}, "2001:db8::7"},
		{"proxy that says nothing", "10.0.0.1:1000", nil, "10.0.0.1"},
		{"empty", "10.0.0.1:1000", []string{""}, "10.0.0.1"},
		{"garbage", "10.0.0.1:1000", []string{"unknown"}, "10.0.0.1"},
		{"garbage before a proxy", "10.0.0.1:1000", []string{"1.1.1.1, _hidden, 10.0.0.2"}, "10.0.0.2"},
		{"no connection", "", []string{"1.1.1.1"}, "invalid IP"},
		{"pipe", "@", []string{"1.1.1.1"}, "invalid IP"},
	} {
		r := &http.Request{RemoteAddr: tc.remote, Header: http.Header{"X-Forwarded-For": tc.forwarded}}
		trusted.resolve(r)
		if got := ClientAddr(r).String(); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}

func TestOtherForwardingHeadersMeanNothing(t *testing.T) {
	s := start(t, options{guard: GuardConfig{Proxies: loopbackProxy()}})
	got := s.get(t, "/address", "X-Real-IP: 1.1.1.1", "Forwarded: for=1.1.1.1", "CF-Connecting-IP: 1.1.1.1", "True-Client-IP: 1.1.1.1", "X-Forwarded-Host: evil.example")
	if got.env.Data != "127.0.0.1" {
		t.Errorf("address %v", got.env.Data)
	}
	if got := s.get(t, "/address", "X-Forwarded-For: 192.0.2.7"); got.env.Data != "192.0.2.7" {
		t.Errorf("address %v", got.env.Data)
	}
	if got := start(t, options{}).get(t, "/address", "X-Forwarded-For: 192.0.2.7"); got.env.Data != "127.0.0.1" {
		t.Errorf("without a trusted proxy: address %v", got.env.Data)
	}
}

func FuzzForwardedFor(f *testing.F) {
	for _, seed := range []string{"", "1.1.1.1, 10.0.0.1", "[::1]:80", "::ffff:1.2.3.4", ",,,", "fe80::1%eth0", strings.Repeat("10.0.0.1,", 100)} {
		f.Add(seed)
	}
	trusted := prefixes("10.0.0.0/8")
	peer := netip.MustParseAddr("10.0.0.1")
	f.Fuzz(func(t *testing.T, header string) {
		got := trusted.client(peer, []string{header})
		if !got.IsValid() || got.Is4In6() || got.Zone() != "" {
			t.Errorf("%q: %v", header, got)
		}
		if got != peer && !trusted.trust(got) {
			if again := trusted.client(peer, []string{"203.0.113.99, " + header}); again != got {
				t.Errorf("%q: a claim in front changes %v to %v", header, got, again)
			}
		}
	})
}

func FuzzHost(f *testing.F) {
	for _, seed := range []string{"localhost:5244", "[::1]:5244", "127.1", "[", "]:1", "a:b:c", ":", "[::1]:", "LOCALHOST:05244", "0[", "[]:]"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, host string) {
		name, port, ok := splitHost(host, false)
		if ok && (name == "" || port == 0 || strings.ContainsAny(name, "[]")) {
			t.Errorf("%q became %q and %d", host, name, port)
		}
	})
}
