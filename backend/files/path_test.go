package files

import (
	"errors"
	"strings"
	"testing"

	"latchkey/backend/identity"
)

func TestParsePath(t *testing.T) {
	long := strings.Repeat("n", MaxName)
	for _, tc := range []struct{ in, want, code string }{
		{"", "/", ""},
		{"/", "/", ""},
		{"/a//b/./c/", "/a/b/c", ""},
		{"/日本/🗝️", "/日本/🗝️", ""},
		{"/-rf/ x/con/dot.", "/-rf/ x/con/dot.", ""},
		{"/" + long, "/" + long, ""},
		{"/.latchkey", "/.latchkey", ""},
		{"/" + long + "n", "", "name_too_long"},
		{"/" + strings.Repeat("n/", 2048), "", "path_too_long"},
		{"/" + notes, "", "name_reserved"},
		{"/a/" + tempStart + "1/b", "", "name_reserved"},
		{"/a/.Latchkey-TMP-1", "", "name_reserved"},
		{"/a/.latch\u212aey-tmp", "", "name_reserved"},
		{"/a/.LATCH\u212aEY-tmp-1/b", "", "name_reserved"},
		{"a", "", "path_invalid"},
		{"/..", "", "path_invalid"},
		{"/a/../../x", "", "path_invalid"},
		{`/..\x`, "", "path_invalid"},
		{`/C:\x`, "", "path_invalid"},
		{"/a\x00b", "", "path_invalid"},
		{"/a\nb", "", "path_invalid"},
		{"/a\x7f", "", "path_invalid"},
		{"/\xff", "", "path_invalid"},
	} {
		got, err := ParsePath(tc.in)
		code := ""
		if e, ok := errors.AsType[*identity.Error](err); ok {
			code = e.Code
		}
		if string(got) != tc.want || code != tc.code {
			t.Errorf("ParsePath(%.40q) = %.40q, %v, want %.40q, %q", tc.in, got, err, tc.want, tc.code)
		}
	}
}

func TestShortNames(t *testing.T) {
	for name, want := range map[string]bool{
		"LATCHK~1": true, "latchk~12": false, "LATCH~12": true, "LA3F2A~1": true, "a~1.txt": true, "日本語~1": true, "~1": true,
		"a~": false, "a~b": false, "a1": false, "notes~1.json": false, "longer~name~1": false, "": false, "a.b~1": false,
	} {
		if got := isShort(name); got != want {
			t.Errorf("isShort(%q) = %t", name, got)
		}
	}
}

func FuzzParsePath(f *testing.F) {
	for _, s := range []string{"/a/b", "/a/../b", "//x/", "/.latchkey-tmp", "/\u202ex"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParsePath(s)
		if err != nil {
			return
		}
		again, err := ParsePath(string(p))
		if err != nil || again != p {
			t.Errorf("ParsePath(%q) = %q, but parsing that gives %q, %v", s, p, again, err)
		}
		for name := range strings.SplitSeq(strings.TrimPrefix(string(p), "/"), "/") {
			if name == "." || name == ".." || isReserved(name) || len(name) > MaxName {
				t.Errorf("ParsePath(%q) = %q, with the name %q", s, p, name)
			}
		}
	})
}

func TestNewNames(t *testing.T) {
	p := newPlace(t, "/")
	for name, ok := range map[string]bool{
		"a.txt": true, "-rf": true, " lead": true, "with space": true, "a:b": true, "ünïcode": true,
		"e\u0301": true, "👩\u200d💻": true, "concert": true, "com": true, "com10": true, ".con": true,
		"con": false, "CON.txt": false, "aux .c": false, "nul": false, "Com1": false, "lpt9.log": false,
		"com¹": false, "conin$": false, "dot.": false, "space ": false, "exe.\u202etxt": false, "\u2066a": false,
	} {
		path := Path("/" + name)
		code := map[bool]string{true: "", false: "name_invalid"}[ok]
		p.wantCode("Mkdir "+name, p.Mkdir(path), code)
		if ok {
			p.wantCode("Rmdir "+name, p.Rmdir(path), "")
			p.outside(name, "by another program")
		}
		u, err := p.Create(path, Creation{})
		p.wantCode("Create "+name, err, code)
		if err == nil {
			p.wantCode("Abort "+name, u.Abort(), "")
		}
		p.outside("old", "")
		p.wantCode("Replace with "+name, p.Replace("/old", path), code)
	}
}

func TestNamesOfOthersAreReached(t *testing.T) {
	p := newPlace(t, "/")
	p.outside("aux.c", "source")
	f, err := p.Open("/aux.c")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	p.wantCode("rename it to a good name", p.Rename("/aux.c", "/helper.c"), "")
}
