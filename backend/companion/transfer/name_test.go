package transfer

import (
	"path/filepath"
	"strings"
	"testing"
	"unicode"
)

func TestLocalName(t *testing.T) {
	for name, want := range map[string]string{
		"report.pdf": "report.pdf", "报告 1.pdf": "报告 1.pdf", "تقرير.txt": "تقرير.txt", ".profile": ".profile", "a  b": "a  b",
		"": "file", ".": "file", "..": "file", "...": "file", " ": "file", "\x00\n": "file",
		"/etc/passwd": "_etc_passwd", `..\..\evil`: ".._.._evil", "../../evil": ".._.._evil", "C:evil": "C_evil",
		"gpj.\u202eexe": "gpj.exe", "a\u2066b\u200b\ufeff": "ab", "line\nbreak": "linebreak", "tab\there": "tabhere", "a\xffb": "ab",
		"con": "_con", "NUL.txt": "_NUL.txt", "com1": "_com1", "lpt¹.log": "_lpt¹.log", "com": "com", "trailing. . ": "trailing",
		`<img src=x onerror="alert(1)">`: "_img src=x onerror=_alert(1)__",
	} {
		if got := LocalName(name); got != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
	}
	if got := LocalName(strings.Repeat("字", 200) + ".tar"); len(got) > maxLocalName || !strings.HasSuffix(got, "字.tar") {
		t.Errorf("a long name becomes %q", got)
	}
}

func FuzzLocalName(f *testing.F) {
	for _, name := range []string{"a.txt", "..", "/", "\\", "a/../b", "con", "\u202e", strings.Repeat(".a", 200), "C:\\x"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		got := LocalName(name)
		if got == "" || len(got) > maxLocalName+1 || got != filepath.Base(got) || !filepath.IsLocal(got) || strings.ContainsAny(got, `/\:`) ||
			strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsGraphic(r) }) {
			t.Errorf("%q becomes %q", name, got)
		}
		if again := LocalName(got); again != got {
			t.Errorf("%q becomes %q, and that %q", name, got, again)
		}
	})
}

// Two names on a server are two here, whatever they look like.
func TestNamesDiffer(t *testing.T) {
	taken := names{}
	seen := map[string]bool{}
	for _, name := range []string{"a.txt", "A.TXT", "a\u200b.txt", "a/.txt", "a\\.txt", "a.txt ", "..", "."} {
		got := strings.ToLower(taken.give(name))
		if seen[got] {
			t.Errorf("%q is given twice", got)
		}
		seen[got] = true
	}
}
