package remote_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"latchkey/backend/companion/remote"
	"latchkey/backend/identity"
)

// hangUp reads something and ends the connection.
func hangUp(c net.Conn) { _, _ = c.Read(make([]byte, 1024)) }

// says answers every request with one text, and ends the connection.
func says(text string) func(net.Conn) {
	return func(c net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
			_, _ = io.WriteString(c, text)
		}
	}
}

func http200(kind, body string) string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", kind, len(body), body)
}

func jsonSays(body string) func(net.Conn) { return says(http200("application/json", body)) }

// flood answers a request and then sends the same again and again.
func flood(head, again string) func(net.Conn) {
	return func(c net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(c)); err != nil {
			return
		}
		_, err := io.WriteString(c, head)
		for err == nil {
			_, err = io.WriteString(c, again)
		}
	}
}

func bomb(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(bytes.Repeat([]byte(" "), 64<<20)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n" +
		fmt.Sprintf("Content-Length: %d\r\n\r\n", b.Len()) + b.String()
}

// TestHostileServers asks each with a token, and signs in to each.
func TestHostileServers(t *testing.T) {
	const chunked = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
	for _, tc := range []struct {
		name  string
		serve func(net.Conn)
		code  string
	}{
		{"hangs up", hangUp, "server_connection_lost"},
		{"hangs up within the head", says("HTTP/1.1 200 OK\r\n"), "server_connection_lost"},
		{"hangs up within the body", says("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"code\":200,"), "server_connection_lost"},
		{"hangs up within a chunk", says(chunked + "64\r\n{\"code\":200"), "server_connection_lost"},
		{"broken chunks", says(chunked + "zz\r\n{}\r\n0\r\n\r\n"), "server_garbled"},
		{"no HTTP", says("SSH-2.0-OpenSSH_9.2\r\n"), "server_garbled"},
		{"binary", says("\x00\x01\x02\xff\xfe\r\n\r\n"), "server_garbled"},
		{"ten megabytes", jsonSays(`{"code":200,"data":"` + strings.Repeat("x", 10<<20) + `"}`), "server_too_much"},
		{"endless body", flood("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{", strings.Repeat(" ", 4096)), "server_too_much"},
		{"endless chunks", flood(chunked, "1000\r\n"+strings.Repeat(" ", 4096)+"\r\n"), "server_too_much"},
		{"endless head", flood("HTTP/1.1 200 OK\r\n", "X-Flood: "+strings.Repeat("x", 1000)+"\r\n"), "server_too_much"},
		{"endless header", flood("HTTP/1.1 200 OK\r\nX-Flood: ", strings.Repeat("x", 4096)), "server_too_much"},
		{"a long head", says("HTTP/1.1 200 OK\r\nX-Long: " + strings.Repeat("x", 100<<10) + "\r\nContent-Length: 0\r\n\r\n"), "server_too_much"},
		{"endless interim answers", flood("", "HTTP/1.1 103 Early Hints\r\nX-Flood: "+strings.Repeat("x", 1000)+"\r\n\r\n"), "server_too_much"},
		{"a packed bomb", says(bomb(t)), "server_garbled"},
		{"a page", says(http200("text/html", "<!DOCTYPE html><html></html>")), "server_not_alist"},
		{"a page that hides", says(http200("application/json", " \n<html></html>")), "server_not_alist"},
		{"nothing", jsonSays(""), "server_garbled"},
		{"text", says(http200("text/plain", "hello")), "server_garbled"},
		{"an array", jsonSays("[]"), "server_garbled"},
		{"null", jsonSays("null"), "server_garbled"},
		{"no code", jsonSays(`{"status":"ok"}`), "server_garbled"},
		{"a code in words", jsonSays(`{"code":"200","data":{}}`), "server_garbled"},
		{"a huge code", jsonSays(`{"code":99999999999999999999,"data":{}}`), "server_garbled"},
		{"a negative code", jsonSays(`{"code":-1,"message":"x","data":null}`), "server_failed"},
		{"deep nesting", jsonSays(`{"code":200,"data":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + "}"), "server_garbled"},
		{"something after the answer", jsonSays(`{"code":200,"data":{}} {"code":200}`), "server_garbled"},
		{"data of another sort", jsonSays(`{"code":200,"message":"success","data":7}`), "server_garbled"},
		{"no data", jsonSays(`{"code":200,"message":"success","data":null}`), "server_garbled"},
		{"no data at all", jsonSays(`{"code":200}`), "server_garbled"},
		{"200 that HTTP denies", says("HTTP/1.1 500 X\r\nContent-Length: 23\r\n\r\n" + `{"code":200,"data":{}} `), "server_failed"},
		{"500 without a word", says("HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n"), "server_failed"},
		{"502", says("HTTP/1.1 502 X\r\nContent-Length: 0\r\n\r\n"), "server_behind_gone"},
		{"503", says("HTTP/1.1 503 X\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"), "server_busy"},
		{"404", says("HTTP/1.1 404 X\r\nContent-Length: 0\r\n\r\n"), "server_not_alist"},
		{"404 in the envelope's own status", says("HTTP/1.1 404 X\r\nContent-Length: 23\r\n\r\n" + `{"code":404,"data":{}} `), "server_not_alist"},
		{"somebody else's sign-in", says("HTTP/1.1 401 X\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n"), "server_guarded"},
		{"TLS is wanted", says("HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"), "server_wants_https"},
		{"moved", says("HTTP/1.1 302 X\r\nLocation: https://evil.example/api\r\nContent-Length: 0\r\n\r\n"), "server_moved"},
		{"moved, with an answer", says("HTTP/1.1 307 X\r\nLocation: https://evil.example/api\r\nContent-Length: 23\r\n\r\n" + `{"code":200,"data":{}} `), "server_moved"},
		{"moved to a file", says("HTTP/1.1 301 X\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n"), "server_moved"},
		{"switches protocols", says("HTTP/1.1 101 X\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"), "server_garbled"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			o := options(t, listen(t, tc.serve))
			_, err := account(t, open(t, o), grant()).Me(t.Context())
			e := refused(t, err, tc.code)
			if e.Kind != identity.Unavailable || remote.SignedOut(err) {
				t.Errorf("%v, kind %v: would sign out", err, e.Kind)
			}
			_, err = open(t, o).SignIn(t.Context(), credentials("bob"))
			wants(t, err, tc.code)
		})
	}
}

func TestSlowServers(t *testing.T) {
	drip := func(c net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(c)); err != nil {
			return
		}
		_, err := io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
		for tick := time.NewTicker(10 * time.Millisecond); err == nil; <-tick.C {
			_, err = io.WriteString(c, " ")
		}
	}
	silent := func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }
	for name, serve := range map[string]func(net.Conn){"silent": silent, "drips": drip} {
		o := options(t, listen(t, serve))
		o.Timeout = 200 * time.Millisecond
		_, err := account(t, open(t, o), grant()).Me(t.Context())
		if e := refused(t, err, "server_slow"); e.Kind != identity.Unavailable {
			t.Errorf("%s: kind %v", name, e.Kind)
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(50*time.Millisecond, cancel)
		o.Timeout = 0
		_, err = account(t, open(t, o), grant()).Me(ctx)
		wants(t, err, "call_cancelled")
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: the cause is %v", name, err)
		}
	}
}

func TestUnreachableServers(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := ln.Addr().String()
	_ = ln.Close()
	for _, tc := range []struct{ address, code string }{
		{"http://" + closed, "server_unreachable"},
		{"https://" + closed, "server_unreachable"},
		{"http://no-such-name.invalid", "server_name_unknown"},
		{"http://192.0.2.1", "plain_http_public"},
		{"http://[2001:db8::1]:5244", "plain_http_public"},
		{"https" + strings.TrimPrefix(listen(t, jsonSays("{}")), "http"), "server_speaks_http"},
		{"https" + strings.TrimPrefix(listen(t, hangUp), "http"), "server_connection_lost"},
	} {
		_, err := open(t, options(t, tc.address)).SignIn(t.Context(), credentials("bob"))
		if tc.code == "server_speaks_http" && errors.Is(err, &identity.Error{Code: "server_connection_lost"}) {
			continue // the TLS greeting was no request, so it may hang up first
		}
		wants(t, err, tc.code)
	}
}

func TestOldTLSIsRefused(t *testing.T) {
	cert, err := tls.X509KeyPair(selfMade(t))
	if err != nil {
		t.Fatal(err)
	}
	conf := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	address := listen(t, func(c net.Conn) { _ = tls.Server(c, conf).Handshake() })
	_, err = open(t, options(t, "https"+strings.TrimPrefix(address, "http"))).SignIn(t.Context(), credentials("bob"))
	wants(t, err, "server_tls_failed")
}

func TestNothingIsSentBeforeTheCertificateIsAccepted(t *testing.T) {
	cert, err := tls.X509KeyPair(selfMade(t))
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan int64, 10)
	address := listen(t, func(c net.Conn) {
		s := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{cert}})
		n, _ := io.Copy(io.Discard, s)
		got <- n
	})
	o := options(t, "https"+strings.TrimPrefix(address, "http"))
	if _, err := remote.Inspect(t.Context(), o); err != nil {
		t.Error(err)
	}
	_, err = open(t, o).SignIn(t.Context(), credentials("bob"))
	wants(t, err, "certificate_untrusted")
	o.Pin = remote.Fingerprint(strings.Repeat("00:", 31) + "00")
	_, err = account(t, open(t, o), grant()).Me(t.Context())
	wants(t, err, "certificate_changed")
	for range 3 {
		if n := <-got; n != 0 {
			t.Errorf("%d bytes were sent", n)
		}
	}
}

func TestInspectNeedsTLS(t *testing.T) {
	_, err := remote.Inspect(t.Context(), options(t, "http://127.0.0.1"))
	wants(t, err, "address_not_secure")
	_, err = remote.Inspect(t.Context(), options(t, "https"+strings.TrimPrefix(listen(t, hangUp), "http")))
	wants(t, err, "server_connection_lost")
}

func TestRedirectsAreAdvice(t *testing.T) {
	for _, tc := range []struct {
		location string
		to       string
		secure   bool
	}{
		{"https://127.0.0.1/api/me", "https://127.0.0.1", true},
		{"https://127.0.0.1:8443/alist/api/me?x=y", "https://127.0.0.1:8443/alist", true},
		{"https://127.0.0.1/elsewhere", "https://127.0.0.1/elsewhere", true},
		{"https://evil.example/api/me", "https://evil.example", false},
		{"//evil.example/", "http://evil.example", false},
		{"https://user:pass@evil.example/api/me#x", "https://evil.example", false},
		{"file:///etc/passwd", "", false},
		{"javascript:alert(1)", "", false},
		{"", "", false},
		{"https://" + strings.Repeat("x", 2000), "", false},
	} {
		asked := 0
		address := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			asked++
			w.Header().Set("Location", tc.location)
			w.WriteHeader(http.StatusMovedPermanently)
		}))
		_, err := account(t, open(t, options(t, address)), grant()).Me(t.Context())
		wants(t, err, "server_moved")
		r, ok := errors.AsType[*remote.RedirectError](err)
		if !ok {
			t.Fatalf("the cause is %v", err)
		}
		want := remote.Base{}
		if tc.to != "" {
			want = base(t, tc.to)
		}
		if tc.location != "//evil.example/" && tc.location != "" && r.To != want || r.Secure != tc.secure {
			t.Errorf("%s: %+v", tc.location, r)
		}
		if asked != 1 {
			t.Errorf("asked %d times", asked)
		}
	}
}

// TestPasswordIsNotGivenAway: what is no AList cannot ask for the password
// itself by having no route for the hash.
func TestPasswordIsNotGivenAway(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"a page": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<html>")
		},
		"404": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) },
	} {
		address := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			if bytes.Contains(body, []byte(password)) {
				t.Errorf("%s: the password was sent to %s", name, r.URL)
			}
			answer(w, r)
		}))
		_, err := open(t, options(t, address)).SignIn(t.Context(), credentials("bob"))
		wants(t, err, "server_not_alist")
	}
}

func TestAnswersThatAreAbsurd(t *testing.T) {
	for _, body := range []string{
		`{"token":""}`, `{"token":"a b"}`, `{"token":"a\r\nSet-Cookie: x"}`, `{"token":"` + strings.Repeat("x", 9000) + `"}`, `{"token":"ключ"}`, `{}`,
	} {
		c := open(t, options(t, listen(t, jsonSays(`{"code":200,"message":"success","data":`+body+`}`))))
		_, err := c.SignIn(t.Context(), credentials("bob"))
		wants(t, err, "server_garbled")
	}
	for _, life := range []string{"-5", "0", "9223372036854775807"} {
		c := open(t, options(t, listen(t, jsonSays(`{"code":200,"data":{"token":"x","device_key":"a\u202eb","expires_in":`+life+`}}`))))
		if g, err := c.SignIn(t.Context(), credentials("bob")); err != nil || !g.ExpiresAt.IsZero() || g.Device != "" {
			t.Errorf("%s: %+v, %v", life, g, err)
		}
	}
}

func TestListsThatAreAbsurd(t *testing.T) {
	me := `{"code":200,"data":{"id":3,"username":"bob","role":[3]}}`
	a := account(t, open(t, options(t, serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", "Thu, 01 Jan 1970 00:00:00 GMT")
		switch r.URL.Path {
		case "/api/me":
			_, _ = io.WriteString(w, me)
		case "/api/me/sessions":
			_, _ = io.WriteString(w, `{"code":200,"data":[{"session_id":"a","last_active":9223372036854775807,"ua":"<b>\u001b[31m\u202egnp.exe\u0000\n`+
				strings.Repeat("x", 10_000)+`","ip":"\u2066"},{"session_id":"b","last_active":-1},{"session_id":"a b"},{"session_id":""}]}`)
		case "/api/me/sshkey/list":
			_, _ = io.WriteString(w, `{"code":200,"data":{"content":[{"id":1,"title":"\u202e","added_time":"99999-01-01T00:00:00Z","last_used_time":"0001-01-01T00:00:00Z"}]}}`)
		case "/api/auth/2fa/generate":
			_, _ = io.WriteString(w, `{"code":200,"data":{"secret":"javascript:alert(1)"}}`)
		}
	})))), grant())
	list, err := a.Devices(t.Context())
	if err != nil || len(list) != 2 {
		t.Fatalf("Devices = %+v, %v", list, err)
	}
	for _, d := range list {
		if !d.LastActive.IsZero() || len([]rune(d.UserAgent)) > 301 || strings.ContainsAny(d.UserAgent, "\x1b\u202e\x00\n") {
			t.Errorf("device %+v", d)
		}
	}
	keys, err := a.SSHKeys(t.Context())
	if err != nil || len(keys) != 1 || keys[0].Title != "" || !keys[0].AddedAt.IsZero() || !keys[0].LastUsedAt.IsZero() {
		t.Errorf("SSHKeys = %+v, %v", keys, err)
	}
	_, err = a.StartFactor(t.Context())
	wants(t, err, "server_garbled")
	_, err = a.EndOtherDevices(t.Context())
	wants(t, err, "server_not_alist")
}

