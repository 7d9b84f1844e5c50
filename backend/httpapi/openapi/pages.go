package openapi

import (
	"io"
	"net/http"
	"sync"

	"latchkey/backend/httpapi"
	"latchkey/backend/identity"
)

// An API is what the pages describe: a dialect's routes, below each of some
// prefixes.
type API struct {
	Mux      *httpapi.Mux
	Prefixes []string
}

// Pages returns the routes of the documents, as "GET /openapi/NAME.json", and
// of the page that shows them, "GET /docs". They are public, as what they tell
// is no secret, and belong to no dialect.
func Pages(apis ...API) *httpapi.Mux {
	var names []string
	for _, a := range apis {
		names = append(names, a.Mux.Dialect().Name)
	}
	m := httpapi.NewMux(httpapi.Dialect{Name: "docs", Authenticate: nobody, WriteError: writeError})
	add := func(path, summary string, p page) {
		m.Handle("GET "+path, identity.Public, p.serve, httpapi.Doc{Summary: summary, Raw: p.media})
	}
	add("/docs", "Show the APIs to people.", page{
		media: "text/html; charset=utf-8", policy: pagePolicy,
		content: sync.OnceValues(func() (content, error) { return index(names) }),
	})
	for _, a := range assets() {
		add("/docs/"+a.name, "Send a part of that page.", page{media: a.media, content: sync.OnceValues(a.read)})
	}
	for i, a := range apis {
		add("/openapi/"+names[i]+".json", "Describe an API to programs.", page{
			media: "application/json; charset=utf-8", content: sync.OnceValues(func() (content, error) {
				doc, err := Describe(a.Mux, a.Prefixes...)
				return plainContent(doc), err
			}),
		})
	}
	return m
}

// pagePolicy lets the page load its own parts and call this server. The
// viewer's icons stand in data URLs.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// nobody signs in here: all routes are public.
func nobody(*http.Request) (identity.Principal, error) { return identity.Principal{}, nil }

// writeError tells people, in plain text.
func writeError(w http.ResponseWriter, _ *http.Request, e *identity.Error, status int) {
	if status == 0 {
		status = http.StatusInternalServerError // nothing else is refused here
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, e.Message+"\n")
}

// A page is one answer that stays the same until the program ends.
type page struct {
	media   string
	policy  string // of the browser, or "" for that of every answer
	content func() (content, error)
}

func (p page) serve(w http.ResponseWriter, r *http.Request) error {
	c, err := p.content()
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", p.media)
	h.Set("Cache-Control", "no-cache") // it may be kept, but is asked for again each time
	if p.policy != "" {
		h.Set("Content-Security-Policy", p.policy)
	}
	return c.send(w, r)
}
