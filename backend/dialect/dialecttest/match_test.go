package dialecttest

import (
	"errors"
	"net/http"
	"strings"
	"testing"
)

func answer(body string) Answer {
	return Answer{http.StatusOK, http.Header{"Content-Type": {"application/json; charset=utf-8"}, "Retry-After": {"300"}}, []byte(body)}
}

func TestCompare(t *testing.T) {
	for _, tc := range []struct{ name, want, got, problem string }{
		{"order of members", `{"a": 1, "b": [2]}`, `{"b":[2],"a":1}`, ""},
		{"a field more", `{"a": 1}`, `{"a":1,"b":2}`, "body.b: got 2, which is not expected"},
		{"a field less", `{"a": 1, "b": 2}`, `{"a":1}`, "body.b: missing, want 2"},
		{"another value", `{"a": {"b": "x"}}`, `{"a":{"b":"y"}}`, `body.a.b: got "y", want "x"`},
		{"another kind", `{"a": "1"}`, `{"a":1}`, `body.a: got 1, want "1"`},
		{"null is not empty", `{"a": []}`, `{"a":null}`, "body.a: got null, want []"},
		{"more items", `[1]`, `[1,2]`, "body: got 2 items, want 1"},
		{"fewer items", `[1, 2]`, `[1]`, "body: got 1 items, want 2"},
		{"any value", `{"a": "<any>"}`, `{"a":{"b":[]}}`, ""},
		{"a number", `{"a": "<int>"}`, `{"a":7}`, ""},
		{"no number", `{"a": "<int>"}`, `{"a":"7"}`, `body.a: got "7", want "<int>"`},
		{"an object for a text", `{"a": "<x>"}`, `{"a":{}}`, `body.a: got {}, want "<x>"`},
		{"a number for a text with more", `{"a": "x<int>"}`, `{"a":1}`, `body.a: got 1, want "x<int>"`},
		{"kept in one place", `{"a": "<x>", "b": "<x>"}`, `{"a":"1","b":"2"}`, `body.b: <x> was "1" and is now "2"`},
		{"not JSON", `{}`, `<html>`, "the answer is not JSON"},
		{"recording not JSON", `{`, `{}`, "what is expected is not JSON"},
	} {
		_, err := vars{}.compare(expected{status: 200, body: tc.want}, answer(tc.got))
		if tc.problem == "" && err != nil || tc.problem != "" && (err == nil || !strings.Contains(err.Error(), tc.problem)) {
			t.Errorf("%s: got %v, want %q", tc.name, err, tc.problem)
		}
	}
}

func TestCompareHead(t *testing.T) {
	want := expected{status: 429, headers: []header{{"Retry-After", "10"}, {"Allow", ""}}, body: `{}`}
	now, err := vars{}.compare(want, answer(`{}`))
	for _, problem := range []string{"status: got 200 OK, want 429", `header Retry-After: got "300", want "10"`} {
		if err == nil || !strings.Contains(err.Error(), problem) {
			t.Errorf("got %v, want %q", err, problem)
		}
	}
	if got, want := now.String(), "200 OK\nRetry-After: 300\nAllow:\n\n{}\n"; got != want {
		t.Errorf("the recording would say %q, want %q", got, want)
	}
}

func TestCompareText(t *testing.T) {
	a := Answer{http.StatusOK, http.Header{"Content-Type": {"text/plain"}}, []byte("pong")}
	plain := []header{{"Content-Type", "text/plain"}}
	if _, err := (vars{}).compare(expected{200, plain, "pong"}, a); err != nil {
		t.Error(err)
	}
	if _, err := (vars{}).compare(expected{200, nil, "pong"}, a); !errors.Is(err, errNotJSON) {
		t.Errorf("plain text where JSON is expected: %v", err)
	}
	now, err := vars{}.compare(expected{200, plain, "ping"}, a)
	if err == nil || now.body != "pong" {
		t.Errorf("got %v, and the recording would say %q", err, now.body)
	}
}

func TestUpdateKeepsPlaceholders(t *testing.T) {
	want := `{"token": "<token>", "gone": 1, "list": ["<hex32>", "<int>"], "form": "<hex32>"}`
	got := `{"form":"new","list":["0123456789abcdef0123456789abcdef",7,"kept"],"token":"abc","more":{"x":"kept"}}`
	now, err := vars{"phone": "kept"}.compare(expected{status: 200, body: want}, answer(got))
	wantNow := "{\n" + `  "form": "new",` + "\n" + `  "list": ["<hex32>", "<int>", "<phone>"],` + "\n" +
		`  "token": "<token>",` + "\n" + `  "more": {"x": "<phone>"}` + "\n}"
	if err == nil || strings.Join(strings.Fields(now.body), "") != strings.Join(strings.Fields(wantNow), "") {
		t.Errorf("%v\n got %s\nwant %s", err, now.body, wantNow)
	}
}
