package dialecttest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"latchkey/backend/httpapi"
)

// A tally counts for each route how often it was seen to succeed and to refuse.
type tally struct {
	routes []httpapi.Route
	mux    *http.ServeMux

	mu        sync.Mutex
	succeeded map[string]int
	refused   map[string]int
}

func newTally(routes []httpapi.Route) *tally {
	t := &tally{routes: routes, mux: http.NewServeMux(), succeeded: map[string]int{}, refused: map[string]int{}}
	for _, r := range routes {
		t.mux.Handle(nameOf(r), http.NotFoundHandler())
	}
	return t
}

func nameOf(r httpapi.Route) string { return r.Method + " " + r.Pattern }

// count adds one exchange, given by the text of its request.
func (t *tally) count(request string, code int) {
	first, _, _ := strings.Cut(request, "\n")
	method, target, _ := strings.Cut(first, " ")
	u, err := url.ParseRequestURI(target)
	if err != nil {
		return // not a path that a route has
	}
	_, route := t.mux.Handler(&http.Request{Method: method, URL: u})
	t.mu.Lock()
	defer t.mu.Unlock()
	if code < http.StatusBadRequest {
		t.succeeded[route]++
	} else {
		t.refused[route]++
	}
}

// missing lists what no recording shows, but for successes of the routes that
// exist to refuse, and of those that others show; of the former it lists the
// ones seen to succeed.
func (t *tally) missing(spec Spec) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []string
	for _, r := range t.routes {
		name := nameOf(r)
		never := slices.Contains(spec.NeverSucceed, name)
		switch {
		case never && t.succeeded[name] > 0:
			out = append(out, name+" succeeds, and is listed as one that never does")
		case !never && t.succeeded[name] == 0 && !slices.Contains(spec.Meanwhile, name):
			out = append(out, name+" is nowhere seen to succeed")
		}
		if t.refused[name] == 0 {
			out = append(out, name+" is nowhere seen to refuse")
		}
	}
	return out
}
