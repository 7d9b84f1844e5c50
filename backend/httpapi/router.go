package httpapi

import (
	"log/slog"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
)

// A Mount puts a dialect's routes below a path.
type Mount struct {
	Prefix string // such as "/alist", or "" for the root
	Mux    *Mux
}

// A Router serves the dialects mounted on it. It does not change after it was
// made.
type Router struct {
	mounts  []Mount // the longest prefix first
	methods []string
	mux     *http.ServeMux
	log     *slog.Logger
}

// NewRouter joins dialects. What no route answers, the dialect with the
// longest prefix that fits does, of several the first; where none fits, the
// last. It panics if two routes claim the same requests.
func NewRouter(log *slog.Logger, mounts ...Mount) *Router {
	rt := &Router{mounts: slices.Clone(mounts), mux: http.NewServeMux(), log: log}
	slices.SortStableFunc(rt.mounts, func(a, b Mount) int { return len(b.Prefix) - len(a.Prefix) })
	methods := map[string]bool{}
	for _, m := range rt.mounts {
		for _, r := range m.Mux.routes {
			rt.mux.Handle(r.Method+" "+m.Prefix+r.Pattern, &endpoint{Route: r, dialect: &m.Mux.dialect, log: log})
			methods[r.Method] = true
		}
	}
	if methods[http.MethodGet] {
		methods[http.MethodHead] = true
	}
	rt.methods = slices.Sorted(maps.Keys(methods))
	rt.mux.HandleFunc(anywhere, rt.miss)
	return rt
}

// anywhere is the pattern that fits what no route does.
const anywhere = "/"

// ServeHTTP answers a request by its route.
func (rt *Router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !isCanonical(r) {
		rt.Refuse(w, r, errNotFound) // ServeMux would redirect, and a redirected POST loses its body in some clients
		return
	}
	rt.mux.ServeHTTP(w, r)
}

// Refuse answers a request with an error, in the words of the dialect that
// its path belongs to.
func (rt *Router) Refuse(w http.ResponseWriter, r *http.Request, err error) {
	refusal{rt.dialectAt(r.URL.Path), rt.log}.write(recorded(w), r, err)
}

func (rt *Router) miss(w http.ResponseWriter, r *http.Request) {
	if allow := rt.allowed(r); len(allow) > 0 {
		rt.Refuse(w, r, MethodNotAllowed(allow...))
		return
	}
	rt.Refuse(w, r, errNotFound)
}

// allowed returns the methods that the path of a request has.
func (rt *Router) allowed(r *http.Request) []string {
	probe := r.WithContext(r.Context()) // a copy: Method is the router's to change there
	var out []string
	for _, m := range rt.methods {
		probe.Method = m
		if _, pattern := rt.mux.Handler(probe); pattern != anywhere {
			out = append(out, m)
		}
	}
	return out
}

func (rt *Router) dialectAt(path string) *Dialect {
	for _, m := range rt.mounts {
		rest, ok := strings.CutPrefix(path, m.Prefix)
		if m.Prefix == "" || ok && (rest == "" || rest[0] == '/') {
			return &m.Mux.dialect
		}
	}
	return &rt.mounts[len(rt.mounts)-1].Mux.dialect
}

// isCanonical reports whether a path is absolute and without empty, "." and
// ".." elements, as sent. Escaped ones are part of a name and stay.
func isCanonical(r *http.Request) bool {
	p := r.URL.EscapedPath()
	if !strings.HasPrefix(p, "/") {
		return false
	}
	clean := path.Clean(p)
	return clean == p || clean+"/" == p
}
