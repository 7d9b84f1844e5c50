package server_test

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// operation is a row of the table of documented operations.
var operation = regexp.MustCompile("(?m)^\\| [^|]+ \\| `([A-Z]+ /[^`]*)` \\| \\[[^]]+\\]\\(dialect/([a-z]+)/testdata/([a-z0-9-]+\\.txtar)\\) \\|$")

// The table in backend/README.md is true: each row is a route of its dialect,
// and the recording that it names asks for it.
func TestDocumentedOperations(t *testing.T) {
	s, _ := start(t, settings(t, t.TempDir()))
	routes := map[string][]string{}
	for _, dialect := range []string{"alist", "drive", "xswitch", "iam"} {
		routes[dialect] = described(t, s.Handler(), dialect)
	}
	table, err := os.ReadFile(filepath.Join("..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := operation.FindAllStringSubmatch(string(table), -1)
	if len(rows) < 45 {
		t.Fatalf("the table has %d operations", len(rows))
	}
	for _, row := range rows {
		route, dialect, file := row[1], row[2], row[3]
		if !slices.Contains(routes[dialect], route) {
			t.Errorf("%s does not serve %s", dialect, route)
		}
		recording, err := os.ReadFile(filepath.Join("..", "dialect", dialect, "testdata", file))
		if err != nil {
			t.Error(err)
			continue
		}
		if !asks(string(recording), route) {
			t.Errorf("%s of %s does not ask %s", file, dialect, route)
		}
	}
}

// described returns the routes that the description of a dialect tells of.
func described(t *testing.T, h http.Handler, dialect string) []string {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost:5244/openapi/"+dialect+".json", nil)
	addr, err := net.ResolveTCPAddr("tcp", "127.0.0.1:5244")
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, addr)))
	var doc struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
		t.Fatalf("the description of %s: %d, %v", dialect, w.Code, err)
	}
	var out []string
	for path, methods := range doc.Paths {
		for method := range methods {
			out = append(out, strings.ToUpper(method)+" "+path)
		}
	}
	return out
}

// asks reports whether a recording has a request for a route.
func asks(recording, route string) bool {
	pattern := regexp.MustCompile(`\\\{[a-z_]+\\\}`).ReplaceAllString(regexp.QuoteMeta(route), `[^/?\s]+`)
	return regexp.MustCompile(`(?m)^` + pattern + `(\?\S*)?$`).MatchString(strings.ReplaceAll(recording, "\r", ""))
}
