package dialecttest

import (
	"strings"
	"testing"
)

func TestValueString(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{`{}`, `{}`},
		{`[ ]`, `[]`},
		{`{"b":1,"a":[true,null,-1.50e3,"<x> & \"y\""]}`, `{"b": 1, "a": [true, null, -1.50e3, "<x> & \"y\""]}`},
		{`{"a":"` + strings.Repeat("a", 99) + `","b":[]}`, "{\n  \"a\": \"" + strings.Repeat("a", 99) + "\",\n  \"b\": []\n}"},
	} {
		v, err := parseValue([]byte(tc.in))
		if got := v.String(); err != nil || got != tc.want {
			t.Errorf("parseValue(%s) = %s, %v; want %s", tc.in, got, err, tc.want)
		}
	}
}

func TestParseValueRefuses(t *testing.T) {
	for _, in := range []string{``, `{`, `{"a"}`, `[1,`, `{} {}`, `{}x`} {
		if v, err := parseValue([]byte(in)); err == nil {
			t.Errorf("parseValue(%q) = %s, want an error", in, v)
		}
	}
}
