package remote_test

import (
	"strings"
	"testing"

	"latchkey/backend/companion/remote"
	"latchkey/backend/identity"
)

func TestParseBase(t *testing.T) {
	for in, want := range map[string]string{
		"http://nas":                         "http://nas",
		"HTTPS://NAS.Example.:443/":          "https://nas.example",
		"http://nas:80":                      "http://nas",
		"https://nas:80":                     "https://nas:80",
		"http://192.168.1.20:5244/alist/":    "http://192.168.1.20:5244/alist",
		"http://[::1]:5244":                  "http://[::1]:5244",
		"http://[0:0::1]":                    "http://[::1]",
		"http://[fe80::1%25eth0]:5244":       "http://[fe80::1%25eth0]:5244",
		"https://näs.example/ä b":            "",
		"https://NÄS.example/%C3%A4":         "https://näs.example/%C3%A4",
		"https://a_b.example//":              "https://a_b.example",
		"":                                   "",
		"nas":                                "",
		"nas:5244":                           "",
		"//nas":                              "",
		"ftp://nas":                          "",
		"file:///etc/passwd":                 "",
		"http:nas":                           "",
		"http://":                            "",
		"http:///x":                          "",
		"http://:5244":                       "",
		"http://nas:":                        "",
		"http://nas:0":                       "",
		"http://nas:65536":                   "",
		"http://nas:-1":                      "",
		"http://user@nas":                    "",
		"http://user:pass@nas":               "",
		"http://nas?x=y":                     "",
		"http://nas?":                        "",
		"http://nas#x":                       "",
		"http://nas#":                        "",
		"http://nas/../x":                    "",
		"http://nas/a/./b":                   "",
		"http://nas/a//b":                    "",
		"http://nas/a%2f..%2fb":              "",
		"http://nas/a%5cb":                   "",
		"http://nas/a%0d%0ab":                "",
		"http://nas/\u202eb":                 "",
		"http://nas/%ff":                     "",
		"http://na s":                        "",
		"http://nas\r\nX: y":                 "",
		"http://1.2.3":                       "",
		"http://1.2.3.4.5":                   "",
		"http://127.1":                       "",
		"http://2130706433":                  "",
		"http://256.1.1.1":                   "",
		"http://-nas":                        "",
		"http://nas-":                        "",
		"http://a..b":                        "",
		"http://.":                           "",
		"http://[::1":                        "",
		"http://[nas]":                       "",
		"http://[fe80::1%25a b]":             "",
		"http://na\u202es":                   "",
		"http://nas\x00":                     "",
		"http://" + strings.Repeat("a", 254): "",
		"http://nas/" + strings.Repeat("a", 1024): "",
	} {
		b, err := remote.ParseBase(in)
		got := b.String()
		if err != nil {
			got = ""
			if identity.KindOf(err) != identity.Invalid || strings.Contains(err.Error(), "pass") {
				t.Errorf("%q: %v", in, err)
			}
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestBase(t *testing.T) {
	b := base(t, "https://nas:8443/alist")
	if !b.Secure() || b.Host() != "nas" || b.Port() != 8443 || b.IsZero() {
		t.Errorf("%+v", b)
	}
	if !b.SameOrigin(base(t, "https://nas:8443")) || b.SameOrigin(base(t, "http://nas:8443")) || b.SameOrigin(base(t, "https://nas")) {
		t.Error("SameOrigin")
	}
	if p := base(t, "http://nas").Port(); p != 80 {
		t.Errorf("port %d", p)
	}
	if !(remote.Base{}).IsZero() {
		t.Error("the zero Base")
	}
}

func TestParseFingerprint(t *testing.T) {
	want := remote.Fingerprint(strings.Repeat("0A:", 31) + "0A")
	for _, in := range []string{string(want), strings.Repeat("0a", 32), strings.Repeat("0a ", 32), strings.ToLower(string(want))} {
		if got, err := remote.ParseFingerprint(in); err != nil || got != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "SHA256:abc", strings.Repeat("0a", 31), strings.Repeat("0a", 33), strings.Repeat("0g", 32), strings.Repeat(" ", 1000)} {
		_, err := remote.ParseFingerprint(in)
		wants(t, err, "fingerprint_invalid")
	}
}

func FuzzParseBase(f *testing.F) {
	for _, s := range []string{"http://nas:5244/x", "https://[fe80::1%25eth0]:1/a%20b", "http://NÄS.example.", "https://xn--a/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		b, err := remote.ParseBase(s)
		if err != nil {
			if b != (remote.Base{}) {
				t.Errorf("%q: an error, and %v", s, b)
			}
			return
		}
		again, err := remote.ParseBase(b.String())
		if err != nil || again != b {
			t.Errorf("%q became %q, which parses as %q, %v", s, b, again, err)
		}
	})
}

func FuzzParseFingerprint(f *testing.F) {
	f.Add(strings.Repeat("0a", 32))
	f.Fuzz(func(t *testing.T, s string) {
		p, err := remote.ParseFingerprint(s)
		if err != nil {
			return
		}
		if again, err := remote.ParseFingerprint(string(p)); err != nil || again != p {
			t.Errorf("%q became %q, then %q, %v", s, p, again, err)
		}
	})
}
