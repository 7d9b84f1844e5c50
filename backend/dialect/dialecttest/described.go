package dialecttest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"latchkey/backend/httpapi"
	"latchkey/backend/httpapi/openapi"
)

// A description is a dialect's OpenAPI document, to hold exchanges against.
type description struct {
	doc    *openapi3.T
	routes routers.Router
}

// describe makes and reads the document of a route table.
func describe(m *httpapi.Mux) (*description, error) {
	text, err := openapi.Describe(m)
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, fmt.Errorf("read the description: %w", err)
	}
	routes, err := router(text, m.Routes())
	if err != nil {
		return nil, fmt.Errorf("route by the description: %w", err)
	}
	return &description{doc, routes}, nil
}

// router finds operations by requests. OpenAPI has no word for a parameter that
// takes the rest of a path; the router has.
func router(text []byte, routes []httpapi.Route) (routers.Router, error) {
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, err
	}
	for _, r := range routes {
		open, rest := strings.CutSuffix(r.Pattern, "...}")
		if item := doc.Paths.Value(open + "}"); rest && item != nil {
			doc.Paths.Delete(open + "}")
			doc.Paths.Set(open+":.*}", item)
		}
	}
	return gorillamux.NewRouter(doc)
}

// checkDescription checks that the document is OpenAPI and has every route of
// the table and no other.
func checkDescription(t *testing.T, d *description, routes []httpapi.Route) {
	t.Helper()
	if err := d.doc.Validate(t.Context()); err != nil || !d.doc.IsOpenAPI31OrLater() {
		t.Errorf("the description is not OpenAPI 3.1: %v", err)
	}
	var got, want []string
	for path, item := range d.doc.Paths.Map() {
		for method := range item.Operations() {
			got = append(got, method+" "+path)
		}
	}
	for _, r := range routes {
		want = append(want, strings.NewReplacer("{$}", "", "...}", "}").Replace(nameOf(r)))
	}
	sameList(t, "the description has", got, want)
}

// check holds an exchange against the document: its answer, and if that is a
// success also the request. What no route answers is not in it.
func (d *description) check(ctx context.Context, request string, code int, a Answer) error {
	if d == nil {
		return nil
	}
	r, err := parseRequest(ctx, request, "", netip.AddrPort{})
	if err != nil {
		return err
	}
	dropEmpty(r.URL)
	route, params, err := d.routes.FindRoute(r)
	if err != nil {
		if code < http.StatusBadRequest && r.Method != http.MethodHead {
			return fmt.Errorf("the description has no %s %s: %w", r.Method, r.URL.Path, err)
		}
		return nil
	}
	in := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route, Options: options()}
	if code < http.StatusBadRequest {
		if err := openapi3filter.ValidateRequest(ctx, in); err != nil {
			return fmt.Errorf("the request is not as described: %w", err)
		}
	}
	err = openapi3filter.ValidateResponse(ctx, &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: a.Status, Header: a.Header, Options: options(),
		Body: io.NopCloser(bytes.NewReader(a.Body)),
	})
	if err != nil {
		return fmt.Errorf("the answer is not as described: %w", err)
	}
	return nil
}

// dropEmpty takes parameters without a value out of a query: they are read as
// if they were not there, for which OpenAPI has no good word.
func dropEmpty(u *url.URL) {
	q := u.Query()
	maps.DeleteFunc(q, func(_ string, values []string) bool { return strings.Join(values, "") == "" })
	u.RawQuery = q.Encode()
}

func options() *openapi3filter.Options {
	return &openapi3filter.Options{
		AuthenticationFunc:    openapi3filter.NoopAuthenticationFunc,
		IncludeResponseStatus: true,
		SkipSettingDefaults:   true,
	}
}
