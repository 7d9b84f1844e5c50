package dialecttest

import (
	"strings"
	"testing"
	"time"
)

func TestMatch(t *testing.T) {
	for _, tc := range []struct {
		want, got string
		ok        bool
	}{
		{"plain (text)", "plain (text)", true},
		{"plain", "plain text", false},
		{"<any>", "", true},
		{"<any>", "two\nlines", true},
		{"<int>", "-12", true},
		{"<int>", "1.5", false},
		{"<hex32>", "0123456789abcdef0123456789abcdef", true},
		{"<hex32>", "0123456789ABCDEF0123456789ABCDEF", false},
		{"<time>", "2026-03-01T12:00:00.25Z", true},
		{"<time>", "2026-03-01T12:00:00+01:00", false},
		{"<fingerprint>", "SHA256:" + strings.Repeat("a", 43), true},
		{"<fingerprint>", "SHA256:" + strings.Repeat("a", 44), false},
		{"data:<any>,x", "data:image/png;base64,x", true},
		{"data:<any>,x", "data:image/png;base64,y", false},
		{"<repeat 3 a.>", "a.a.a.", true},
		{"<repeat 3 a.>", "a.abab", false},
		{"<phone>", "kept", true},
		{"<phone>", "another", false},
		{"<laptop>", "", false},
		{"<laptop>", "new", true},
		{"<laptop>", "kept", false}, // two names for one text
		{"<hex32 laptop>", "new", false},
	} {
		err := vars{"phone": "kept"}.match(tc.want, tc.got)
		if (err == nil) != tc.ok {
			t.Errorf("match(%q, %q) = %v, want ok %v", tc.want, tc.got, err, tc.ok)
		}
	}
}

func TestMatchKeeps(t *testing.T) {
	v := vars{}
	if err := v.match("a <one> b <int two> <any>", "a x b 7 z"); err != nil {
		t.Fatal(err)
	}
	if len(v) != 2 || v["one"] != "x" || v["two"] != "7" {
		t.Errorf("kept %v", v)
	}
	if err := v.match("<one>", "y"); err == nil {
		t.Error("a name took on another text")
	}
}

func TestExpand(t *testing.T) {
	v := vars{"secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "new token": "abc"} // RFC 6238, appendix B
	for _, tc := range []struct{ in, want string }{
		{`{"a": "<new token>"}`, `{"a": "abc"}`},
		{"<otp secret>", "287082"},
		{"<otp secret +37037035>", "081804"}, // 1111111109 s
		{"<repeat 3 [>", "[[["},
		{"<img src=x> a < b > c", "<img src=x> a < b > c"},
		{"<nothing>", "error"},
		{"<otp nothing>", "error"},
		{"<otp secret +x>", "error"},
		{"<repeat x y>", "error"},
		{"<repeat 3>", "error"},
	} {
		got, err := v.expand(tc.in, time.Unix(59, 0))
		if err != nil {
			got = "error"
		}
		if got != tc.want {
			t.Errorf("expand(%q) = %q, %v; want %q", tc.in, got, err, tc.want)
		}
	}
}
