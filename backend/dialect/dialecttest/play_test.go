package dialecttest

import (
	"errors"
	"io"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"latchkey/backend/httpapi"
	"latchkey/backend/identity"
)

// echo answers with what it is told to: the body of the request.
var echo = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("X-Request-Id", r.RemoteAddr+r.URL.Path)
	if name := r.Header.Get("Drop"); name != "" {
		h.Del(name)
	}
	_, _ = io.Copy(w, r.Body)
})

var spec = Spec{Code: func(a Answer) (int, error) {
	if v, err := parseValue(a.Body); err != nil || v.kind != object {
		return 0, errors.New("no envelope")
	}
	return a.Status, nil
}}

func newPlayer(t *testing.T) player {
	w := &world{
		t: t, spec: spec, handler: echo, clock: newClock(), vars: vars{}, stop: func() {},
		from: netip.MustParseAddrPort("127.0.0.1:40000"),
	}
	return player{world: w, dir: t.TempDir(), tally: newTally(nil)}
}

func TestPlay(t *testing.T) {
	p := newPlayer(t)
	write(t, filepath.Join(p.dir, "scenes", "one.txtar"), `A scene.
-- 1 request --
POST /x

{"token": "abc"}
-- 1 response --
200 OK

{"token": "<token>"}
`)
	path := write(t, filepath.Join(p.dir, "x.txtar"), `All that there is.
-- scene one --
-- from 192.0.2.7 --
-- advance 1h30m --
-- 1 request --
POST /x

{"a": "<token>"}
-- 1 response --
200 OK

{"a": "<token>"}
-- 2 request --
POST /y

{"a": "abc"}
-- 2 response: same as 1 --
-- 3 request: nothing is asked of another dialect's envelope --
POST @/other/z

[1]
-- 3 response --
200 OK
X-Request-Id: 192.0.2.7:40000/other/z

[1]
`)
	if err := p.play(path); err != nil {
		t.Fatal(err)
	}
	if p.from.Addr().String() != "192.0.2.7" || p.clock.Now().Sub(start()).Minutes() != 90 {
		t.Errorf("from %s at %s", p.from, p.clock.Now())
	}
}

func TestPlayFinds(t *testing.T) {
	for _, tc := range []struct{ name, request, response, problem string }{
		{"another body", "POST /x\n\n{}", "200 OK\n\n{\"a\": 1}", "body.a: missing"},
		{"another status", "POST /x\n\n{}", "404 Not Found\n\n{}", "status: got 200 OK"},
		{"no envelope", "POST /x\n\n[]", "200 OK\n\n[]", "no envelope"},
		{"a header that is missing", "POST /x\nDrop: Cache-Control\n\n{}", "200 OK\n\n{}", "header Cache-Control"},
		{"another type", "POST /x\nDrop: Content-Type\n\n{}", "200 OK\n\n{}", errNotJSON.Error()},
		{"an unknown name", "POST /x\n\n<nothing>", "200 OK\n\n{}", "nothing was kept as <nothing>"},
		{"a request that is none", "POST\n", "200 OK\n\n{}", "not a method and a path"},
		{"an answer that is none", "POST /x\n\n{}", "OK\n", "not an HTTP status"},
		{"another answer", "POST /x\n\n{\"a\": 1}", "200 OK\n\n{\"a\": 1}\n-- 2 request --\nPOST /x\n\n{}\n-- 2 response: same as 1 --\n", "the answers differ"},
		{"a scene that is not there", "POST /x\n\n{}", "200 OK\n\n{}\n-- scene gone --\n", "gone.txtar"},
		{"a time that is none", "POST /x\n\n{}", "200 OK\n\n{}\n-- advance soon --\n", "invalid duration"},
		{"settings that come too late", "POST /x\n\n{}", "200 OK\n\n{}\n-- scene set --\n", "its settings come too late"},
		{"an address that is none", "POST /x\n\n{}", "200 OK\n\n{}\n-- from here --\n", "unable to parse IP"},
	} {
		p := newPlayer(t)
		write(t, p.scene("set"), "x\n-- settings --\nlan = true\n-- 1 request --\nPOST /x\n-- 1 response --\n200 OK\n")
		text := "x\n-- 1 request --\n" + tc.request + "\n-- 1 response --\n" + tc.response + "\n"
		err := p.play(write(t, filepath.Join(p.dir, "x.txtar"), text))
		if err == nil || !strings.Contains(err.Error(), tc.problem) {
			t.Errorf("%s: got %v, want %q", tc.name, err, tc.problem)
		}
	}
}

func TestPrepareCollectsSettings(t *testing.T) {
	p := newPlayer(t)
	const exchange = "-- 1 request --\nPOST /x\n-- 1 response --\n200 OK\n"
	write(t, p.scene("one"), "x\n-- settings --\nlan = true\n"+exchange)
	write(t, p.scene("two"), "x\n-- scene one --\n"+exchange)
	for text, want := range map[string]string{
		exchange: "",
		"-- settings --\nsite_title = \"x\"\n-- scene two --\n" + exchange: "site_title = \"x\"\nlan = true\n",
		"-- settings --\nlan = true\n-- scene one --\n" + exchange:         "lan = true\n",
	} {
		s, err := load(write(t, filepath.Join(p.dir, "x.txtar"), "x\n"+text))
		if err != nil {
			t.Fatal(err)
		}
		p.settings = ""
		if err := p.prepare(s); err != nil || p.settings != want {
			t.Errorf("%q: settings %q, %v", text, p.settings, err)
		}
	}
}

func TestPlayUpdates(t *testing.T) {
	p := newPlayer(t)
	p.update = true
	path := write(t, filepath.Join(p.dir, "x.txtar"), `x
-- 1 request --
POST /x

{"token":"abc","n":1}
-- 1 response --
404 Not Found
Cache-Control: x

{"token": "<token>"}
-- 2 request --
POST /x

{"token": "<token>"}
-- 2 response --
`)
	if err := p.play(path); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := `x
-- 1 request --
POST /x

{"token":"abc","n":1}
-- 1 response --
200 OK
Cache-Control: no-store

{"token": "<token>", "n": 1}
-- 2 request --
POST /x

{"token": "<token>"}
-- 2 response --
200 OK

{"token": "<token>"}
`
	if string(got) != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestTally(t *testing.T) {
	route := func(method, pattern string) httpapi.Route {
		return httpapi.Route{Method: method, Pattern: pattern, Permission: identity.Public}
	}
	tally := newTally([]httpapi.Route{route("GET", "/a"), route("POST", "/a"), route("GET", "/b/{id}"), route("POST", "/never")})
	for _, seen := range []struct {
		request string
		code    int
	}{
		{"GET /a?x=y\n", 200}, {"HEAD /a\n", 403}, {"POST /a\n", 404}, {"GET /b/7\n", 200}, {"GET /c\n", 404},
		{"POST /never\n", 200}, {"POST /never\n", 403}, {"nonsense", 400},
	} {
		tally.count(seen.request, seen.code)
	}
	got := strings.Join(tally.missing(Spec{NeverSucceed: []string{"POST /never"}}), "\n")
	want := `POST /a is nowhere seen to succeed
GET /b/{id} is nowhere seen to refuse
POST /never succeeds, and is listed as one that never does`
	if got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}
