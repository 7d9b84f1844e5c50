package sshkey_test

import (
	"strings"
	"testing"

	"latchkey/backend/credential/sshkey"
)

func TestParseTitle(t *testing.T) {
	for in, want := range map[string]string{
		"laptop":                       "laptop",
		"  Ann's laptop \r\n":          "Ann's laptop",
		"安的电脑 🏡":                       "安的电脑 🏡",
		"family 👨‍👩‍👧":                 "family 👨‍👩‍👧",
		"<script>":                     "<script>",
		strings.Repeat("电", 100):       strings.Repeat("电", 100),
		strings.Repeat("电", 101):       "",
		strings.Repeat("x", 5000):      "",
		"":                             "",
		"   ":                          "",
		"\u3000":                       "",
		"\u200d":                       "",
		"a\nb":                         "",
		"a\x00b":                       "",
		"a\x1b[31m":                    "",
		"a\u202eb":                     "",
		"a\u2066b":                     "",
		"a\u2028b":                     "",
		"a\u200bb":                     "",
		"a\xffb":                       "",
		" " + strings.Repeat("x", 100): strings.Repeat("x", 100),
	} {
		got, err := sshkey.ParseTitle(in)
		code := ""
		if want == "" {
			code = "ssh_key_title_invalid"
		}
		wantCode(t, err, code)
		if got != want {
			t.Errorf("ParseTitle(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzParseTitle(f *testing.F) {
	f.Add(" 安的电脑 ")
	f.Add("a\u202eb")
	f.Fuzz(func(t *testing.T, in string) {
		title, err := sshkey.ParseTitle(in)
		if err != nil {
			return
		}
		if again, err := sshkey.ParseTitle(title); err != nil || again != title {
			t.Errorf("%q reads as %q, which reads as %q, %v", in, title, again, err)
		}
	})
}
