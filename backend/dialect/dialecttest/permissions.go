package dialecttest

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"latchkey/backend/httpapi"
	"latchkey/backend/identity"
)

// checkPermissions compares the route table with the reviewed lists, and asks
// every route as somebody who may not.
func checkPermissions(t *testing.T, spec Spec, routes []httpapi.Route, prefixes []string) {
	t.Helper()
	checkLists(t, spec, routes)
	for _, prefix := range prefixes {
		w := newWorld(t, spec, prefix, t.TempDir())
		p := player{world: w, dir: testdata, tally: newTally(routes)}
		t.Cleanup(func() { w.stop() })
		if err := p.startWith(spec.Accounts); err != nil {
			t.Fatal(err)
		}
		for _, r := range routes {
			w.checkRoute(r)
		}
	}
}

func checkLists(t *testing.T, spec Spec, routes []httpapi.Route) {
	t.Helper()
	var public, limited []string
	for _, r := range routes {
		switch {
		case r.Permission == "":
			t.Errorf("%s declares no permission", nameOf(r))
		case r.Permission == identity.Public:
			public = append(public, nameOf(r))
		case mustChange().Can(r.Permission):
			limited = append(limited, nameOf(r))
		}
		if spec.forAdmins(r) == ordinary().Can(r.Permission) {
			t.Errorf("%s is for administrators: %v, as is listed: %v", nameOf(r), !ordinary().Can(r.Permission), spec.forAdmins(r))
		}
	}
	sameList(t, "answer anybody", public, spec.Public)
	sameList(t, "answer somebody who must change their password", limited, spec.Limited)
}

// forAdmins reports whether a route is listed as one for administrators.
func (s Spec) forAdmins(r httpapi.Route) bool {
	return slices.Contains(s.AdminRoutes, nameOf(r)) ||
		slices.ContainsFunc(s.AdminAreas, func(area string) bool { return strings.HasPrefix(r.Pattern, area) })
}

func sameList(t *testing.T, what string, got, want []string) {
	t.Helper()
	slices.Sort(got)
	want = slices.Sorted(slices.Values(want))
	if !slices.Equal(got, want) {
		t.Errorf("routes that %s:\n got %q\nwant %q", what, got, want)
	}
}

// The principals that a route is tried as.
func ordinary() identity.Principal {
	return identity.Principal{User: identity.User{ID: 1 << 20, Roles: []identity.RoleID{identity.RoleGeneral}}}
}

func mustChange() identity.Principal {
	p := ordinary()
	p.User.MustChangePassword = true
	return p
}

// checkRoute asks a route as nobody, as an ordinary user and as somebody who
// must change their password, where these may not.
func (w *world) checkRoute(r httpapi.Route) {
	w.t.Helper()
	if r.Permission == identity.Public || r.Method == http.MethodHead { // HEAD shows no envelope; GET at the same path does
		return
	}
	w.refuses(r, "", http.StatusUnauthorized)
	if !ordinary().Can(r.Permission) {
		w.refuses(r, w.spec.OrdinaryUser, http.StatusForbidden)
	}
	if !mustChange().Can(r.Permission) {
		w.refuses(r, w.spec.MustChange, http.StatusForbidden)
	}
}

var wildcard = regexp.MustCompile(`\{[^}]*\}`)

func (w *world) refuses(r httpapi.Route, credential string, want int) {
	w.t.Helper()
	request := r.Method + " " + wildcard.ReplaceAllString(r.Pattern, "1") + "\n"
	if credential != "" {
		request += credential + "\n"
	}
	if r.Method != http.MethodGet {
		request += "Content-Type: application/json\n\n{}"
	}
	code, err := w.ask(request)
	if err != nil || code != want {
		w.t.Errorf("%s%s as %q: got %d, %v; want %d", w.prefix, nameOf(r), credential, code, err, want)
	}
}

// checkErrors checks that every kind of error has an answer of its own kind.
func checkErrors(t *testing.T, spec Spec) {
	t.Helper()
	for _, kind := range identity.Kinds() {
		rec := httptest.NewRecorder()
		e := identity.NewError(kind, "made_up", "This was made up.")
		spec.API.Dialect().WriteError(rec, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil), e, 0)
		a := Answer{rec.Code, rec.Header(), rec.Body.Bytes()}
		code, err := spec.result(a)
		refused := code >= http.StatusBadRequest && code < 600
		fault := code == http.StatusInternalServerError
		if err != nil || !refused || fault != (kind == identity.Internal) {
			t.Errorf("kind %d is answered with %d, %v:\n%s", kind, code, err, a)
		}
	}
}
