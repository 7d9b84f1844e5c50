package httpapi

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"latchkey/backend/identity"
)

func TestDecodeForm(t *testing.T) {
	for _, tc := range []struct {
		name, media, body, code string
		want                    map[string]string
	}{
		{"usual", mediaForm, "login=1007&password=%24Very+Good%26", "", map[string]string{"login": "1007", "password": "$Very Good&"}},
		{"as curl sends a dollar", mediaForm, "login=1007&password=$VeryGoodPassw0rd", "", map[string]string{"login": "1007", "password": "$VeryGoodPassw0rd"}},
		{"with its character set", mediaForm + "; charset=UTF-8", "a=%E6%9D%8E", "", map[string]string{"a": "李"}},
		{"empty", mediaForm, "", "", map[string]string{}},
		{"a field twice", mediaForm, "login=a&login=b", "field_duplicate", nil},
		{"half an escape", mediaForm, "login=%2", "body_not_form", nil},
		{"semicolons", mediaForm, "a=1;b=2", "body_not_form", nil},
		{"not UTF-8", mediaForm, "login=%ff", "body_text_invalid", nil},
		{"NUL", mediaForm, "login=a%00", "body_text_invalid", nil},
		{"a name with NUL", mediaForm, "a%00=b", "body_text_invalid", nil},
		{"too large", mediaForm, "login=" + strings.Repeat("a", 100), "body_too_large", nil},
		{"JSON", "application/json", "{}", "media_type_unsupported", nil},
		{"another character set", mediaForm + "; charset=gbk", "a=b", "media_type_unsupported", nil},
		{"no type", "", "a=b", "media_type_unsupported", nil},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/?login=query", strings.NewReader(tc.body))
		if tc.media != "" {
			r.Header.Set("Content-Type", tc.media)
		}
		got, err := DecodeForm(httptest.NewRecorder(), r, 64)
		if (err == nil) != (tc.code == "") || err != nil && identity.AsError(err).Code != tc.code || err == nil && !maps.Equal(got, tc.want) {
			t.Errorf("%s: %q, %v; want %q, %q", tc.name, got, err, tc.want, tc.code)
		}
	}
}

func FuzzDecodeForm(f *testing.F) {
	for _, s := range []string{"a=b&c=d", "a=%", "a=1&a=2", "=", "%00=%ff", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("Content-Type", mediaForm)
		got, err := DecodeForm(httptest.NewRecorder(), r, 1<<16)
		if err != nil && identity.KindOf(err) != identity.Invalid {
			t.Errorf("DecodeForm(%q): %v", body, err)
		}
		for name, value := range got {
			if strings.ContainsRune(name+value, 0) || strings.ToValidUTF8(name+value, "") != name+value {
				t.Errorf("DecodeForm(%q) holds %q=%q", body, name, value)
			}
		}
	})
}
