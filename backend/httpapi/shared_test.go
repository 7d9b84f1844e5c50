package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"latchkey/backend/identity"
)

// Two dialects share the root: both have "POST /login", which tells its
// dialect and what it read, and "GET /me", each with its own people.

func sharing(t *testing.T, choose func(*http.Request) string) *Router {
	t.Helper()
	one, two := NewMux(testDialect("one")), NewMux(testDialect("two"))
	for name, m := range map[string]*Mux{"one": one, "two": two} {
		m.Handle("POST /login", identity.Public, func(w http.ResponseWriter, r *http.Request) error {
			var body loginBody
			if err := DecodeJSON(w, r, maxBody, &body); err != nil {
				return err
			}
			return WriteJSON(w, http.StatusOK, envelope{Code: "ok", Dialect: name, Data: body.Username})
		}, doc)
		m.Handle("GET /only-"+name, identity.Public, new(fixture).me, doc)
	}
	one.Handle("GET /me", identity.Public, new(fixture).me, doc)
	two.Handle("GET /me", identity.UserManage, new(fixture).me, doc)
	return NewRouter(slog.New(slog.DiscardHandler), Choices{"POST /login": choose, "GET /me": choose},
		Mount{"", one}, Mount{"", two}, Mount{"/two", two})
}

// remembers chooses as a body with the field remember does.
func remembers(r *http.Request) string {
	var body struct {
		Remember json.RawMessage `json:"remember"`
	}
	if PeekJSON(r, maxBody, &body) && body.Remember != nil {
		return "two"
	}
	return "one"
}

func answer(h http.Handler, method, path, body string, header ...string) (*httptest.ResponseRecorder, envelope) {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	var e envelope
	_ = json.Unmarshal(rec.Body.Bytes(), &e)
	return rec, e
}

func TestSharedRouteIsAnsweredByTheChosenDialect(t *testing.T) {
	router := sharing(t, remembers)
	for _, tc := range []struct{ name, path, body, dialect, code string }{
		{"neither", "/login", `{"username":"ann"}`, "one", "ok"},
		{"the field", "/login", `{"username":"ann","remember":false}`, "two", "ok"},
		{"the field in another case", "/login", `{"username":"ann","REMEMBER":true}`, "two", "ok"},
		{"the field as null", "/login", `{"username":"ann","remember":null}`, "two", "ok"},
		{"an error of the chosen", "/login", `{"username":7,"remember":true}`, "two", "field_type"},
		{"no JSON", "/login", `remember`, "one", "body_not_json"},
		{"nothing", "/login", ``, "one", "body_empty"},
		{"the field twice", "/login", `{"remember":true,"remember":true}`, "one", "field_duplicate"},
		{"cut off", "/login", `{"username":"ann","remember":true`, "one", "body_not_json"},
		{"two values", "/login", `{"remember":true}{}`, "one", "body_not_object"},
		{"below a prefix", "/two/login", `{"username":"ann"}`, "two", "ok"},
	} {
		rec, e := answer(router, http.MethodPost, tc.path, tc.body)
		if e.Dialect != tc.dialect || e.Code != tc.code || e.Code == "ok" && e.Data != "ann" {
			t.Errorf("%s: %s, want %s of %s", tc.name, rec.Body, tc.code, tc.dialect)
		}
	}
}

// The chosen endpoint runs whole: no choice gets around a permission.
func TestChosenDialectAsksForItsPermission(t *testing.T) {
	router := sharing(t, func(r *http.Request) string { return r.Header.Get("Choose") })
	for _, tc := range []struct{ choose, who, dialect, code string }{
		{"one", "", "", "ok"},
		{"two", "", "two", "sign_in_required"},
		{"two", "ann", "two", "permission_denied"},
		{"two", "garbage", "two", "token_invalid"},
		{"two", "admin", "", "ok"},
		{"no such dialect", "", "", "ok"},
	} {
		rec, e := answer(router, http.MethodGet, "/me", "", "Choose", tc.choose, "Authorization", tc.who)
		if e.Code != tc.code || e.Dialect != tc.dialect {
			t.Errorf("%+v: %s", tc, rec.Body)
		}
	}
}

func TestRefusalsAtASharedRootAreTheOwners(t *testing.T) {
	router := sharing(t, remembers)
	for _, tc := range []struct{ method, path, dialect, allow string }{
		{http.MethodDelete, "/only-one", "one", "GET, HEAD"},
		{http.MethodDelete, "/only-two", "two", "GET, HEAD"},
		{http.MethodGet, "/login", "one", "POST"},
		{http.MethodGet, "/nothing", "one", ""},
		{http.MethodGet, "/two/nothing", "two", ""},
		{http.MethodGet, "/only-two/../only-two", "one", ""},
	} {
		rec, e := answer(router, tc.method, tc.path, "")
		if e.Dialect != tc.dialect || rec.Header().Get("Allow") != tc.allow || rec.Code < http.StatusBadRequest {
			t.Errorf("%s %s: %d, Allow %q, %s", tc.method, tc.path, rec.Code, rec.Header().Get("Allow"), rec.Body)
		}
	}
	rec := httptest.NewRecorder()
	router.Refuse(rec, httptest.NewRequest(http.MethodGet, "/only-two", nil), errHost)
	if !strings.Contains(rec.Body.String(), `"dialect":"two"`) {
		t.Errorf("a refusal before routing: %s", rec.Body)
	}
}

