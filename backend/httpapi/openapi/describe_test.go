package openapi_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"latchkey/backend/httpapi"
	"latchkey/backend/httpapi/openapi"
	"latchkey/backend/identity"
)

type (
	toyEnvelope struct {
		Code int    `json:"code"`
		Data any    `json:"data"`
		Note string `json:"note,omitempty"`
	}
	wireThing struct {
		ID      identity.UserID  `json:"id"`
		Parent  *identity.UserID `json:"parent"`
		Made    time.Time        `json:"made"`
		Part    wirePart         `json:"part"`
		Other   *wirePart        `json:"other"`
		Parts   []wirePart       `json:"parts"`
		Labels  map[string]string
		Extra   map[string]int `json:"extra"`
		Comment string         `json:"comment,omitempty" description:"What people said."`
		wireBase
	}
	wirePart struct {
		Name identity.Username `json:"name"`
	}
	wireBase struct {
		Size uint32 `json:"size,omitzero"`
	}
	list[T any] struct {
		Items []T `json:"items"`
	}
	newThing struct {
		Name  string    `json:"name" required:"true" minLength:"1"`
		Owner *string   `json:"owner"`
		Kind  string    `json:"kind" enum:"a,b"`
		Roles *oneOrAll `json:"roles"`
		Part  wirePart  `json:"part"`
	}
	pages struct {
		Page int `query:"page" description:"From 1."`
	}
	thingQuery struct {
		pages
		ID identity.UserID `query:"id" required:"true"`
	}
)

type oneOrAll []int

func (*oneOrAll) UnmarshalJSON([]byte) error { return nil }

func (oneOrAll) JSONSchemaBytes() ([]byte, error) {
	return []byte(`{"oneOf":[{"type":"integer"},{"type":"array"}]}`), nil
}

func toy() *httpapi.Mux {
	m := httpapi.NewMux(httpapi.Dialect{Name: "toy", About: httpapi.About{
		Title: "Toy", Version: "2", Description: "For tests.",
		Credentials: []httpapi.Credential{
			{Name: "access", In: httpapi.InBearer},
			{Name: "key", In: httpapi.InHeader, Key: "X-Key", Description: "A key."},
			{Name: "cookie", In: httpapi.InCookie, Key: "token"},
		},
		Envelope: func(data any) any { return toyEnvelope{Data: data} },
		Refusal:  toyEnvelope{},
	}})
	m.Handle("POST /api/v1/things", identity.Public, nothing, httpapi.Doc{
		Summary: "Make a thing.", Body: newThing{}, Form: true, Query: thingQuery{}, Data: list[wireThing]{},
	})
	m.Handle("GET /api/v1/things/{id}", identity.UserManage, nothing, httpapi.Doc{Summary: "Show it.", Data: (*wireThing)(nil)})
	m.Handle("DELETE /api/v1/things/{id}", identity.UserManage, nothing, httpapi.Doc{Summary: "Remove it."})
	m.Handle("HEAD /api/v1/things/{id}", identity.UserManage, nothing, httpapi.Doc{Summary: "Say that it is there."})
	m.Handle("GET /names", identity.Public, nothing, httpapi.Doc{Summary: "List names.", Data: []identity.Username{}})
	m.Handle("GET /empty", identity.Public, nothing, httpapi.Doc{Summary: "Say nothing.", Data: struct{}{}})
	m.Handle("GET /files/{path...}", identity.Public, nothing, httpapi.Doc{Summary: "Send a picture.", Raw: "image/png"})
	m.Handle("GET /dir/{$}", identity.Public, nothing, httpapi.Doc{Summary: "Send a text.", Raw: "text/plain"})
	return m
}

func nothing(http.ResponseWriter, *http.Request) error { return nil }

