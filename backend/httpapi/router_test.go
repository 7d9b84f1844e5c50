package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"latchkey/backend/identity"
)

func TestPermissions(t *testing.T) {
	s := start(t, options{})
	const ok, signIn, change, denied, token = "ok", "sign_in_required", "password_change_required", "permission_denied", "token_invalid"
	routes := []string{"GET /me", "GET /open", "POST /password", "GET /users", "GET /logout"}
	for who, want := range map[string][]string{
		"":        {signIn, ok, signIn, signIn, ok},
		"ann":     {ok, ok, ok, denied, ok},
		"admin":   {ok, ok, ok, ok, ok},
		"fresh":   {change, change, ok, change, ok},
		"off":     {signIn, signIn, signIn, signIn, ok},
		"nobody":  {signIn, signIn, signIn, signIn, ok},
		"noguest": {signIn, signIn, signIn, signIn, ok},
		"garbage": {token, token, token, token, ok},
	} {
		for i, route := range routes {
			for _, prefix := range []string{"", "/alpha"} {
				target := strings.Replace(route, "/", prefix+"/", 1)
				got := s.ask(t, target+" HTTP/1.1\r\nHost: HOST\r\nAuthorization: "+who+"\r\n\r\n")
				if got.status != http.StatusOK || got.env.Code != want[i] {
					t.Errorf("%q at %s: %d %s, want %s", who, target, got.status, got.body, want[i])
				}
			}
		}
	}
}

func TestRoutesAreListed(t *testing.T) {
	routes := new(fixture).mux("x").Routes()
	if got := routes[0]; got.Method != http.MethodPost || got.Pattern != "/login" || got.Permission != identity.Public || got.Handle == nil {
		t.Errorf("first route: %+v", got)
	}
	if got := routes[len(routes)-1].Pattern; got != "/wait" {
		t.Errorf("last route: %s", got)
	}
}

func TestIncompleteRoutesPanic(t *testing.T) {
	h := func(http.ResponseWriter, *http.Request) error { return nil }
	for _, tc := range []struct {
		route string
		perm  identity.Permission
		h     Handler
		doc   Doc
	}{
		{"/login", identity.Public, h, doc}, {"POST login", identity.Public, h, doc}, {" /login", identity.Public, h, doc},
		{"POST /login", "", h, doc}, {"POST /login", identity.Public, nil, doc}, {"POST /login", identity.Public, h, Doc{}},
	} {
		if !panics(func() { NewMux(Dialect{}).Handle(tc.route, tc.perm, tc.h, tc.doc) }) {
			t.Errorf("%q with permission %q was accepted", tc.route, tc.perm)
		}
	}
	twice := NewMux(Dialect{})
	twice.Handle("GET /a", identity.Public, h, doc)
	if !panics(func() { NewRouter(slog.Default(), nil, Mount{"", twice}, Mount{"", twice}) }) {
		t.Error("two routes for one path were accepted")
	}
}

func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return false
}

// serve answers one request without a guard or a connection.
func serve(t *testing.T, h Handler, r *http.Request) (rec *httptest.ResponseRecorder, logs string, panicked any) {
	t.Helper()
	out := &safeBuffer{}
	m := NewMux(testDialect("x"))
	m.Handle("GET /x", identity.Public, h, doc)
	rec = httptest.NewRecorder()
	defer func() { panicked, logs = recover(), out.String() }()
	NewRouter(slog.New(slog.NewTextHandler(out, nil)), nil, Mount{"", m}).ServeHTTP(rec, r)
	return rec, out.String(), nil
}

func TestRouterWorksWithoutAGuard(t *testing.T) {
	rec, logs, p := serve(t, func(http.ResponseWriter, *http.Request) error { return errors.New("canary-cause") },
		httptest.NewRequest(http.MethodGet, "/x", nil))
	if p != nil || rec.Code != http.StatusOK || strings.Contains(rec.Body.String(), "canary") || strings.Count(logs, "canary-cause") != 1 {
		t.Errorf("%v %d %s, logged %q", p, rec.Code, rec.Body, logs)
	}
}

func TestPrincipalWithoutAGuard(t *testing.T) {
	m := NewMux(testDialect("x"))
	m.Handle("GET /me", identity.OwnAccount, new(fixture).me, doc)
	r := httptest.NewRequest(http.MethodGet, "/x/me", nil)
	r.Header.Set("Authorization", "ann")
	rec := httptest.NewRecorder()
	router := NewRouter(slog.New(slog.DiscardHandler), nil, Mount{"/x", m})
	router.ServeHTTP(rec, r)
	if !strings.Contains(rec.Body.String(), `"data":5`) {
		t.Errorf("%s", rec.Body)
	}
	rec = httptest.NewRecorder()
	router.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/y", nil))
	if rec.Code != http.StatusNotFound || !strings.Contains(rec.Body.String(), `"dialect":"x"`) {
		t.Errorf("outside every mount: %d %s", rec.Code, rec.Body)
	}
}

func TestNobodyWaitsAnyMore(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, logs, p := serve(t, func(_ http.ResponseWriter, r *http.Request) error { return r.Context().Err() },
		httptest.NewRequest(http.MethodGet, "/x", nil).WithContext(ctx))
	if err, _ := p.(error); !errors.Is(err, http.ErrAbortHandler) || logs != "" {
		t.Errorf("panic %v, logged %q; want the connection cut and silence", p, logs)
	}
}

func TestFaultsBehindABusyAnswerAreLogged(t *testing.T) {
	busy := identity.NewError(identity.Unavailable, "storage_failing", "Storage is failing.")
	for _, err := range []error{busy, busy.Because(errors.New("canary-cause"))} {
		rec, logs, _ := serve(t, func(http.ResponseWriter, *http.Request) error { return err }, httptest.NewRequest(http.MethodGet, "/x", nil))
		if rec.Code != http.StatusServiceUnavailable || strings.Contains(rec.Body.String(), "canary") {
			t.Errorf("%v: %d %s", err, rec.Code, rec.Body)
		}
		if got, want := strings.Contains(logs, "canary-cause"), errors.Unwrap(err) != nil; got != want {
			t.Errorf("%v: logged %q", err, logs)
		}
	}
}

func TestWireErrorIsAlsoOneOfOurs(t *testing.T) {
	err := error(MethodNotAllowed("GET", "POST"))
	if identity.KindOf(err) != identity.Invalid || identity.AsError(err).Code != "method_not_allowed" || err.Error() == "" {
		t.Errorf("%v is of kind %v", err, identity.KindOf(err))
	}
}

// A program is told that its key is at fault, not its owner.
func TestKeyThatMayNot(t *testing.T) {
	key := identity.Principal{
		User: identity.User{ID: identity.AdminID, Roles: []identity.RoleID{identity.RoleAdmin}},
		Key:  identity.KeyAct{ID: 1, Kind: identity.KeyAPI, Limit: []identity.Permission{identity.Read}},
	}
	for perm, want := range map[identity.Permission]error{
		identity.OwnAccountRead: nil, identity.OwnAccount: errKeyPermission, identity.UserRead: errKeyPermission,
	} {
		err := authorize(&key, perm)
		if (err == nil) != (want == nil) || err != nil && identity.AsError(err).Message != errKeyPermission.Message {
			t.Errorf("%s with a key: %v, want %v", perm, err, want)
		}
	}
}
