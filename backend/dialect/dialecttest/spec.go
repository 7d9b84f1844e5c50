package dialecttest

import (
	"errors"
	"fmt"

	"latchkey/backend/httpapi"
)

// API is a dialect as the composition root mounts it.
type API interface {
	Dialect() httpapi.Dialect
	Mount(m *httpapi.Mux)
}

// A Spec is what the kit must know of a dialect.
type Spec struct {
	API API // to read its route table; nothing is asked of its services

	// Code returns the result that the envelope of an answer in JSON tells, in
	// HTTP's terms, and an error if it is not the dialect's envelope. Without
	// it the result is HTTP's status.
	Code func(Answer) (int, error)

	// Reviewed lists of routes, as "GET /ping".
	Public       []string // that answer anybody
	Limited      []string // that answer also somebody who must change their password
	NeverSucceed []string // that exist to refuse
	Meanwhile    []string // that succeed only while another request is under way, which package server's tests show

	// AdminAreas are the beginnings of the paths that are for administrators
	// alone, and AdminRoutes the routes beside them, as "PUT /users/{id}": all
	// of these are, and no others.
	AdminAreas  []string
	AdminRoutes []string

	// Accounts names a scene that signs people in, and the others are the
	// headers with which they act, as "Authorization: <bob token>".
	Accounts     string
	Admin        string
	OrdinaryUser string
	MustChange   string
}

// errNotJSON is about an answer that no recording says is something else.
var errNotJSON = errors.New("the answer is not JSON")

// result is Code for any answer: one that is not JSON has only its status.
func (s Spec) result(a Answer) (int, error) {
	if s.Code == nil || !a.isJSON() || len(a.Body) == 0 {
		return a.Status, nil
	}
	return s.Code(a)
}

// checkAnswer checks what holds for every answer of every dialect.
func (s Spec) checkAnswer(a Answer) error {
	var errs []error
	for name, want := range map[string]string{
		"Cache-Control":          "no-store",
		"X-Content-Type-Options": "nosniff",
		"Referrer-Policy":        "no-referrer",
	} {
		if got := a.Header.Get(name); got != want {
			errs = append(errs, fmt.Errorf("header %s: got %q, want %q", name, got, want))
		}
	}
	_, err := s.result(a)
	return errors.Join(append(errs, err)...)
}
