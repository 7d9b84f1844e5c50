package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"latchkey/backend/identity"
)

func decode(body string, dst any) error {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return DecodeJSON(httptest.NewRecorder(), r, maxBody, dst)
}

func nested(levels int) string {
	return `{"x":` + strings.Repeat("[", levels-1) + strings.Repeat("]", levels-1) + "}"
}

func TestDecodeJSONRefuses(t *testing.T) {
	for _, tc := range []struct{ name, body, code, field string }{
		{"empty", "", "body_empty", ""},
		{"white space", " \r\n\t", "body_empty", ""},
		{"null", "null", "body_not_object", ""},
		{"array", `[{"username":"ann"}]`, "body_not_object", ""},
		{"text", `"ann"`, "body_not_object", ""},
		{"number", `1`, "body_not_object", ""},
		{"two objects", `{} {}`, "body_not_object", ""},
		{"trailing word", `{"username":"ann"}x`, "body_not_object", ""},
		{"trailing NUL", "{}\x00", "body_not_object", ""},
		{"NUL", "\x00", "body_not_json", ""},
		{"cut", `{"username":"ann"`, "body_not_json", ""},
		{"cut in a text", `{"username":"an`, "body_not_json", ""},
		{"cut in an escape", `{"username":"\u12`, "body_not_json", ""},
		{"bare name", `{username:"ann"}`, "body_not_json", ""},
		{"single quotes", `{'username':'ann'}`, "body_not_json", ""},
		{"comma at the end", `{"username":"ann",}`, "body_not_json", ""},
		{"no comma", `{"username":"ann" "password":"p"}`, "body_not_json", ""},
		{"no colon", `{"username" "ann"}`, "body_not_json", ""},
		{"no value", `{"username":}`, "body_not_json", ""},
		{"comment", `{"username":"ann"/**/}`, "body_not_json", ""},
		{"unknown word", `{"remember":True}`, "body_not_json", ""},
		{"run-on word", `{"remember":trueish}`, "body_not_json", ""},
		{"leading zero", `{"id":01}`, "body_not_json", ""},
		{"plus", `{"id":+1}`, "body_not_json", ""},
		{"bare minus", `{"id":-}`, "body_not_json", ""},
		{"no digits after the point", `{"id":1.}`, "body_not_json", ""},
		{"no exponent", `{"id":1e}`, "body_not_json", ""},
		{"NaN", `{"id":NaN}`, "body_not_json", ""},
		{"line break in a text", "{\"username\":\"a\nb\"}", "body_not_json", ""},
		{"unknown escape", `{"username":"\x41"}`, "body_not_json", ""},
		{"bad code unit", `{"username":"\u00+1"}`, "body_not_json", ""},
		{"byte order mark", "\ufeff{}", "body_not_json", ""},
		{"invalid UTF-8", "{\"username\":\"a\xff\"}", "body_text_invalid", ""},
		{"invalid UTF-8 in a name", "{\"user\xc3\":\"a\"}", "body_text_invalid", ""},
		{"encoded surrogate", "{\"username\":\"\xed\xa0\x80\"}", "body_text_invalid", ""},
		{"lone high surrogate", `{"username":"\ud800"}`, "body_text_invalid", ""},
		{"lone low surrogate", `{"username":"\udc00"}`, "body_text_invalid", ""},
		{"high and high", `{"username":"\ud800\ud800"}`, "body_text_invalid", ""},
		{"high and letter", `{"username":"\ud800a"}`, "body_text_invalid", ""},
		{"escaped NUL", `{"username":"a\u0000"}`, "body_text_invalid", ""},
		{"escaped NUL in a name", `{"a\u0000":1}`, "body_text_invalid", ""},
		{"same name twice", `{"username":"ann","username":"bob"}`, "field_duplicate", "username"},
		{"same name in capitals", `{"username":"ann","USERNAME":"bob"}`, "field_duplicate", "USERNAME"},
		{"same name escaped", `{"username":"ann","\u0075sername":"bob"}`, "field_duplicate", "username"},
		{"same name in a fold", `{"username":"ann","uſername":"bob"}`, "field_duplicate", ""},
		{"same name further in", `{"inner":{"name":"a","Name":"b"}}`, "field_duplicate", "Name"},
		{"unknown name twice", `{"x":1,"X":2}`, "field_duplicate", "X"},
		{"odd name twice", `{"<b>":1,"<b>":2}`, "field_duplicate", ""},
		{"33 levels", nested(33), "body_too_deep", ""},
		{"number for text", `{"username":"ann","otp_code":123456}`, "field_type", "otp_code"},
		{"list for text", `{"password":["x"]}`, "field_type", "password"},
		{"object for text", `{"password":{}}`, "field_type", "password"},
		{"text for number", `{"id":"7"}`, "field_type", "id"},
		{"fraction", `{"id":1.5}`, "field_type", "id"},
		{"30 digits", `{"id":123456789012345678901234567890}`, "field_type", "id"},
		{"1e999", `{"Ratio":1e999}`, "field_type", "Ratio"},
		{"text for truth", `{"remember":"true"}`, "field_type", "remember"},
		{"text for list", `{"roles":"1"}`, "field_type", "roles"},
		{"text in a list", `{"roles":[1,"2"]}`, "field_type", "roles"},
		{"list for object", `{"inner":[]}`, "field_type", "inner"},
		{"number further in", `{"inner":{"name":1}}`, "field_type", "inner.name"},
	} {
		var got loginBody
		err := decode(tc.body, &got)
		e := identity.AsError(err)
		if e.Code != tc.code || e.Field != tc.field || e.Kind != identity.Invalid {
			t.Errorf("%s: %s, field %q (%v), want %s, field %q", tc.name, e.Code, e.Field, err, tc.code, tc.field)
		}
		checkSentence(t, tc.name, e.Message)
	}
}

