package httpapi

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
)

func TestHost(t *testing.T) {
	s := start(t, options{guard: GuardConfig{Hosts: []string{"nas.example", "nas.local:8443", "fd00::1", "[fd00::2]:8443"}}})
	p := ":" + s.port
	for host, want := range map[string]bool{
		"127.0.0.1" + p: true, "localhost" + p: true, "LocalHost" + p: true, "[::1]" + p: true,
		"nas.example": true, "nas.example" + p: true, "nas.example:443": true, "NAS.example": true,
		"nas.local:8443": true, "[fd00::1]": true, "[fd00::1]:99": true, "[fd00::2]:8443": true,

		"evil.example" + p: false, "evil.example": false, "127.0.0.1": false, "localhost": false, "127.0.0.1:80": false, "localhost:1": false,
		"0.0.0.0" + p: false, "[::]" + p: false, "127.0.0.1.nip.example" + p: false, "localhost.evil" + p: false, "evil.localhost" + p: false,
		"127.1" + p: false, "0x7f.1" + p: false, "0x7f000001" + p: false, "2130706433" + p: false, "0177.0.0.1" + p: false, "127.0.0.2" + p: false,
		"[::ffff:127.0.0.1]" + p: false, "[0:0:0:0:0:0:0:1]" + p: false, "[::1%25lo]" + p: false, "::1" + p: false, "[127.0.0.1]" + p: false,
		"localhost." + p: false, "localhost:0" + s.port: false, "localhost:+" + s.port: false, "localhost:": false, "": false, p: false,
		"localhost" + p + p: false, "localhost" + p + "/": false, "user@localhost" + p: false, "localhost" + p + ",evil.example": false,
		"nas.local": false, "nas.local" + p: false, "nas.example.evil.example": false, "xnas.example": false, "nas.example:0": false,
		"[fd00::2]": false, "fd00::2": false, "nas.example]:80": false, "[nas.example]": false,
	} {
		got := s.ask(t, "GET /me HTTP/1.1\r\nHost: "+host+"\r\nAuthorization: ann\r\n\r\n")
		refused := got.status == http.StatusForbidden && got.env.Code == "host_not_allowed" || got.status == http.StatusBadRequest
		if want && got.env.Code != "ok" || !want && !refused {
			t.Errorf("Host %q: %d %s, want allowed %v", host, got.status, got.body, want)
		}
	}
}

func TestAbsoluteTargetIsCheckedToo(t *testing.T) {
	s := start(t, options{})
	if got := s.ask(t, "GET http://evil.example/me HTTP/1.1\r\nHost: HOST\r\nAuthorization: ann\r\n\r\n"); got.env.Code != "host_not_allowed" {
		t.Errorf("foreign: %d %s", got.status, got.body)
	}
	if got := s.ask(t, "GET http://HOST/me HTTP/1.1\r\nHost: HOST\r\nAuthorization: ann\r\n\r\n"); got.env.Code != "ok" {
		t.Errorf("own: %d %s", got.status, got.body)
	}
	if got := s.ask(t, "GET /me HTTP/1.0\r\n\r\n"); got.env.Code != "host_not_allowed" {
		t.Errorf("HTTP/1.0 without a Host: %d %s", got.status, got.body)
	}
}

