package httpapi

import (
	"fmt"
	"net/http"
	"strings"

	"latchkey/backend/identity"
)

// A Handler answers one route. It returns an error instead of writing one.
// Its request's context holds the principal, unless the route is Public.
type Handler func(w http.ResponseWriter, r *http.Request) error

// A Route is one entry of the route table.
type Route struct {
	Method     string // GET answers HEAD too, unless HEAD has its own route
	Pattern    string // path pattern of net/http's ServeMux, without the prefix of a mount
	Permission identity.Permission
	Handle     Handler
	Doc        Doc
}

// A Dialect is how one API carries credentials and tells errors.
type Dialect struct {
	Name string

	// Authenticate finds out who sends a request: somebody signed in, or the
	// guest where guests are allowed, otherwise an error. It is called for
	// each route that is not Public, and again after a body has arrived.
	Authenticate func(*http.Request) (identity.Principal, error)

	// WriteError writes an error in the dialect's envelope. A status of 0
	// leaves the HTTP status to the dialect; any other must be used. The kit
	// has already set Retry-After, Allow and Connection where they belong.
	WriteError func(w http.ResponseWriter, r *http.Request, err *identity.Error, status int)

	// KeyUsed, if it is set, is told of each request that was made with a key
	// for programs, after it was answered: by which route, and with what HTTP
	// status.
	KeyUsed func(r *http.Request, pattern string, key identity.KeyAct, status int)

	// About is what the API's description says beside its routes.
	About About
}

// A Mux collects the routes of one dialect.
type Mux struct {
	dialect Dialect
	routes  []Route
}

// NewMux returns an empty route table for a dialect.
func NewMux(d Dialect) *Mux { return &Mux{dialect: d} }

// Handle adds a route, given as method and path pattern with a space between.
// It panics on anything else, on a route without a permission and on one
// without a summary: all are mistakes in the program that no request can cause.
func (m *Mux) Handle(route string, perm identity.Permission, h Handler, doc Doc) {
	method, pattern, ok := strings.Cut(route, " ")
	if !ok || method == "" || !strings.HasPrefix(pattern, "/") || perm == "" || h == nil || doc.Summary == "" {
		panic(fmt.Sprintf("httpapi: route %q of %s is incomplete", route, m.dialect.Name))
	}
	m.routes = append(m.routes, Route{method, pattern, perm, h, doc})
}

// Dialect returns whose routes these are.
func (m *Mux) Dialect() Dialect { return m.dialect }

// Routes returns the table, in the order in which it was made.
func (m *Mux) Routes() []Route { return m.routes }
