package httpapi

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

func itoa(n int) string { return strconv.Itoa(n) }

const okLogin = `{"username":"ann","password":"p"}`

// What is not HTTP is answered by net/http in plain text, and the connection closed.
func TestMalformedHTTP(t *testing.T) {
	s := start(t, options{})
	for _, tc := range []struct {
		name, text string
		want       int
	}{
		{"garbage", "\x00\x01\x02garbage\r\n\r\n", 400},
		{"TLS on the plain port", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400},
		{"no Host", "GET /me HTTP/1.1\r\n\r\n", 400},
		{"two Hosts", "GET /me HTTP/1.1\r\nHost: HOST\r\nHost: evil.example\r\n\r\n", 400},
		{"two lengths", "POST /login HTTP/1.1\r\nHost: HOST\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400},
		{"negative length", "POST /login HTTP/1.1\r\nHost: HOST\r\nContent-Length: -1\r\n\r\n", 400},
		{"length and coding", "POST /login HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
		{"coding and length", "POST /login HTTP/1.1\r\nHost: HOST\r\ntransfer-ENCODING: chunked\r\nCONTENT-length: 4\r\n\r\n0\r\n\r\n", 400},
		{"unknown coding", "POST /login HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
		{"NUL in a header", "GET /me HTTP/1.1\r\nHost: HOST\r\nX: a\x00b\r\n\r\n", 400},
		{"CR in a header", "GET /me HTTP/1.1\r\nHost: HOST\r\nX: a\rb\r\n\r\n", 400},
		{"space before the colon", "GET /me HTTP/1.1\r\nHost: HOST\r\nX : a\r\n\r\n", 400},
		{"bad escape in the path", "GET /users/%zz HTTP/1.1\r\nHost: HOST\r\n\r\n", 400},
		{"a head over 16 KiB", "GET /me HTTP/1.1\r\nHost: HOST\r\nX: " + strings.Repeat("a", maxHeader) + "\r\n\r\n", 431},
		{"many headers", "GET /me HTTP/1.1\r\nHost: HOST\r\n" + strings.Repeat("X: a\r\n", maxHeader/6) + "\r\n", 431},
	} {
		c := dial(t, s)
		c.send(tc.text)
		if got := c.receive("GET"); got.status != tc.want {
			t.Errorf("%s: %d, want %d", tc.name, got.status, tc.want)
		}
		c.wantClosed(tc.name)
	}
	if n := s.logins.Load(); n != 0 {
		t.Errorf("%d of them reached the handler", n)
	}
}

func TestHeadJustUnderTheLimitPasses(t *testing.T) {
	s := start(t, options{})
	if got := s.get(t, "/me", "Authorization: ann", "X: "+strings.Repeat("a", maxHeader-200)); got.env.Code != "ok" {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestWireErrorsKeepTheirStatusAndTheEnvelope(t *testing.T) {
	s := start(t, options{})
	json := "Content-Type: application/json"
	for _, tc := range []struct {
		name, text string
		status     int
		code       string
	}{
		{"unknown path", "GET /nothing HTTP/1.1\r\nHost: HOST\r\n\r\n", 404, "route_not_found"},
		{"the root", "GET / HTTP/1.1\r\nHost: HOST\r\n\r\n", 404, "route_not_found"},
		{"double slash", "GET //me HTTP/1.1\r\nHost: HOST\r\n\r\n", 404, "route_not_found"},
		{"dots", "GET /users/../me HTTP/1.1\r\nHost: HOST\r\n\r\n", 404, "route_not_found"},
		{"trailing slash", "GET /me/ HTTP/1.1\r\nHost: HOST\r\n\r\n", 404, "route_not_found"},
		{"asterisk", "OPTIONS * HTTP/1.1\r\nHost: HOST\r\n\r\n", 404, "route_not_found"},
		{"connect", "CONNECT HOST HTTP/1.1\r\nHost: HOST\r\n\r\n", 404, "route_not_found"},
		{"delete on a POST route", "DELETE /login HTTP/1.1\r\nHost: HOST\r\n\r\n", 405, "method_not_allowed"},
		{"trace", "TRACE /me HTTP/1.1\r\nHost: HOST\r\n\r\n", 405, "method_not_allowed"},
		{"text", "POST /login HTTP/1.1\r\nHost: HOST\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}", 415, "media_type_unsupported"},
		{"no type", "POST /login HTTP/1.1\r\nHost: HOST\r\nContent-Length: 2\r\n\r\n{}", 415, "media_type_unsupported"},
		{"two types", "POST /login HTTP/1.1\r\nHost: HOST\r\n" + json + "\r\n" + json + "\r\nContent-Length: 2\r\n\r\n{}", 415, "media_type_unsupported"},
		{"jsonx", "POST /login HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/jsonx\r\nContent-Length: 2\r\n\r\n{}", 415, "media_type_unsupported"},
		{"other charset", "POST /login HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json; charset=utf-16\r\nContent-Length: 2\r\n\r\n{}", 415, "media_type_unsupported"},
		{"gzip", "POST /login HTTP/1.1\r\nHost: HOST\r\n" + json + "\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b", 415, "content_encoding_unsupported"},
		{"busy", "GET /busy HTTP/1.1\r\nHost: HOST\r\n\r\n", 503, "busy"},
		{"panic", "GET /panic HTTP/1.1\r\nHost: HOST\r\n\r\n", 500, "internal"},
		{"fault", "GET /broken HTTP/1.1\r\nHost: HOST\r\n\r\n", 200, "internal"},
		{"unencodable", "GET /unencodable HTTP/1.1\r\nHost: HOST\r\n\r\n", 200, "internal"},
		{"locked", "GET /locked HTTP/1.1\r\nHost: HOST\r\n\r\n", 200, "locked"},
	} {
		got := s.ask(t, tc.text)
		if got.status != tc.status || got.env.Code != tc.code || got.env.Dialect != "root" {
			t.Errorf("%s: %d %s, want %d %s", tc.name, got.status, got.body, tc.status, tc.code)
		}
		if strings.Contains(got.body, "canary") {
			t.Errorf("%s: the answer tells the cause: %s", tc.name, got.body)
		}
	}
}

func TestDialectByPrefix(t *testing.T) {
	s := start(t, options{})
	for path, want := range map[string]string{"/alpha": "alpha", "/alpha/": "alpha", "/alpha/x": "alpha", "/alphabet": "root", "/x": "root"} {
		if got := s.get(t, path); got.status != 404 || got.env.Dialect != want {
			t.Errorf("%s: %d %s, want 404 by %s", path, got.status, got.body, want)
		}
	}
	if got := s.get(t, "/alpha/me", "Authorization: ann"); got.env.Code != "ok" {
		t.Errorf("below the prefix: %s", got.body)
	}
}

func TestAllow(t *testing.T) {
	s := start(t, options{})
	for path, want := range map[string]string{"/login": "POST", "/me": "GET, HEAD", "/alpha/users/7": "GET, HEAD", "/password": "POST"} {
		got := s.ask(t, "DELETE "+path+" HTTP/1.1\r\nHost: HOST\r\n\r\n")
		if got.status != 405 || got.header.Get("Allow") != want {
			t.Errorf("%s: %d, Allow %q, want %q", path, got.status, got.header.Get("Allow"), want)
		}
	}
}

func TestHead(t *testing.T) {
	s := start(t, options{})
	got := s.ask(t, "HEAD /me HTTP/1.1\r\nHost: HOST\r\nAuthorization: ann\r\n\r\n")
	if got.status != 200 || got.body != "" || got.header.Get("Content-Type") != "application/json; charset=utf-8" {
		t.Errorf("HEAD /me: %d %q %v", got.status, got.body, got.header)
	}
	got = s.ask(t, "HEAD /logout HTTP/1.1\r\nHost: HOST\r\n\r\n")
	if got.status != 405 || got.header.Get("Allow") != "GET" || s.gets.Load() != 0 {
		t.Errorf("HEAD /logout: %d, Allow %q, %d runs", got.status, got.header.Get("Allow"), s.gets.Load())
	}
}

func TestRetryAfter(t *testing.T) {
	s := start(t, options{})
	for path, want := range map[string]string{"/busy": "2", "/locked": "7200", "/me": ""} {
		if got := s.get(t, path); got.header.Get("Retry-After") != want {
			t.Errorf("%s: Retry-After %q, want %q", path, got.header.Get("Retry-After"), want)
		}
	}
}

func TestAnswersOnceBegunAreCut(t *testing.T) {
	s := start(t, options{})
	for _, path := range []string{"/late-panic", "/late-error"} {
		c := dial(t, s)
		c.send("GET " + path + " HTTP/1.1\r\nHost: HOST\r\n\r\n")
		all, _ := io.ReadAll(c)
		if strings.Contains(string(all), "\r\n0\r\n\r\n") || strings.Contains(string(all), "Content-Length") {
			t.Errorf("%s: half an answer looks whole: %q", path, all)
		}
	}
	if got := s.get(t, "/me", "Authorization: ann"); got.env.Code != "ok" {
		t.Errorf("afterwards: %s", got.body)
	}
	s.stop()
	if got := strings.Count(s.logs.String(), "canary-panic"); got != 1 {
		t.Errorf("the panic was logged %d times, want once", got)
	}
}

func TestNothingFollowsABodyThatWasNotRead(t *testing.T) {
	s := start(t, options{})
	smuggled := postText("/login", okLogin)
	large := strings.Repeat(" ", 1<<20+1)
	for _, tc := range []struct {
		name, text string
		want       int
	}{
		{"413", postText("/login", large), 413},
		{"413 by chunks", "POST /login HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" +
			strconv.FormatInt(int64(len(large)), 16) + "\r\n" + large + "\r\n0\r\n\r\n", 413},
		{"bad chunk", "POST /login HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
		{"chunk size that overflows", "POST /login HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", 400},
		{"good chunks", "POST /none HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 404},
	} {
		c := dial(t, s)
		go c.send(tc.text + smuggled) // the server may stop reading
		if got := c.receive("POST"); got.status != tc.want || !got.close {
			t.Errorf("%s: %d, want %d", tc.name, got.status, tc.want)
		}
		c.wantClosed(tc.name)
	}
	if n := s.logins.Load(); n != 0 {
		t.Errorf("%d requests were smuggled in", n)
	}
}

func TestPipelinedRequestsAreAnsweredInOrder(t *testing.T) {
	s := start(t, options{})
	c := dial(t, s)
	c.send(postText("/login", `{"username":`) + postText("/login", okLogin) + "GET /users/7 HTTP/1.1\r\nHost: HOST\r\n\r\n")
	for _, want := range []string{"body_not_json", "ok", "ok"} {
		if got := c.receive("POST"); got.env.Code != want {
			t.Errorf("%s, want %s", got.body, want)
		}
	}
}

// A second request in the same packet escapes the look at the first one's
// head; it gets no third.
func TestAmbiguousPipelinedRequestIsTheLast(t *testing.T) {
	s := start(t, options{})
	c := dial(t, s)
	ambiguous := "POST /login HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" +
		strconv.FormatInt(int64(len(okLogin)), 16) + "\r\n" + okLogin + "\r\n0\r\n\r\n"
	c.send(postText("/login", okLogin) + ambiguous + postText("/login", okLogin))
	c.receive("POST")
	if got := c.receive("POST"); got.status != 200 || !got.close {
		t.Errorf("%d %v", got.status, got.header)
	}
	c.wantClosed("after the ambiguous request")
}

func TestEachHeadOnAConnectionIsLookedAt(t *testing.T) {
	s := start(t, options{})
	c := dial(t, s)
	for range 2 {
		c.send(postText("/login", okLogin))
		if got := c.receive("POST"); got.env.Code != "ok" {
			t.Fatalf("%d %s", got.status, got.body)
		}
	}
	c.send(postText("/login", okLogin, "Transfer-Encoding: chunked"))
	if got := c.receive("POST"); got.status != http.StatusBadRequest {
		t.Errorf("%d %s", got.status, got.body)
	}
	c.wantClosed("the third request")
}

// A body may look like a head, also when its own head came early.
func TestFramingLooksAtHeadsOnly(t *testing.T) {
	s := start(t, options{})
	c := dial(t, s)
	body := "{\"username\":\"ann\",\n\"x\":\"\",\n\"content-length\n:\"\n}"
	for range 3 {
		c.send("POST /login HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\nContent-Length: " + itoa(len("transfer-encoding: chunked\ncontent-length: 3\n"+body)) + "\r\n\r\n")
		c.send("transfer-encoding: chunked\ncontent-length: 3\n" + body)
		if got := c.receive("POST"); got.env.Code != "body_not_json" {
			t.Errorf("%d %s", got.status, got.body)
		}
	}
}

func TestEarlyHeadsDoNotMakeBodiesHeads(t *testing.T) {
	s := start(t, options{})
	c := dial(t, s)
	const body = "transfer-encoding: chunked\ncontent-length: 3\n"
	c.send(postText("/login", okLogin) + strings.TrimSuffix(postText("/login", body), body))
	if got := c.receive("POST"); got.env.Code != "ok" {
		t.Fatalf("%d %s", got.status, got.body)
	}
	c.send(body)
	if got := c.receive("POST"); got.env.Code != "body_not_json" {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestALargeBodyIsNotAskedFor(t *testing.T) {
	s := start(t, options{})
	const head = "POST /login HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: "
	if got := s.ask(t, head+itoa(int(maxBody)+1)+"\r\n\r\n"); got.status != http.StatusRequestEntityTooLarge || !got.close {
		t.Errorf("too large: %d", got.status)
	}
	if got := s.ask(t, head+itoa(len(okLogin))+"\r\n\r\n"); got.status != http.StatusContinue {
		t.Errorf("small: %d", got.status)
	}
}

func TestSecurityHeaders(t *testing.T) {
	s := start(t, options{})
	for _, text := range []string{
		"GET /me HTTP/1.1\r\nHost: HOST\r\nAuthorization: ann\r\n\r\n",
		"GET /nothing HTTP/1.1\r\nHost: HOST\r\n\r\n",
		"GET /me HTTP/1.1\r\nHost: evil.example\r\n\r\n",
		postText("/login", okLogin),
	} {
		h := s.ask(t, text).header
		for name, want := range map[string]string{
			"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
			"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
			"Content-Type":            "application/json; charset=utf-8", "Server": "", "Access-Control-Allow-Origin": "",
		} {
			if got := h.Get(name); got != want {
				t.Errorf("%.20q: %s = %q, want %q", text, name, got, want)
			}
		}
		if h.Get("X-Request-Id") == "" {
			t.Errorf("%.20q: no request id", text)
		}
	}
}

func TestPathValuesArriveAsOneElement(t *testing.T) {
	s := start(t, options{})
	for path, want := range map[string]any{"/users/..%2f..%2fetc": "../../etc", "/users/%00": "\x00", "/users/a%2Fb": "a/b"} {
		if got := s.get(t, path); got.env.Data != want {
			t.Errorf("%s: %v, want %q", path, got.env.Data, want)
		}
	}
	if got := s.get(t, "/users/"+strings.Repeat("9", 4096)); got.status != http.StatusOK {
		t.Errorf("a long id: %d", got.status)
	}
}