func TestOrigin(t *testing.T) {
	const app = "https://app.example"
	s := start(t, options{guard: GuardConfig{Origins: []string{app}}})
	own := "http://127.0.0.1:" + s.port
	for _, tc := range []struct {
		name, method string
		lines        []string
		want         bool
	}{
		{"a program", "POST", nil, true},
		{"own page", "POST", []string{"Origin: " + own, "Sec-Fetch-Site: same-origin"}, true},
		{"own page in an old browser", "POST", []string{"Origin: " + own}, true},
		{"listed page", "POST", []string{"Origin: " + app, "Sec-Fetch-Site: cross-site"}, true},
		{"typed address", "GET", []string{"Sec-Fetch-Site: none"}, true},
		{"link from elsewhere", "GET", []string{"Sec-Fetch-Site: cross-site"}, true},

		{"foreign page", "POST", []string{"Origin: http://evil.example"}, false},
		{"foreign page reads", "GET", []string{"Origin: http://evil.example"}, false},
		{"foreign page, new browser", "POST", []string{"Origin: http://evil.example", "Sec-Fetch-Site: cross-site"}, false},
		{"foreign form without Origin", "POST", []string{"Sec-Fetch-Site: cross-site"}, false},
		{"another port here", "POST", []string{"Origin: http://127.0.0.1:1", "Sec-Fetch-Site: same-site"}, false},
		{"another port without Origin", "POST", []string{"Sec-Fetch-Site: same-site"}, false},
		{"another port reads", "GET", []string{"Origin: http://127.0.0.1:1"}, false},
		{"another scheme", "POST", []string{"Origin: https://127.0.0.1:" + s.port}, false},
		{"another name of ours", "POST", []string{"Origin: http://localhost:" + s.port}, false},
		{"own origin from elsewhere", "POST", []string{"Origin: " + own, "Sec-Fetch-Site: cross-site"}, false},
		{"own origin and more", "POST", []string{"Origin: " + own + ".evil.example"}, false},
		{"null", "POST", []string{"Origin: null"}, false},
		{"null reads", "GET", []string{"Origin: null"}, false},
		{"empty", "POST", []string{"Origin: "}, false},
		{"two", "POST", []string{"Origin: " + own, "Origin: " + app}, false},
		{"listed with a path", "POST", []string{"Origin: " + app + "/"}, false},
		{"listed by http", "POST", []string{"Origin: http://app.example"}, false},
		{"unknown word", "POST", []string{"Sec-Fetch-Site: elsewhere"}, false},
		{"websocket from elsewhere", "GET", []string{"Origin: http://evil.example", "Connection: Upgrade", "Upgrade: websocket"}, false},
	} {
		path := map[string]string{"GET": "/me", "POST": "/password"}[tc.method]
		got := s.ask(t, tc.method+" "+path+" HTTP/1.1\r\nHost: HOST\r\nAuthorization: ann\r\n"+headerLines(tc.lines)+"\r\n")
		refused := got.status == http.StatusForbidden && got.env.Code == "origin_not_allowed"
		if tc.want && got.env.Code != "ok" || !tc.want && !refused {
			t.Errorf("%s: %d %s, want allowed %v", tc.name, got.status, got.body, tc.want)
		}
		listed := strings.Contains(headerLines(tc.lines), "Origin: "+app+"\r\n") && tc.want
		if h := got.header.Get("Access-Control-Allow-Origin"); (h == app) != listed || (h != "") != listed {
			t.Errorf("%s: Access-Control-Allow-Origin %q", tc.name, h)
		}
		if listed && got.header.Get("Vary") != "Origin" {
			t.Errorf("%s: Vary %q", tc.name, got.header.Get("Vary"))
		}
	}
}

func TestRebindingPassesNoOriginCheck(t *testing.T) {
	s := start(t, options{})
	got := s.ask(t, "GET /me HTTP/1.1\r\nHost: evil.example:"+s.port+"\r\nOrigin: http://evil.example:"+s.port+"\r\nSec-Fetch-Site: same-origin\r\n\r\n")
	if got.status != http.StatusForbidden || got.env.Code != "host_not_allowed" {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestPreflight(t *testing.T) {
	s := start(t, options{guard: GuardConfig{Origins: []string{"https://app.example"}}})
	ask := func(origin string) reply {
		return s.ask(t, "OPTIONS /login HTTP/1.1\r\nHost: HOST\r\nOrigin: "+origin+
			"\r\nAccess-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: authorization,content-type\r\nAccess-Control-Request-Private-Network: true\r\n\r\n")
	}
	got := ask("https://app.example")
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin": "https://app.example", "Vary": "Origin", "Access-Control-Allow-Headers": "authorization,content-type",
		"Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE", "Access-Control-Max-Age": "600",
	} {
		if h := got.header.Get(name); h != want {
			t.Errorf("%s = %q, want %q", name, h, want)
		}
	}
	if got.status != http.StatusNoContent {
		t.Errorf("listed: %d", got.status)
	}
	wantNoCORS(t, "listed", got, "Access-Control-Allow-Credentials", "Access-Control-Allow-Private-Network")
	for _, origin := range []string{"http://evil.example", "null", "http://127.0.0.1:" + s.port, "https://app.example.evil.example"} {
		got := ask(origin)
		if got.status != http.StatusForbidden {
			t.Errorf("%s: %d", origin, got.status)
		}
		wantNoCORS(t, origin, got, "Access-Control-Allow-Origin", "Access-Control-Allow-Methods", "Access-Control-Allow-Headers", "Access-Control-Allow-Private-Network")
	}
	if got := s.ask(t, "OPTIONS /login HTTP/1.1\r\nHost: HOST\r\nAccess-Control-Request-Method: POST\r\n\r\n"); got.status != http.StatusMethodNotAllowed {
		t.Errorf("without an origin: %d", got.status)
	}
}

func wantNoCORS(t *testing.T, what string, r reply, names ...string) {
	t.Helper()
	for _, name := range names {
		if h, there := r.header[name]; there {
			t.Errorf("%s: %s = %q, want none", what, name, h)
		}
	}
}

func TestOwnOriginByTLSAndByProxy(t *testing.T) {
	secure := tlsSite(t)
	own := "https://127.0.0.1:" + secure.port
	for origin, want := range map[string]int{own: 200, strings.Replace(own, "https", "http", 1): 403} {
		if got := tlsStatus(t, secure, "GET", "/open", origin); got != want {
			t.Errorf("TLS, Origin %s: %d, want %d", origin, got, want)
		}
	}
	text := "GET /open HTTP/1.1\r\nHost: nas.example\r\nOrigin: https://nas.example\r\nX-Forwarded-Proto: https\r\n\r\n"
	behind := start(t, options{guard: GuardConfig{Hosts: []string{"nas.example"}, Proxies: loopbackProxy()}})
	if got := behind.ask(t, text); got.env.Code != "ok" {
		t.Errorf("by a trusted proxy: %s", got.body)
	}
	direct := start(t, options{guard: GuardConfig{Hosts: []string{"nas.example"}}})
	if got := direct.ask(t, text); got.env.Code != "origin_not_allowed" {
		t.Errorf("by anybody: %s", got.body)
	}
}

func loopbackProxy() []netip.Prefix { return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} }

