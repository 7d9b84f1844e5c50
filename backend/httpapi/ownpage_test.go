package httpapi

import (
	"net/http"
	"net/url"
	"testing"
)

// A cookie counts only where no page of another site, nor of another port of
// this machine, can have made the browser send it.
func TestFromOwnPage(t *testing.T) {
	const own = "http://localhost:5244"
	none := []string(nil)
	for _, tc := range []struct {
		name          string
		origin, site  []string
		reads, writes bool
	}{
		{"own page", []string{own}, []string{"same-origin"}, true, true},
		{"own page reads", none, []string{"same-origin"}, true, true},
		{"typed address", none, []string{"none"}, true, false},
		{"own page in an old browser", []string{own}, none, true, true},
		{"a program, or an old browser that reads", none, none, true, false},
		{"another port of this machine", []string{"http://localhost:1"}, []string{"same-site"}, false, false},
		{"another port that reads", none, []string{"same-site"}, false, false},
		{"another port in an old browser", []string{"http://localhost:1"}, none, false, false},
		{"a link from elsewhere", none, []string{"cross-site"}, false, false},
		{"foreign page", []string{"http://evil.example"}, []string{"cross-site"}, false, false},
		{"own origin from elsewhere", []string{own}, []string{"cross-site"}, false, false},
		{"foreign origin that says it is own", []string{"http://evil.example"}, []string{"same-origin"}, false, false},
		{"another name of ours", []string{"http://127.0.0.1:5244"}, none, false, false},
		{"another scheme", []string{"https://localhost:5244"}, none, false, false},
		{"null", []string{"null"}, none, false, false},
		{"two origins", []string{own, own}, none, false, false},
		{"two sites", none, []string{"same-origin", "same-origin"}, false, false},
		{"an empty site", none, []string{""}, false, false},
		{"unknown word", none, []string{"elsewhere"}, false, false},
	} {
		for method, want := range map[string]bool{"GET": tc.reads, "HEAD": tc.reads, "POST": tc.writes, "PUT": tc.writes, "DELETE": tc.writes, "X": tc.writes} {
			r := &http.Request{Method: method, Host: "localhost:5244", URL: &url.URL{Scheme: "http"}, Header: http.Header{}}
			if tc.origin != nil {
				r.Header["Origin"] = tc.origin
			}
			if tc.site != nil {
				r.Header["Sec-Fetch-Site"] = tc.site
			}
			if got := FromOwnPage(r); got != want {
				t.Errorf("%s, %s: %v, want %v", tc.name, method, got, want)
			}
		}
	}
}

// Whether a request came by HTTPS is for the connection to say, or for a proxy
// that is trusted; never for the client.
func TestIsSecure(t *testing.T) {
	for _, tc := range []struct {
		name, request string
		proxies       bool
		want          string
	}{
		{"plain", "GET /secure HTTP/1.1\r\nHost: HOST\r\n\r\n", false, "false"},
		{"the client's word", "GET /secure HTTP/1.1\r\nHost: HOST\r\nX-Forwarded-Proto: https\r\n\r\n", false, "false"},
		{"the client's target", "GET https://HOST/secure HTTP/1.1\r\nHost: HOST\r\n\r\n", false, "false"},
		{"a trusted proxy's word", "GET /secure HTTP/1.1\r\nHost: HOST\r\nX-Forwarded-Proto: https\r\n\r\n", true, "true"},
		{"a trusted proxy's silence", "GET https://HOST/secure HTTP/1.1\r\nHost: HOST\r\n\r\n", true, "false"},
	} {
		o := options{}
		if tc.proxies {
			o.guard.Proxies = loopbackProxy()
		}
		if got := start(t, o).ask(t, tc.request); got.env.Data != tc.want {
			t.Errorf("%s: %v, want %s", tc.name, got.env.Data, tc.want)
		}
	}
	c := dialTLS(t, tlsSite(t))
	c.send("GET http://HOST/secure HTTP/1.1\r\nHost: HOST\r\n\r\n")
	if got := c.receive("GET"); got.env.Data != "true" {
		t.Errorf("by TLS: %v", got.env.Data)
	}
}
