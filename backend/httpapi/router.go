package httpapi

import (
	"cmp"
	"fmt"
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

// Choices say which dialect answers a route that several have at the same
// place, such as "POST /login": the key is method and path with the prefix. A
// function returns the name of a dialect. If that is none of those that have
// the route, the first mounted answers. It may look into the body with
// [PeekJSON]; it must not change the request otherwise.
type Choices map[string]func(*http.Request) string

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
// last. It panics if two routes claim the same requests and there is no choice
// between them, and if there is one where nothing is to be chosen.
func NewRouter(log *slog.Logger, choices Choices, mounts ...Mount) *Router {
	rt := &Router{mounts: slices.Clone(mounts), mux: http.NewServeMux(), log: log}
	slices.SortStableFunc(rt.mounts, func(a, b Mount) int { return len(b.Prefix) - len(a.Prefix) })
	claims, methods := map[string][]*endpoint{}, map[string]bool{}
	for _, m := range rt.mounts {
		for _, r := range m.Mux.routes {
			at := r.Method + " " + m.Prefix + r.Pattern
			claims[at] = append(claims[at], &endpoint{Route: r, dialect: &m.Mux.dialect, log: log})
			methods[r.Method] = true
		}
	}
	for at, all := range claims {
		rt.mux.Handle(at, answering(at, all, choices[at]))
	}
	for at := range choices {
		if len(claims[at]) < 2 {
			panic(fmt.Sprintf("httpapi: there is nothing to choose at %q", at))
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
	rt.refuse(w, r, rt.dialectOf(r), err)
}

func (rt *Router) refuse(w http.ResponseWriter, r *http.Request, d *Dialect, err error) {
	refusal{d, rt.log}.write(recorded(w), r, err)
}

func (rt *Router) miss(w http.ResponseWriter, r *http.Request) {
	allow, owner := rt.allowed(r)
	if len(allow) > 0 {
		rt.refuse(w, r, owner, MethodNotAllowed(allow...))
		return
	}
	rt.refuse(w, r, rt.dialectAt(r.URL.Path), errNotFound)
}

// allowed returns the methods that the path of a request has, and the dialect
// of the first of them.
func (rt *Router) allowed(r *http.Request) (methods []string, owner *Dialect) {
	probe := r.WithContext(r.Context()) // a copy: Method is the router's to change there
	for _, m := range rt.methods {
		probe.Method = m
		if d := rt.routed(probe); d != nil {
			methods = append(methods, m)
			owner = cmp.Or(owner, d)
		}
	}
	return methods, owner
}

// dialectOf returns the dialect that a request is for: that of its route, or
// of its path.
func (rt *Router) dialectOf(r *http.Request) *Dialect {
	return cmp.Or(rt.routed(r), rt.dialectAt(r.URL.Path))
}

// routed returns the dialect of the route that answers a request, the first of
// several that share it, or nil.
func (rt *Router) routed(r *http.Request) *Dialect {
	switch h, _ := rt.mux.Handler(r); h := h.(type) {
	case *endpoint:
		return h.dialect
	case *shared:
		return h.all[0].dialect
	}
	return nil
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
