package dialecttest

import (
	"io"
	"net/http"
	"net/netip"
	"testing"
)

func TestParseRequest(t *testing.T) {
	from := netip.MustParseAddrPort("[2001:db8::7]:40000")
	for _, tc := range []struct {
		text, uri, host, body string
		length                int64
	}{
		{"GET /api/me\n", "/p/api/me", local, "", 0},
		{"POST /x?a=b\nContent-Type: application/json\n\n{\n\n}\n", "/p/x?a=b", local, "{\n\n}", 4},
		{"POST /x\nhost: nas.example\n", "/p/x", "nas.example", "", 0},
		{"POST /x\nTransfer-Encoding: chunked\n\n2\r\n{}\r\n0\r\n\r\n\n", "/p/x", local, "{}", -1},
	} {
		r, err := parseRequest(t.Context(), tc.text, "/p", from)
		if err != nil {
			t.Errorf("%q: %v", tc.text, err)
			continue
		}
		body, err := io.ReadAll(r.Body)
		if err != nil || r.RequestURI != tc.uri || r.Host != tc.host || r.ContentLength != tc.length || string(body) != tc.body {
			t.Errorf("%q: got %s from %s, %d bytes, %q, %v", tc.text, r.RequestURI, r.Host, r.ContentLength, body, err)
		}
		if r.RemoteAddr != from.String() || r.Context().Value(http.LocalAddrContextKey) == nil {
			t.Errorf("%q: from %s", tc.text, r.RemoteAddr)
		}
	}
	for _, bad := range []string{"", "GET\n", "GET x\n", "GET /x\nno header\n"} {
		if _, err := parseRequest(t.Context(), bad, "", from); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
}
