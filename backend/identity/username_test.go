package identity

import (
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

func TestParseUsername(t *testing.T) {
	for _, tc := range []struct{ in, want, code string }{
		{"Ann", "ann", ""},
		{" ann ", "ann", ""},
		{"ＡＮＮ", "ann", ""},
		{"ann@example.com", "ann@example.com", ""},
		{"李雷", "李雷", ""},
		{"Jürgen", "jürgen", ""},
		{"7of9", "7of9", ""},
		{strings.Repeat("a", 64), strings.Repeat("a", 64), ""},
		{"", "", "username_empty"},
		{"  ", "", "username_empty"},
		{strings.Repeat("a", 65), "", "username_too_long"},
		{strings.Repeat(" ", 1<<20), "", "username_character"},
		{"a/b", "", "username_character"},
		{"..", "", "username_character"},
		{"-rf", "", "username_character"},
		{"a b", "", "username_character"},
		{"a\x00b", "", "username_character"},
		{"a\nb", "", "username_character"},
		{"ann\u200b", "", "username_character"},
		{"\u202eann", "", "username_character"},
		{"e\u0301ric", "", "username_character"},
		{"ﬁnn", "", "username_character"},
		{"\xff", "", "username_character"},
	} {
		got, err := ParseUsername(tc.in)
		if string(got) != tc.want || (err == nil) != (tc.code == "") || err != nil && AsError(err).Code != tc.code {
			t.Errorf("ParseUsername(%.40q) = %q, %v; want %q, %q", tc.in, got, err, tc.want, tc.code)
		}
	}
}

func TestUsernamesAreNFKCStable(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		got, err := ParseUsername("a" + string(r))
		if err != nil {
			continue
		}
		if string(got) != norm.NFKC.String(string(got)) {
			t.Errorf("%U is accepted but NFKC changes it", r)
		}
	}
}

func FuzzParseUsername(f *testing.F) {
	for _, s := range []string{"Ann", "ＡＮＮ", "李雷", "a@b.c", "e\u0301"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name, err := ParseUsername(s)
		if err != nil {
			return
		}
		again, err := ParseUsername(string(name))
		if err != nil || again != name {
			t.Errorf("ParseUsername(%q) = %q, but parsing that gives %q, %v", s, name, again, err)
		}
		if string(name) != norm.NFKC.String(string(name)) {
			t.Errorf("ParseUsername(%q) = %q, which NFKC changes", s, name)
		}
	})
}
