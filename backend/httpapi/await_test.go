package httpapi

import (
	"net/http"
	"strings"
	"testing"

	"latchkey/backend/identity"
)

// A route that reads a body and is not for everybody says the same of it as
// one that is, and in its own order: first who may, then what is wrong with it.
func TestBodiesOfThoseWhoMay(t *testing.T) {
	s := start(t, options{tune: fast})
	head := "POST /users HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\n"
	bodies := map[string]struct{ text, code string }{
		"whole":              {head + "Content-Length: 18\r\n\r\n" + `{"username":"ann"}`, "ok"},
		"chunked":            {head + "Transfer-Encoding: chunked\r\n\r\n12\r\n" + `{"username":"ann"}` + "\r\n0\r\n\r\n", "ok"},
		"slow":               {head + "Content-Length: 18\r\n\r\n" + `{"user`, "body_too_slow"},
		"too large":          {head + "Content-Length: 100000\r\n\r\n", "body_too_large"},
		"too large here":     {head + "Content-Length: 20000\r\n\r\n" + strings.Repeat(" ", 20000), "body_too_large"},
		"too large, chunked": {head + "Transfer-Encoding: chunked\r\n\r\n11170\r\n" + strings.Repeat(" ", 70000) + "\r\n", "body_too_large"},
		"broken chunks":      {head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", "body_incomplete"},
		"empty":              {head + "Content-Length: 0\r\n\r\n", "body_empty"},
		"none":               {head + "\r\n", "body_empty"},
		"no JSON":            {head + "Content-Length: 3\r\n\r\nabc", "body_not_json"},
		"another type":       {strings.Replace(head, "application/json", "text/plain", 1) + "Content-Length: 3\r\n\r\nabc", "media_type_unsupported"},
		"a form":             {strings.Replace(head, "application/json", mediaForm, 1) + "Content-Length: 3\r\n\r\na=b", "media_type_unsupported"},
		"compressed":         {head + "Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", "content_encoding_unsupported"},
	}
	for name, body := range bodies {
		open := s.ask(t, strings.Replace(body.text, "/users", "/login", 1))
		for who, want := range map[string]string{
			"admin": body.code, "ann": "permission_denied", "": "sign_in_required", "garbage": "token_invalid", "fresh": "password_change_required",
		} {
			got := s.ask(t, strings.Replace(body.text, "\r\n", "\r\nAuthorization: "+who+"\r\n", 1))
			if got.env.Code != want {
				t.Errorf("%s of %q: %d %s, want %s", name, who, got.status, got.body, want)
			}
			if who == "admin" && want != "ok" && (got.status != open.status || got.body != open.body || got.close != open.close) {
				t.Errorf("%s: %d %s (closes: %v), where anybody may %d %s (closes: %v)",
					name, got.status, got.body, got.close, open.status, open.body, open.close)
			}
		}
	}
}

// The body of who may not is not asked for.
func TestBodiesOfOthersAreNotRead(t *testing.T) {
	s := start(t, options{})
	for who, want := range map[string]int{"": http.StatusOK, "garbage": http.StatusOK, "ann": http.StatusOK, "admin": http.StatusContinue} {
		got := s.ask(t, "POST /users HTTP/1.1\r\nHost: HOST\r\nAuthorization: "+who+
			"\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 18\r\n\r\n")
		if got.status != want {
			t.Errorf("%q: %d %s, want %d", who, got.status, got.body, want)
		}
	}
}

// Whoever sends a body is asked for when it begins and when it has arrived, and
// where there is none once.
func TestWhoSendsABodyIsAskedAgain(t *testing.T) {
	asked, gone := 0, false
	d := testDialect("x")
	d.Authenticate = func(*http.Request) (identity.Principal, error) {
		if asked++; asked == 2 && gone {
			return identity.Principal{}, errTestToken
		}
		return people["admin"], nil
	}
	m := NewMux(d)
	m.Handle("POST /users", identity.UserManage, new(fixture).login, Doc{Summary: "Make a user.", Body: loginBody{}})
	m.Handle("POST /evict", identity.UserManage, new(fixture).me, doc)
	router := NewRouter(nil, nil, Mount{"", m})
	for _, tc := range []struct {
		path, body string
		gone       bool
		code       string
		asked      int
	}{
		{"/users", `{"username":"ann"}`, false, "ok", 2},
		{"/users", `{"username":"ann"}`, true, "token_invalid", 2},
		{"/users", ``, true, "body_empty", 1},
		{"/evict", `{}`, true, "ok", 1},
	} {
		asked, gone = 0, tc.gone
		if _, e := answer(router, http.MethodPost, tc.path, tc.body); e.Code != tc.code || asked != tc.asked {
			t.Errorf("%+v: %s, asked %d times", tc, e.Code, asked)
		}
	}
}
