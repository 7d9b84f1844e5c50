package cli

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"latchkey/backend/internal/env"
)

func TestPrintable(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"", ""},
		{"Ann's laptop", "Ann's laptop"},
		{"Käse 日本 🔑", "Käse 日本 🔑"},
		{`back\slash and "quotes"`, `back\slash and "quotes"`},
		{"two\nlines\tand a tab", `two\nlines\tand a tab`},
		{"\x1b[2J", `\x1b[2J`},
		{"\u009b2J", `\u009b2J`},
		{"\x7f", `\x7f`},
		{"abc\u202etxt.exe", `abc\u202etxt.exe`},
		{"\u200bzero width", `\u200bzero width`},
		{"\xff\xfe", `\xff\xfe`},
		{"\u2028", `\u2028`},
		{"a \"quoted\"\x00 one", `a "quoted"\x00 one`},
	} {
		if got := printable(tc.in); got != tc.want {
			t.Errorf("printable(%q) = %q, want %q", tc.in, got, tc.want)
		}
	}
}

// FuzzPlainJSON checks that escaping changes nothing for a program that reads
// the JSON, and leaves nothing for a terminal to act on.
func FuzzPlainJSON(f *testing.F) {
	for _, seed := range []string{"", "plain", "\x1b\u009b\u202e", "🔑\U000e0001", "\"\\/\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		plain := plainJSON(string(text))
		if printable(plain) != plain {
			t.Errorf("%q is left with something to act on", plain)
		}
		var want, got string
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(plain), &got); err != nil || got != want {
			t.Errorf("%q became %q, %v", want, got, err)
		}
	})
}

func TestTable(t *testing.T) {
	var out bytes.Buffer
	err := printTable(&out, [][]string{{"NAME", "WHAT"}, {"ann\x1b", "a\tb\nc"}, {"日本", "-"}})
	want := "NAME     WHAT\nann\\x1b  a\\tb\\nc\n日本       -\n"
	if err != nil || out.String() != want {
		t.Errorf("got %v\n%q, want\n%q", err, out.String(), want)
	}
}

func TestWhen(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.Local)
	a := &app{env: env.Env{Now: func() time.Time { return now }}}
	for _, tc := range []struct {
		at   time.Time
		want string
	}{
		{time.Time{}, "never"},
		{now, "2026-11-20 12:00 (now)"},
		{now.Add(-59 * time.Second), "2026-11-20 11:59 (now)"},
		{now.Add(-time.Minute), "2026-11-20 11:59 (1 minute ago)"},
		{now.Add(5*time.Minute - time.Second), "2026-11-20 12:04 (in 5 minutes)"},
		{now.Add(-119 * time.Minute), "2026-11-20 10:01 (119 minutes ago)"},
		{now.Add(-3 * time.Hour), "2026-11-20 09:00 (3 hours ago)"},
		{now.Add(48*time.Hour - time.Second), "2026-11-22 11:59 (in 48 hours)"},
		{now.Add(-10 * 24 * time.Hour), "2026-11-10 12:00 (10 days ago)"},
	} {
		if got := a.when(tc.at); got != tc.want {
			t.Errorf("when(%s) = %q, want %q", tc.at, got, tc.want)
		}
	}
}

func TestShort(t *testing.T) {
	long := strings.Repeat("ä", 61)
	if got, want := short(long), strings.Repeat("ä", 59)+"…"; got != want {
		t.Errorf("short = %q, want %q", got, want)
	}
	if got := short(long[:120]); got != long[:120] {
		t.Errorf("sixty letters became %q", got)
	}
}