func TestManyDevicesAndKeys(t *testing.T) {
	var sessions, keys strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&sessions, `,{"session_id":"%032x","user_id":%d,"last_active":%d,"ua":%q,"ip":"10.*.*.6"}`, i, i%7, i+1, strings.Repeat("u", 512))
	}
	for i := range 1000 {
		fmt.Fprintf(&keys, `,{"id":%d,"title":%q,"fingerprint":"SHA256:%043d","added_time":"2026-11-20T20:17:30Z","last_used_time":"2026-11-20T20:17:30Z"}`, i, strings.Repeat("t", 200), i)
	}
	a := account(t, open(t, options(t, serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/api/me":
			_, _ = io.WriteString(w, `{"code":200,"data":{"id":3,"username":"bob","role":[2]}}`)
		case "/api/me/sessions", "/api/admin/session/list":
			_, _ = io.WriteString(w, `{"code":200,"data":[`+sessions.String()[1:]+`]}`)
		default:
			_, _ = io.WriteString(w, `{"code":200,"data":{"content":[`+keys.String()[1:]+`]}}`)
		}
	})))), grant())
	for name, list := range map[string]func(context.Context) ([]remote.Device, error){"own": a.Devices, "all": a.AllDevices} {
		if got, err := list(t.Context()); err != nil || len(got) != 5000 || got[0].LastActive.Unix() != 5000 {
			t.Errorf("%s: %d devices, %v", name, len(got), err)
		}
	}
	if got, err := a.SSHKeys(t.Context()); err != nil || len(got) != 1000 {
		t.Errorf("%d keys, %v", len(got), err)
	}
}

