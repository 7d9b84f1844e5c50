package httpapi

import (
	"fmt"
	"log/slog"
	"net/http"
)

// answering returns what answers the requests of a route that some dialects
// have at one place.
func answering(at string, all []*endpoint, choose func(*http.Request) string) http.Handler {
	switch {
	case len(all) == 1:
		return all[0]
	case choose == nil:
		panic(fmt.Sprintf("httpapi: %s and %s both have the route %q, and nothing chooses", all[0].dialect.Name, all[1].dialect.Name, at))
	}
	return &shared{all, choose, all[0].log}
}

// A shared route belongs to several dialects. The one that is chosen answers
// as if it were alone: its authentication, permission, handler and envelope.
type shared struct {
	all    []*endpoint
	choose func(*http.Request) string
	log    *slog.Logger
}

func (s *shared) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rec := recorded(w)
	defer func() {
		if p := recover(); p != nil { // in the choice: an endpoint answers for its own
			refusal{s.all[0].dialect, s.log}.panicked(rec, r, p)
		}
	}()
	s.chosen(r).ServeHTTP(rec, r)
}

func (s *shared) chosen(r *http.Request) *endpoint {
	name := s.choose(r)
	for _, e := range s.all {
		if e.dialect.Name == name {
			return e
		}
	}
	return s.all[0]
}