func describe(t *testing.T, m *httpapi.Mux, prefixes ...string) any {
	t.Helper()
	text, err := openapi.Describe(m, prefixes...)
	if err != nil {
		t.Fatal(err)
	}
	var doc any
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// at returns what stands at a place in a document, as JSON. The names on the
// way have spaces between, as some hold a slash.
func at(doc any, place string) string {
	for _, name := range strings.Fields(place) {
		switch d := doc.(type) {
		case map[string]any:
			doc = d[name]
		case []any:
			var i int
			_, _ = fmt.Sscan(name, &i)
			doc = d[i]
		}
	}
	text, _ := json.Marshal(doc)
	return string(text)
}

func TestDescribe(t *testing.T) {
	doc := describe(t, toy(), "/toy", "")
	const (
		things  = "paths /api/v1/things "
		success = " responses 200 content application/json schema "
		schemas = "components schemas "
	)
	for place, want := range map[string]string{
		"openapi":                    `"3.1.0"`,
		"info":                       `{"description":"For tests.","title":"Toy","version":"2"}`,
		"servers":                    `[{"url":"/toy"},{"url":"/"}]`,
		"tags":                       `[{"name":"things"},{"name":"names"},{"name":"empty"},{"name":"files"},{"name":"dir"}]`,
		"components securitySchemes": `{"access":{"scheme":"bearer","type":"http"},"cookie":{"in":"cookie","name":"token","type":"apiKey"},"key":{"description":"A key.","in":"header","name":"X-Key","type":"apiKey"}}`,

		// Requests.
		things + "post summary":                    `"Make a thing."`,
		things + "post tags":                       `["things"]`,
		things + "post security":                   `null`,
		things + "post parameters 0":               `{"description":"From 1.","in":"query","name":"page","required":false,"schema":{"format":"int64","type":"integer"}}`,
		things + "post parameters 1":               `{"in":"query","name":"id","required":true,"schema":{"format":"int64","type":"integer"}}`,
		"paths /files/{path} get summary":          `"Send a picture."`,
		"paths /dir/ get summary":                  `"Send a text."`,
		"paths /api/v1/things/{id} get security":   `[{"access":[]},{"key":[]},{"cookie":[]}]`,
		"paths /api/v1/things/{id} get parameters": `[{"in":"path","name":"id","required":true,"schema":{"type":"string"}}]`,

		// Bodies are open, and null is as good as nothing.
		things + "post requestBody content application/json schema required":                    `["name"]`,
		things + "post requestBody content application/json schema properties name":             `{"minLength":1,"type":"string"}`,
		things + "post requestBody content application/json schema properties owner":            `{"type":["null","string"]}`,
		things + "post requestBody content application/json schema properties kind enum":        `["a","b"]`,
		things + "post requestBody content application/json schema properties roles":            `{"oneOf":[{"type":"integer"},{"type":"array"}]}`,
		things + "post requestBody content application/json schema properties part":             `{"properties":{"name":{"type":"string"}},"type":"object"}`,
		things + "post requestBody content application/json schema additionalProperties":        `null`,
		things + "post requestBody content application/x-www-form-urlencoded schema required 0": `"name"`,

		// Answers are closed, and what may be null says so.
		"paths /api/v1/things post" + success + "properties data":      `{"$ref":"#/components/schemas/ThingList"}`,
		"paths /api/v1/things post" + success + "additionalProperties": `false`,
		"paths /api/v1/things post" + success + "required":             `["code","data"]`,
		"paths /api/v1/things/{id} get" + success + "properties data":  `{"anyOf":[{"type":"null"},{"$ref":"#/components/schemas/Thing"}]}`,
		"paths /api/v1/things/{id} delete" + success + "properties":    `{"code":{"format":"int64","type":"integer"},"data":{"type":"null"},"note":{"type":"string"}}`,
		"paths /api/v1/things/{id} head responses":                     `{"200":{"description":"Success."},"default":{"description":"A refusal."}}`,
		"paths /names get" + success + "properties data":               `{"items":{"type":"string"},"type":"array"}`,
		"paths /empty get" + success + "properties data":               `{"additionalProperties":false,"type":"object"}`,
		"paths /names get responses default content":                   `{"application/json":{"schema":{"$ref":"#/components/schemas/Refusal"}}}`,
		"paths /files/{path} get responses 200 content":                `{"image/png":{}}`,
		"paths /dir/ get responses 200 content":                        `{"text/plain":{"schema":{"type":"string"}}}`,
		schemas + "ThingList properties items":                         `{"items":{"$ref":"#/components/schemas/Thing"},"type":"array"}`,
		schemas + "Thing additionalProperties":                         `false`,
		schemas + "Thing required":                                     `["id","parent","made","part","other","parts","extra"]`,
		schemas + "Thing properties id":                                `{"format":"int64","type":"integer"}`,
		schemas + "Thing properties parent":                            `{"format":"int64","type":["null","integer"]}`,
		schemas + "Thing properties made":                              `{"format":"date-time","type":"string"}`,
		schemas + "Thing properties part":                              `{"$ref":"#/components/schemas/Part"}`,
		schemas + "Thing properties other":                             `{"anyOf":[{"type":"null"},{"$ref":"#/components/schemas/Part"}]}`,
		schemas + "Thing properties parts":                             `{"items":{"$ref":"#/components/schemas/Part"},"type":"array"}`,
		schemas + "Thing properties extra":                             `{"additionalProperties":{"type":"integer"},"type":"object"}`,
		schemas + "Thing properties comment":                           `{"description":"What people said.","type":"string"}`,
		schemas + "Thing properties size":                              `{"minimum":0,"type":"integer"}`,
		schemas + "Refusal properties data":                            `{"type":"null"}`,
	} {
		if got := at(doc, place); got != want {
			t.Errorf("%s:\n got %s\nwant %s", place, got, want)
		}
	}
}

func TestDescribeIsTheSameEachTime(t *testing.T) {
	a, errA := openapi.Describe(toy(), "")
	b, errB := openapi.Describe(toy(), "")
	if errA != nil || errB != nil || !bytes.Equal(a, b) {
		t.Errorf("%v, %v, equal: %v", errA, errB, bytes.Equal(a, b))
	}
}

// An API that refuses with 200 has both answers there; one whose data stands
// at the top level, no envelope.
func TestDescribeOtherEnvelopes(t *testing.T) {
	for _, tc := range []struct {
		about httpapi.About
		data  any
		want  string
	}{
		{httpapi.About{Refusal: toyEnvelope{}, RefusesWith200: true, Envelope: func(data any) any { return toyEnvelope{Data: data} }}, nil,
			`{"additionalProperties":false,"properties":{"code":{"format":"int64","type":"integer"},"data":{"type":"null"},"note":{"type":"string"}},"required":["code","data"],"type":"object"}`},
		{httpapi.About{Refusal: toyEnvelope{}, RefusesWith200: true}, wirePart{},
			`{"anyOf":[{"additionalProperties":false,"properties":{"name":{"type":"string"}},"required":["name"],"type":"object"},{"$ref":"#/components/schemas/Refusal"}]}`},
		{httpapi.About{Refusal: toyEnvelope{}}, wirePart{},
			`{"additionalProperties":false,"properties":{"name":{"type":"string"}},"required":["name"],"type":"object"}`},
	} {
		m := httpapi.NewMux(httpapi.Dialect{Name: "toy", About: tc.about})
		m.Handle("GET /x", identity.Public, nothing, httpapi.Doc{Summary: "Do it.", Data: tc.data})
		if got := at(describe(t, m), "paths /x get responses 200 content application/json schema"); got != tc.want {
			t.Errorf("got  %s\nwant %s", got, tc.want)
		}
	}
}

// Both would be the component Refusal.
type wireRefusal struct {
	Why string `json:"why"`
}

type own struct{}

func (own) MarshalJSON() ([]byte, error) { return nil, nil }

func (*own) UnmarshalJSON([]byte) error { return nil }

func TestDescribeRefusesWhatItCannotTell(t *testing.T) {
	for name, doc := range map[string]httpapi.Doc{
		"an answer with a form of its own": {Data: own{}},
		"a field with a form of its own": {Data: struct {
			X own `json:"x"`
		}{}},
		"a body with a form of its own": {Body: struct {
			X *own `json:"x"`
		}{}},
		"a channel": {Data: make(chan int)},
		"a struct called as the refusal is": {Data: struct {
			R wireRefusal `json:"r"`
		}{}},
	} {
		m := httpapi.NewMux(httpapi.Dialect{Name: "toy", About: httpapi.About{Refusal: toyEnvelope{}}})
		doc.Summary = "Do it."
		m.Handle("GET /x", identity.Public, nothing, doc)
		if text, err := openapi.Describe(m); err == nil {
			t.Errorf("%s: described as %s", name, text)
		}
	}
}