func TestTheAddressThatAConnectionCameInOnIsAHost(t *testing.T) {
	for _, tc := range []struct {
		local, host string
		want        bool
	}{
		{"192.0.2.5", "192.0.2.5:5244", true},
		{"::ffff:192.0.2.5", "192.0.2.5:5244", true},
		{"2001:db8::5", "[2001:db8::5]:5244", true},
		{"192.0.2.5", "localhost:5244", true}, // by a tunnel
		{"192.0.2.5", "192.0.2.5", false},
		{"192.0.2.5", "192.0.2.6:5244", false},
		{"192.0.2.5", "[::ffff:192.0.2.5]:5244", false},
		{"2001:db8::5", "[2001:db8:0::5]:5244", false},
		{"127.0.0.1", "0.0.0.0:5244", false},
	} {
		ctx := context.WithValue(t.Context(), http.LocalAddrContextKey, &net.TCPAddr{IP: net.ParseIP(tc.local), Port: 5244})
		r := (&http.Request{Host: tc.host}).WithContext(ctx)
		if got := new(guard).hostAllowed(r, caller{}); got != tc.want {
			t.Errorf("%s at %s: %v", tc.host, tc.local, got)
		}
	}
}

func TestTheUsualPortMayBeLeftOut(t *testing.T) {
	for _, secure := range []bool{false, true} {
		port := map[bool]int{false: 80, true: 443}[secure]
		ctx := context.WithValue(t.Context(), http.LocalAddrContextKey, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
		r := (&http.Request{Host: "localhost"}).WithContext(ctx)
		if !new(guard).hostAllowed(r, caller{secure: secure}) || new(guard).hostAllowed(r, caller{secure: !secure}) {
			t.Errorf("port %d with TLS %v", port, secure)
		}
	}
}

func TestWithoutAConnectionOnlyConfiguredHostsPass(t *testing.T) {
	g := &guard{hosts: setOf([]string{"nas.example"})}
	for host, want := range map[string]bool{"nas.example": true, "localhost": false, "localhost:0": false, "invalid IP:80": false, "invalid IP": false} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = host
		if got := g.hostAllowed(r, caller{}); got != want {
			t.Errorf("%s: %v", host, got)
		}
	}
}

func TestSharedHeadersStayAsTheyAre(t *testing.T) {
	s := start(t, options{})
	first := s.get(t, "/me").header
	s.get(t, "/busy")
	again := s.get(t, "/me").header
	for name := range securityHeaders() {
		if first.Get(name) != again.Get(name) || len(again[name]) != 1 {
			t.Errorf("%s: %q, then %q", name, first[name], again[name])
		}
	}
}
