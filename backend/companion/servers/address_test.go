package servers_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/backend/companion/servers"
)

func candidates(t testing.TB, text string) []string {
	t.Helper()
	a, err := servers.ParseAddress(text)
	if err != nil {
		t.Errorf("%q: %v", text, err)
	}
	var out []string
	for _, b := range a.Candidates() {
		out = append(out, b.String())
	}
	return out
}

func TestParseAddress(t *testing.T) {
	for in, want := range map[string]string{
		"nas":                                 "https://nas:5244 https://nas http://nas:5244 http://nas",
		" NAS.local. ":                        "https://nas.local:5244 https://nas.local http://nas.local:5244 http://nas.local",
		"nas.local:5244":                      "https://nas.local:5244 http://nas.local:5244",
		"nas.local:5244/":                     "https://nas.local:5244 http://nas.local:5244",
		"nas:443":                             "https://nas http://nas:443",
		"192.168.1.20":                        "https://192.168.1.20:5244 https://192.168.1.20 http://192.168.1.20:5244 http://192.168.1.20",
		"nas.example":                         "https://nas.example https://nas.example:5244 http://nas.example http://nas.example:5244",
		"https://nas.example":                 "https://nas.example https://nas.example:5244",
		"HTTPS://nas.example:8443":            "https://nas.example:8443",
		"http://nas:5244":                     "http://nas:5244",
		"https://nas.example/dav":             "https://nas.example https://nas.example:5244",
		"https://nas.example:1/dav/photos/a":  "https://nas.example:1",
		"davs://nas.example:1/dav":            "https://nas.example:1",
		"https://nas:1/@login?redirect=/x#y":  "https://nas:1",
		"https://nas:1/%40manage/users":       "https://nas:1",
		"https://nas:1/alist/api/me":          "https://nas:1/alist https://nas:1",
		"https://nas:1/alist/Movies/2024/a b": "https://nas:1/alist/Movies/2024 https://nas:1/alist https://nas:1",
		"https://nas:1//x//y/":                "https://nas:1/x/y https://nas:1/x https://nas:1",
		"https://nas:1/a%20b":                 "https://nas:1",
		"//nas:1":                             "https://nas:1 http://nas:1",
		"::1":                                 "https://[::1]:5244 https://[::1] http://[::1]:5244 http://[::1]",
		"[::1]:1":                             "https://[::1]:1 http://[::1]:1",
		"fe80::1%eth0":                        "https://[fe80::1%25eth0]:5244 https://[fe80::1%25eth0] http://[fe80::1%25eth0]:5244 http://[fe80::1%25eth0]",
		"http://[fe80::1%25eth0]:1":           "http://[fe80::1%25eth0]:1",
		"ann@nas:1":                           "https://nas:1 http://nas:1",
		"https://nas:1/a/../x":                "https://nas:1/a https://nas:1", "https://nas:1/a%2fb/c": "https://nas:1", "https://nas:1/%zz": "https://nas:1",
		"https://ann:secret@nas:1/x": "https://nas:1/x https://nas:1",
	} {
		if diff := cmp.Diff(strings.Split(want, " "), candidates(t, in)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", in, diff)
		}
	}
}

func TestAddressesThatAreNone(t *testing.T) {
	for in, code := range map[string]string{
		"": "address_missing", " \t\n": "address_missing",
		"sftp://nas:5222": "address_of_sftp", "ssh://nas": "address_of_sftp",
		"ftp://nas": "address_invalid", "file:///etc/passwd": "address_invalid", "javascript://nas": "address_invalid",
		"nas:": "address_invalid", "nas:0": "address_invalid", "nas:65536": "address_invalid", "nas:http": "address_invalid",
		"my nas": "address_invalid", `\\nas\share`: "address_invalid", "nas\u202elocal": "address_invalid", "na\x00s": "address_invalid",
		"https://": "address_invalid", "https:///x": "address_invalid", "/": "address_invalid", "@": "address_invalid",
		"1.2.3": "address_invalid", "300.1.1.1": "address_invalid", "a..b": "address_invalid", "-nas": "address_invalid",
		"[::1":     "address_invalid",
		"fe80::1%": "address_invalid", "nas%20x": "address_invalid",
		strings.Repeat("a", 2000): "address_invalid", strings.Repeat("a", 64) + strings.Repeat(".a", 200): "address_invalid",
	} {
		a, err := servers.ParseAddress(in)
		wants(t, err, code)
		if a.Candidates() != nil && err == nil {
			t.Errorf("%q has candidates", in)
		}
	}
}

func TestTypedUser(t *testing.T) {
	for in, want := range map[string]string{
		"nas": "", "ann@nas": "ann", "https://ann:secret@nas/x": "ann", "a%20b@nas": "a b", "ann@work@nas": "ann@work",
		"\u202eann@nas": "", ":secret@nas": "", "%zz@nas": "%zz",
	} {
		a, err := servers.ParseAddress(in)
		if err != nil || a.Username != want {
			t.Errorf("%q: user %q, %v; want %q", in, a.Username, err, want)
		}
	}
}

func FuzzParseAddress(f *testing.F) {
	for _, s := range []string{"nas", "nas.local:5244", "https://nas.example/dav", "fe80::1%eth0", "ann:x@nas:1/a/b?c#d", "[::1]:1", "//x", "davs://n/%40a", "näs", "\u0653"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := servers.ParseAddress(text)
		if err != nil {
			return
		}
		list := a.Candidates()
		if len(list) == 0 || len(list) > 12 {
			t.Fatalf("%q has %d candidates", text, len(list))
		}
		for i, b := range list {
			if i > 0 && b.Secure() && !list[i-1].Secure() {
				t.Errorf("%q: http before https", text)
			}
			if again, err := servers.ParseAddress(b.String()); err != nil || !slices.Contains(again.Candidates(), b) {
				t.Errorf("%q gave %s, which gave %v, %v", text, b, again, err)
			}
		}
	})
}

func TestParseName(t *testing.T) {
	for in, want := range map[string]string{
		"NAS": "NAS", "  Mum's NAS ": "Mum's NAS", "数据库 🏠": "数据库 🏠", strings.Repeat("n", 100): strings.Repeat("n", 100),
		"": "", "  ": "", strings.Repeat("n", 101): "", "a\nb": "", "a\u202eb": "", "\x00": "", "\xff": "",
	} {
		got, err := servers.ParseName(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
}

func FuzzParseName(f *testing.F) {
	f.Add(" NAS ")
	f.Fuzz(func(t *testing.T, text string) {
		name, err := servers.ParseName(text)
		if err != nil {
			return
		}
		if again, err := servers.ParseName(name); err != nil || again != name {
			t.Errorf("%q became %q, then %q, %v", text, name, again, err)
		}
	})
}
