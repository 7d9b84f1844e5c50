package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"latchkey/backend/dialect/dialecttest"
)

// TestDialectsTogether plays what several dialects, or one at several places,
// answer together. Paths stand there in full.
func TestDialectsTogether(t *testing.T) { dialecttest.Play(t, "testdata/cross/*.txtar") }

func TestAPIsAreDescribed(t *testing.T) {
	s, _ := start(t, settings(t, t.TempDir()))
	_, page := get(t, s.Addresses().HTTP+"/docs")
	_, names, ok := strings.Cut(page, `data-names="`)
	names, _, _ = strings.Cut(names, `"`)
	if !ok || names == "" {
		t.Fatalf("the page names no APIs:\n%s", page)
	}
	for name := range strings.FieldsSeq(names) {
		status, text := get(t, s.Addresses().HTTP+"/openapi/"+name+".json")
		var doc struct {
			OpenAPI string
			Servers []struct{ URL string }
		}
		if err := json.Unmarshal([]byte(text), &doc); err != nil || status != http.StatusOK || !strings.HasPrefix(doc.OpenAPI, "3.1") {
			t.Errorf("%s: %d, %v, %q", name, status, err, doc.OpenAPI)
		}
		if len(doc.Servers) != 2 || doc.Servers[0].URL != "/"+name || doc.Servers[1].URL != "/" {
			t.Errorf("%s is served at %v", name, doc.Servers)
		}
	}
}

// Only the page may run scripts; no answer of an API may.
func TestOnlyThePageMayRunScripts(t *testing.T) {
	s, _ := start(t, settings(t, t.TempDir()))
	for path, want := range map[string]string{
		"/docs": "script-src 'self'", "/docs/page.js": "default-src 'none';", "/openapi/alist.json": "default-src 'none';",
		"/ping": "default-src 'none';", "/docs/nothing": "default-src 'none';",
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.Addresses().HTTP+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		policy := resp.Header.Values("Content-Security-Policy")
		if len(policy) != 1 || !strings.Contains(policy[0], want) || strings.Contains(policy[0], "script-src") != (path == "/docs") {
			t.Errorf("%s has the policy %q", path, policy)
		}
	}
}