// TestPages: a server with pages is read page by page, and one that sends the
// same page for ever is not.
func TestPages(t *testing.T) {
	for _, tc := range []struct {
		total, want, asks int
		same              bool
	}{{2500, 2500, 3, false}, {3000, 3000, 4, false}, {1000, 1000, 2, true}, {100_000, 20_000, 20, false}} {
		asks := 0
		a := account(t, open(t, options(t, serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/api/me":
				_, _ = io.WriteString(w, `{"code":200,"data":{"id":1,"username":"admin","role":[2]}}`)
				return
			case "/api/admin/session/list":
			default:
				w.WriteHeader(http.StatusNotFound)
				return
			}
			var page, size int
			_, _ = fmt.Sscan(r.URL.Query().Get("page"), &page)
			_, _ = fmt.Sscan(r.URL.Query().Get("per_page"), &size)
			asks++
			if tc.same {
				page = 1
			}
			var b strings.Builder
			for i := (page - 1) * size; i < min(page*size, tc.total); i++ {
				fmt.Fprintf(&b, `,{"session_id":"%032x"}`, i)
			}
			_, _ = io.WriteString(w, `{"code":200,"data":[`+strings.TrimPrefix(b.String(), ",")+`]}`)
		})))), grant())
		if got, err := a.AllDevices(t.Context()); err != nil || len(got) != tc.want || asks != tc.asks {
			t.Errorf("%d devices: got %d with %d requests, %v", tc.total, len(got), asks, err)
		}
	}
}