// checkSentence wants words for people, without anything of the program.
func checkSentence(t *testing.T, name, text string) {
	t.Helper()
	for _, leak := range []string{"json", "Go ", "loginBody", "int64", "string", "unmarshal", "offset", "invalid character", "EOF"} {
		if strings.Contains(text, leak) {
			t.Errorf("%s: %q shows %q", name, text, leak)
		}
	}
	if !strings.HasSuffix(text, ".") || text[0] < 'A' || text[0] > 'Z' {
		t.Errorf("%s: %q is no sentence", name, text)
	}
}

func TestFieldTypeMessages(t *testing.T) {
	for body, want := range map[string]string{
		`{"otp_code":1}`:              "The field otp_code must be text.",
		`{"id":"1"}`:                  "The field id must be a whole number.",
		`{"id":1e3}`:                  "The field id must be a whole number.",
		`{"id":99999999999999999999}`: "The field id must be a smaller number.",
		`{"remember":1}`:              "The field remember must be true or false.",
		`{"roles":{}}`:                "The field roles must be a list.",
		`{"inner":1}`:                 "The field inner must be an object.",
		`{"again":1}`:                 "The field again must be text.",
		`{"inner":{"again":1}}`:       "The field inner.again must be text.",
	} {
		var got loginBody
		if e := identity.AsError(decode(body, &got)); e.Message != want {
			t.Errorf("%s: %q, want %q", body, e.Message, want)
		}
	}
}

func TestDecodeJSONAccepts(t *testing.T) {
	for _, tc := range []struct {
		body string
		want loginBody
	}{
		{`{}`, loginBody{}},
		{" \t\r\n{ } \n", loginBody{}},
		{okLogin, loginBody{Username: "ann", Password: "p"}},
		{`{"USERNAME":"ann","Otp_Code":"1"}`, loginBody{Username: "ann", OTPCode: "1"}},
		{`{"username":"ann","is_admin":true,"x":[{"y":null},-0.5e+3,false]}`, loginBody{Username: "ann"}},
		{`{"username":null,"password":"p"}`, loginBody{Password: "p"}},
		{`{"username":"\ud83d\ude00 \"\\\/\b\f\n\r\t\u00e4ü"}`, loginBody{Username: "😀 \"\\/\b\f\n\r\täü"}},
		{`{"id":-9223372036854775808,"roles":[1,2],"remember":true,"Ratio":1.5}`, loginBody{ID: -1 << 63, Roles: []int{1, 2}, Remember: true, Ratio: 1.5}},
		{nested(32), loginBody{}},
	} {
		var got loginBody
		if err := decode(tc.body, &got); err != nil {
			t.Errorf("%s: %v", tc.body, err)
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.body, diff)
		}
	}
}

