package openapi_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"latchkey/backend/httpapi"
	"latchkey/backend/httpapi/openapi"
	"latchkey/backend/identity"
)

func router(apis ...openapi.API) http.Handler {
	return httpapi.NewRouter(slog.New(slog.DiscardHandler), nil, httpapi.Mount{Mux: openapi.Pages(apis...)})
}

func ask(h http.Handler, method, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return rec
}

func TestPages(t *testing.T) {
	h := router(openapi.API{Mux: toy(), Prefixes: []string{"/toy"}})
	for path, media := range map[string]string{
		"/docs": "text/html", "/docs/page.js": "text/javascript", "/docs/page.css": "text/css",
		"/docs/swagger-ui.css": "text/css", "/docs/swagger-ui-bundle.js": "text/javascript",
		"/docs/swagger-ui-standalone-preset.js": "text/javascript", "/openapi/toy.json": "application/json",
	} {
		rec := ask(h, http.MethodGet, path)
		if rec.Code != http.StatusOK || rec.Body.Len() == 0 || !strings.HasPrefix(rec.Header().Get("Content-Type"), media) {
			t.Errorf("%s: %d %q, %d bytes", path, rec.Code, rec.Header().Get("Content-Type"), rec.Body.Len())
		}
		if head := ask(h, http.MethodHead, path); head.Code != http.StatusOK || head.Body.Len() > 0 || head.Header().Get("Etag") != rec.Header().Get("Etag") {
			t.Errorf("HEAD %s: %d %v", path, head.Code, head.Header())
		}
	}
	for request, want := range map[string]int{
		"GET /openapi/other.json": http.StatusNotFound, "GET /docs/": http.StatusNotFound,
		"GET /docs/../docs": http.StatusNotFound, "GET /docs/page.js.gz": http.StatusNotFound,
		"POST /docs": http.StatusMethodNotAllowed, "DELETE /openapi/toy.json": http.StatusMethodNotAllowed,
	} {
		method, path, _ := strings.Cut(request, " ")
		if rec := ask(h, method, path); rec.Code != want || !strings.HasPrefix(rec.Header().Get("Content-Type"), "text/plain") {
			t.Errorf("%s: %d %s, want %d", request, rec.Code, rec.Body, want)
		}
	}
}

func TestPagesAreKeptByClients(t *testing.T) {
	h := router(openapi.API{Mux: toy()})
	for _, path := range []string{"/docs", "/docs/swagger-ui.css", "/openapi/toy.json"} {
		for _, encoding := range []string{"identity", "gzip, br"} {
			first := ask(h, http.MethodGet, path, "Accept-Encoding", encoding)
			etag := first.Header().Get("Etag")
			again := ask(h, http.MethodGet, path, "Accept-Encoding", encoding, "If-None-Match", etag)
			if etag == "" || again.Code != http.StatusNotModified || again.Body.Len() > 0 || first.Header().Get("Cache-Control") != "no-cache" {
				t.Errorf("%s as %s: Etag %q, then %d", path, encoding, etag, again.Code)
			}
			if other := ask(h, http.MethodGet, path, "Accept-Encoding", encoding, "If-None-Match", `"other"`); other.Code != http.StatusOK {
				t.Errorf("%s with another Etag: %d", path, other.Code)
			}
		}
	}
}

func TestPartsComeCompressedToWhoTakesThem(t *testing.T) {
	h := router()
	const path = "/docs/swagger-ui-bundle.js"
	plain, packed := ask(h, http.MethodGet, path), ask(h, http.MethodGet, path, "Accept-Encoding", "gzip")
	z, err := gzip.NewReader(packed.Body)
	if err != nil || packed.Header().Get("Content-Encoding") != "gzip" || plain.Header().Get("Content-Encoding") != "" {
		t.Fatalf("%v; encodings %q and %q", err, packed.Header().Get("Content-Encoding"), plain.Header().Get("Content-Encoding"))
	}
	body, err := io.ReadAll(z)
	if err != nil || !bytes.Equal(body, plain.Body.Bytes()) || plain.Header().Get("Etag") == packed.Header().Get("Etag") ||
		packed.Header().Get("Vary") != "Accept-Encoding" {
		t.Errorf("%v; %d and %d bytes, %v", err, len(body), plain.Body.Len(), packed.Header())
	}
}

var loads = regexp.MustCompile(`(?:src|href)="([^"]*)"`)

// The page names the APIs, runs only what stands beside it, and no other
// answer gets its policy.
func TestPageLoadsItsOwnPartsAlone(t *testing.T) {
	other := httpapi.NewMux(httpapi.Dialect{Name: "other"})
	h := router(openapi.API{Mux: toy()}, openapi.API{Mux: other})
	page := ask(h, http.MethodGet, "/docs")
	if !strings.Contains(page.Body.String(), `data-names="toy other"`) {
		t.Errorf("the page names no APIs:\n%s", page.Body)
	}
	for _, found := range loads.FindAllStringSubmatch(page.Body.String(), -1) {
		if link := found[1]; link != "data:," && ask(h, http.MethodGet, "/"+link).Code != http.StatusOK {
			t.Errorf("the page loads %q", link)
		}
	}
	policy := page.Header().Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self';", "style-src 'self';", "connect-src 'self'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("policy %q lacks %s", policy, want)
		}
	}
	for _, never := range []string{"unsafe", "http", "*"} {
		if strings.Contains(policy, never) {
			t.Errorf("policy %q has %s", policy, never)
		}
	}
	for _, path := range []string{"/docs/page.js", "/openapi/toy.json"} {
		if got := ask(h, http.MethodGet, path).Header().Get("Content-Security-Policy"); got != "" {
			t.Errorf("%s has the policy %q", path, got)
		}
	}
}

func TestNothingIsDescribedBeforeItIsAskedFor(t *testing.T) {
	m := httpapi.NewMux(httpapi.Dialect{Name: "toy"})
	m.Handle("GET /x", identity.Public, nothing, httpapi.Doc{Summary: "Do it.", Data: own{}})
	rec := ask(router(openapi.API{Mux: m}), http.MethodGet, "/openapi/toy.json")
	if rec.Code != http.StatusInternalServerError || strings.Contains(rec.Body.String(), "own") {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
}
