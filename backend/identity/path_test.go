package identity

import (
	"errors"
	"strings"
	"testing"
)

func TestParsePath(t *testing.T) {
	for _, tc := range []struct {
		in, want string
		ok       bool
	}{
		{"", "/", true},
		{"/", "/", true},
		{"/a/b", "/a/b", true},
		{"//a///b/", "/a/b", true},
		{"/a/./b", "/a/b", true},
		{"/家/照片", "/家/照片", true},
		{"/..a/b..", "/..a/b..", true},
		{"a", "", false},
		{"..", "", false},
		{"/a/..", "", false},
		{"/a/../../etc", "", false},
		{`/a\..\b`, "", false},
		{"/a\x00b", "", false},
		{"/a\nb", "", false},
		{"/\xff", "", false},
		{"/" + strings.Repeat("a", 4096), "", false},
	} {
		got, err := ParsePath(tc.in)
		if got != tc.want || (err == nil) != tc.ok {
			t.Errorf("ParsePath(%.40q) = %q, %v; want %q, ok %v", tc.in, got, err, tc.want, tc.ok)
		}
	}
}

// What is wrong with a path is said.
func TestParsePathTells(t *testing.T) {
	for _, tc := range []struct{ in, code string }{{"/a/../b", "path_invalid"}, {strings.Repeat("/a", MaxPath), "path_too_long"}} {
		_, err := ParsePath(tc.in)
		if e, ok := errors.AsType[*Error](err); !ok || e.Code != tc.code {
			t.Errorf("ParsePath(%.40q): %v, want %s", tc.in, err, tc.code)
		}
	}
}

func FuzzParsePath(f *testing.F) {
	for _, s := range []string{"/a/b", "/a/../b", "//", "/\\"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParsePath(s)
		if err != nil {
			return
		}
		if got[0] != '/' || strings.Contains(got+"/", "/../") {
			t.Errorf("ParsePath(%q) = %q", s, got)
		}
		if again, err := ParsePath(got); err != nil || again != got {
			t.Errorf("ParsePath(%q) = %q, but parsing that gives %q, %v", s, got, again, err)
		}
	})
}