func TestDrift(t *testing.T) {
	at := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	date := at.Format(http.TimeFormat)
	o := options(t, serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", date)
	})))
	took := 2 * time.Second
	here := at.Add(-time.Hour)
	o.Env.Now = func() time.Time { here = here.Add(took); return here }
	c := open(t, o)
	if got := c.Drift(); got != (remote.Drift{}) {
		t.Errorf("before the first answer: %+v", got)
	}
	_, err := c.Detect(t.Context())
	wants(t, err, "server_not_alist")
	got := c.Drift()
	if want := at.Sub(got.At.Add(-took / 2)); got.At.IsZero() || (got.Ahead-want).Abs() > time.Second {
		t.Errorf("Drift = %+v, want about %v", got, want)
	}
	// What was long under way says little, and what is no time says nothing.
	took = 20 * time.Second
	_, _ = c.Detect(t.Context())
	date, took = "tomorrow", 0
	_, _ = c.Detect(t.Context())
	if now := c.Drift(); now != got {
		t.Errorf("after answers that say nothing: %+v, want %+v", now, got)
	}
}

func TestHandlersThatMisbehave(t *testing.T) {
	for _, tc := range []struct {
		code    string
		timeout time.Duration
		h       http.HandlerFunc
	}{
		{"server_connection_lost", 0, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
		{"server_slow", 100 * time.Millisecond, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }},
		{"server_too_much", 0, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 2<<20)) }},
	} {
		o := options(t, "http://localhost")
		o.Transport, o.Timeout = remote.InProcess(tc.h), tc.timeout
		_, err := open(t, o).SignIn(t.Context(), credentials("bob"))
		wants(t, err, tc.code)
	}
}
