package dialecttest

import (
	"net/http"
	"strings"
	"testing"

	"latchkey/backend/httpapi"
	"latchkey/backend/identity"
)

type (
	thing struct {
		Name  string   `json:"name"`
		Count *int     `json:"count"`
		Tags  []string `json:"tags"`
		Note  string   `json:"note,omitempty"`
	}
	newThing struct {
		Name string `json:"name" required:"true"`
		Size int    `json:"size"`
	}
	thingQuery struct {
		Page int `query:"page"`
	}
	refusal struct {
		Error string `json:"error"`
	}
)

// things is a table as a dialect's, of which the wire structs matter only.
func things(t *testing.T) (*httpapi.Mux, *description) {
	t.Helper()
	m := httpapi.NewMux(httpapi.Dialect{Name: "toy", About: httpapi.About{Title: "Toy", Version: "1", Refusal: refusal{}}})
	nothing := func(http.ResponseWriter, *http.Request) error { return nil }
	m.Handle("POST /things/{id}", identity.Public, nothing, httpapi.Doc{
		Summary: "Make one.", Query: thingQuery{}, Body: newThing{}, Form: true, Data: thing{},
	})
	m.Handle("GET /picture/{path...}", identity.Public, nothing, httpapi.Doc{Summary: "Draw one.", Raw: "image/png"})
	d, err := describe(m)
	if err != nil {
		t.Fatal(err)
	}
	return m, d
}

func TestDescriptionHasTheTable(t *testing.T) {
	m, d := things(t)
	checkDescription(t, d, m.Routes())
}

// What has drifted from the wire structs is noticed, whichever way.
func TestExchangeMustBeAsDescribed(t *testing.T) {
	_, d := things(t)
	const (
		post   = "POST /things/7?page=2\nContent-Type: application/json\n\n"
		asked  = post + `{"name":"x"}`
		answer = `{"name":"x","count":null,"tags":[]}`
		asJSON = "application/json; charset=utf-8"
	)
	for _, tc := range []struct {
		name, request string
		status        int
		media, body   string
		problem       string
	}{
		{"as it should be", asked, 200, asJSON, answer, ""},
		{"with what is optional", asked, 200, asJSON, `{"name":"x","count":3,"tags":["a"],"note":"y"}`, ""},
		{"an answer without a field", asked, 200, asJSON, `{"name":"x","count":null}`, "tags"},
		{"an answer with another field", asked, 200, asJSON, `{"name":"x","count":null,"tags":[],"size":1}`, "size"},
		{"an answer with a field of another type", asked, 200, asJSON, `{"name":"x","count":"3","tags":[]}`, "count"},
		{"null for what is no pointer", asked, 200, asJSON, `{"name":"x","count":1,"tags":null}`, "tags"},
		{"an answer of another type", asked, 200, "image/png", answer, "Content-Type"},
		{"a refusal", asked, 404, asJSON, `{"error":"gone"}`, ""},
		{"a refusal with another field", asked, 404, asJSON, `{"error":"gone","data":1}`, "data"},
		{"a success in a refusal's clothes", asked, 404, asJSON, answer, "error"},
		{"a request without a field", post + `{"size":1}`, 200, asJSON, answer, "name"},
		{"a request with a field of another type", post + `{"name":"x","size":"1"}`, 200, asJSON, answer, "size"},
		{"a request with another field", post + `{"name":"x","more":1}`, 200, asJSON, answer, ""},
		{"a bad request that is refused", post + `{"size":"1"}`, 400, asJSON, `{"error":"bad"}`, ""},
		{"a form", "POST /things/7\nContent-Type: application/x-www-form-urlencoded\n\nname=x&size=1", 200, asJSON, answer, ""},
		{"a form without a field", "POST /things/7\nContent-Type: application/x-www-form-urlencoded\n\nsize=1", 200, asJSON, answer, "name"},
		{"a parameter of another type", strings.Replace(asked, "page=2", "page=x", 1), 200, asJSON, answer, "page"},
		{"a parameter without a value", strings.Replace(asked, "page=2", "page=", 1), 200, asJSON, answer, ""},
		{"a picture", "GET /picture/a", 200, "image/png", "\x89PNG", ""},
		{"no picture", "GET /picture/a", 200, asJSON, answer, "Content-Type"},
		{"a success of no route", "GET /things", 200, asJSON, answer, "has no GET /things"},
		{"a refusal of no route", "GET /things", 404, asJSON, "{}", ""},
	} {
		err := d.check(t.Context(), tc.request, tc.status, Answer{tc.status, http.Header{"Content-Type": {tc.media}}, []byte(tc.body)})
		if (err == nil) != (tc.problem == "") || err != nil && !strings.Contains(err.Error(), tc.problem) {
			t.Errorf("%s: %v, want %q", tc.name, err, tc.problem)
		}
	}
}
