package identity

import (
	"net/mail"
	"strings"
	"testing"
)

func TestParseEmail(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"ann@example.com", "ann@example.com"},
		{" Ann.Lee+nas@Example.COM ", "ann.lee+nas@example.com"},
		{"a@xn--fiqs8s.cn", "a@xn--fiqs8s.cn"},
		{"o'neil@example.co.uk", "o'neil@example.co.uk"},
		{"", ""},
		{"ann", ""},
		{"@example.com", ""},
		{"ann@", ""},
		{"ann@localhost", ""},
		{"ann@192.168.1.1", ""},
		{"ann@[192.168.1.1]", ""},
		{"ann@@example.com", ""},
		{"a@b@example.com", ""},
		{".ann@example.com", ""},
		{"ann.@example.com", ""},
		{"a..b@example.com", ""},
		{"ann@-example.com", ""},
		{"ann@example-.com", ""},
		{"ann@example..com", ""},
		{"ann@example.com.", ""},
		{`"ann lee"@example.com`, ""},
		{"Ann <ann@example.com>", ""},
		{"ann@example.com (Ann)", ""},
		{"(x)ann@example.com", ""},
		{"ann@example.com, bob@example.com", ""},
		{"ann@example.com\r\nBcc: bob@example.com", ""},
		{"ann\x00@example.com", ""},
		{"ann@例子.cn", ""},
		{"安@example.com", ""},
		{"=?utf-8?q?ann=40evil.com?=@example.com", ""},
		{strings.Repeat("a", 64) + "@example.com", strings.Repeat("a", 64) + "@example.com"},
		{strings.Repeat("a", 65) + "@example.com", ""},
		{"a@" + strings.Repeat("b", 64) + ".com", ""},
		{"a@" + strings.Repeat("b.", 130) + "com", ""},
		{strings.Repeat("a@", 1<<16), ""},
	} {
		got, err := ParseEmail(tc.in)
		if string(got) != tc.want || (err == nil) != (tc.want != "") {
			t.Errorf("ParseEmail(%.60q) = %q, %v; want %q", tc.in, got, err, tc.want)
		}
	}
}

func FuzzParseEmail(f *testing.F) {
	for _, s := range []string{"ann@example.com", "A@B.C", "a.b+c@d-e.f1", `"x"@y.z`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		email, err := ParseEmail(s)
		if err != nil {
			return
		}
		again, err := ParseEmail(string(email))
		if err != nil || again != email || strings.ContainsAny(string(email), " \t\r\n<>(),;:\"[]\\") {
			t.Errorf("ParseEmail(%q) = %q, but parsing that gives %q, %v", s, email, again, err)
		}
		if read, err := mail.ParseAddress(string(email)); err != nil || read.Address != string(email) {
			t.Errorf("ParseEmail(%q) = %q, which a mail program reads as %v, %v", s, email, read, err)
		}
	})
}