func TestChoiceThatPanics(t *testing.T) {
	rec, e := answer(sharing(t, func(*http.Request) string { panic("canary-panic") }), http.MethodPost, "/login", "{}")
	if rec.Code != http.StatusInternalServerError || e.Dialect != "one" || strings.Contains(rec.Body.String(), "canary") {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
}

func TestChoicesMustFitTheRoutes(t *testing.T) {
	m := NewMux(testDialect("x"))
	m.Handle("GET /a", identity.Public, new(fixture).me, doc)
	choose := func(*http.Request) string { return "x" }
	for name, make := range map[string]func(){
		"one route":    func() { NewRouter(slog.Default(), Choices{"GET /a": choose}, Mount{"", m}) },
		"no route":     func() { NewRouter(slog.Default(), Choices{"GET /b": choose}, Mount{"", m}) },
		"other prefix": func() { NewRouter(slog.Default(), Choices{"GET /a": choose}, Mount{"", m}, Mount{"/x", m}) },
	} {
		if !panics(make) {
			t.Errorf("%s: accepted", name)
		}
	}
}

// A body that breaks off tells the reader after the peek what it told the peek.
type brokenBody struct {
	io.Reader
	err error
}

func (b *brokenBody) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err == io.EOF {
		err = b.err
	}
	return n, err
}

func (*brokenBody) Close() error { return nil }

func TestPeekLeavesTheBodyAsItWas(t *testing.T) {
	long := `{"remember":"` + strings.Repeat("x", int(maxBody)) + `"}`
	full := `{"remember":"` + strings.Repeat("x", int(maxBody)-len(`{"remember":""}`)) + `"}`
	broken := errors.New("connection reset")
	for _, tc := range []struct {
		name   string
		body   io.ReadCloser
		length int64
		header string
		peeked bool
		want   string // of what was not peeked at: the same
	}{
		{"whole", io.NopCloser(strings.NewReader(`{"remember":1}`)), 14, "application/json", true, `{"remember":1}`},
		{"as long as may be", io.NopCloser(strings.NewReader(full)), -1, "application/json", true, full},
		{"too long, and says so", io.NopCloser(strings.NewReader(long)), int64(len(long)), "application/json", false, long},
		{"too long", io.NopCloser(strings.NewReader(long)), -1, "application/json", false, long},
		{"of another type", io.NopCloser(strings.NewReader(`{"remember":1}`)), 14, "text/plain", false, `{"remember":1}`},
		{"broken off", &brokenBody{strings.NewReader(`{"remember":1}`), broken}, -1, "application/json", false, `{"remember":1}`},
	} {
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.Header.Set("Content-Type", tc.header)
		r.Body, r.ContentLength = tc.body, tc.length
		for range 2 { // also after another peek
			var dst struct{ Remember json.RawMessage }
			if got := PeekJSON(r, maxBody, &dst); got != tc.peeked || got != (dst.Remember != nil) {
				t.Errorf("%s: PeekJSON = %v, %s", tc.name, got, dst.Remember)
			}
		}
		rest, err := io.ReadAll(r.Body)
		if string(rest) != tc.want || (err != nil) != (tc.name == "broken off") || err != nil && !errors.Is(err, broken) {
			t.Errorf("%s: left %d bytes and %v", tc.name, len(rest), err)
		}
	}
}

// Over a real connection, what is wrong with a body is told after a peek in
// the same words, with the same status and the connection treated alike.
func TestPeekThenDecodeAnswersAlike(t *testing.T) {
	plain, peeked := start(t, options{tune: fast}), start(t, options{tune: fast, peek: true})
	head := "POST /login HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\n"
	for name, text := range map[string]string{
		"whole":              head + "Content-Length: 18\r\n\r\n" + `{"username":"ann"}`,
		"chunked":            head + "Transfer-Encoding: chunked\r\n\r\n12\r\n" + `{"username":"ann"}` + "\r\n0\r\n\r\n",
		"too large":          head + "Content-Length: 100000\r\n\r\n",
		"too large, chunked": head + "Transfer-Encoding: chunked\r\n\r\n4e20\r\n" + strings.Repeat(" ", 20000) + "\r\n",
		"slow":               head + "Content-Length: 18\r\n\r\n" + `{"user`,
		"broken chunks":      head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
		"empty":              head + "Content-Length: 0\r\n\r\n",
		"no JSON":            head + "Content-Length: 3\r\n\r\nabc",
		"another type":       "POST /login HTTP/1.1\r\nHost: HOST\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nabc",
	} {
		a, b := plain.ask(t, text), peeked.ask(t, text)
		if a.status != b.status || a.body != b.body || a.close != b.close {
			t.Errorf("%s: %d %s (closes: %v), after a peek %d %s (closes: %v)", name, a.status, a.body, a.close, b.status, b.body, b.close)
		}
	}
}

func FuzzPeekJSON(f *testing.F) {
	for _, s := range []string{`{"remember":1}`, `{}`, ``, `[1]`, `{"remember":1,"REMEMBER":2}`, "{\"a\":\"\xff\"}", `{"remember":1}x`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		const limit = 64
		ask := func(peek bool) (bool, loginBody, string) {
			r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			r.ContentLength = -1
			var all map[string]json.RawMessage
			did := peek && PeekJSON(r, limit, &all)
			var dst loginBody
			err := DecodeJSON(httptest.NewRecorder(), r, limit, &dst)
			if err == nil && peek && !did {
				t.Errorf("PeekJSON saw nothing in %q", body)
			}
			return did, dst, identity.AsError(err).Code
		}
		_, want, wantCode := ask(false)
		_, got, gotCode := ask(true)
		if wantCode != gotCode || want.Username != got.Username {
			t.Errorf("%q: %s and after a peek %s", body, wantCode, gotCode)
		}
	})
}