func TestDeepAndHugeBodiesEndSoon(t *testing.T) {
	for _, body := range []string{
		strings.Repeat("[", 10_000),
		strings.Repeat(`{"a":`, 10_000),
		`{"id":` + strings.Repeat("9", 1<<20) + "}",
		`{"id":1e` + strings.Repeat("9", 1<<20) + "}",
		`{"x":` + strings.Repeat("9", 1<<20) + `,"id":"x"}`,
	} {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		var got loginBody
		if err := DecodeJSON(httptest.NewRecorder(), r, 2<<20, &got); identity.KindOf(err) != identity.Invalid {
			t.Errorf("%.10s…: %v", body, err)
		}
	}
}

func TestContentTypes(t *testing.T) {
	for value, want := range map[string]bool{
		"application/json": true, "application/json; charset=utf-8": true, "Application/JSON;charset=\"UTF-8\"": true,
		"application/json; charset=latin1": false, "application/json;": true, "application/jsonx": false,
		"application/problem+json": false, "text/json": false, "": false, "application/json, text/plain": false, ";": false,
	} {
		if got := isJSON([]string{value}); got != want {
			t.Errorf("isJSON(%q) = %v", value, got)
		}
	}
}

// picky refuses with a reason of its own or of the library's.
type picky struct{ err error }

func (p *picky) UnmarshalJSON([]byte) error { return p.err }

func TestErrorsOfOwnTypes(t *testing.T) {
	own := identity.InvalidField("name", "name_bad", "That name is bad.")
	dst := struct{ Name picky }{picky{own}}
	if err := decode(`{"name":1}`, &dst); !errors.Is(err, own) {
		t.Errorf("an error of ours became %v", err)
	}
	dst.Name.err = errors.New("canary-cause")
	if e := identity.AsError(decode(`{"name":1}`, &dst)); e.Code != "field_invalid" || strings.Contains(e.Message, "canary") {
		t.Errorf("a foreign error became %v", e)
	}
}

func TestBodyBound(t *testing.T) {
	fits := `{"username":"` + strings.Repeat("a", int(maxBody)-len(`{"username":""}`)) + `"}`
	var got loginBody
	if err := decode(fits, &got); err != nil {
		t.Errorf("a body of exactly the limit: %v", err)
	}
	err := decode(fits+" ", &got)
	if w, ok := errors.AsType[*WireError](err); !ok || w.Status != http.StatusRequestEntityTooLarge || !w.Close {
		t.Errorf("one byte more: %v", err)
	}
}

func TestBodyOfUnknownLength(t *testing.T) {
	r := httptest.NewRequest(http.MethodPost, "/", io.MultiReader(strings.NewReader(okLogin))) // hides the length
	r.Header.Set("Content-Type", "application/json")
	var got loginBody
	if err := DecodeJSON(httptest.NewRecorder(), r, maxBody, &got); err != nil || got.Username != "ann" {
		t.Errorf("%+v, %v", got, err)
	}
}

func FuzzDecodeJSON(f *testing.F) {
	for _, seed := range []string{
		okLogin, `{"a":[1,{"b":"\ud83d\ude00"}],"c":-1.5e3}`, `{"a":1,"A":2}`, nested(33), `{"k":1,"\u212a":2}`,
		"\x00", `{"a":"\u0000"}`, `{"id":1e999}`, `{}x`, `[`, `{"a":tru}`, "{\"a\":\"\xff\"}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		err := checkJSON(body)
		var got loginBody
		switch decoded := decode(string(body), &got); {
		case err == nil && (!json.Valid(body) || !utf8.Valid(body)):
			t.Errorf("accepted what is not JSON: %q", body)
		case errors.Is(err, errNotJSON) && json.Valid(body):
			t.Errorf("refused JSON: %q", body)
		case err == nil && bytes.IndexByte([]byte(got.Username+got.Password), 0) >= 0:
			t.Errorf("a NUL got through: %q", body)
		case decoded != nil && int64(len(body)) <= maxBody && identity.KindOf(decoded) != identity.Invalid:
			t.Errorf("%q: %v", body, decoded)
		}
	})
}
