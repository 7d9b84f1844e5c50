package dialecttest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoad(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), "x.txtar"), `What it shows.
-- settings --
lan = true
-- scene people --
-- from 192.0.2.7 --
-- advance 10m --
-- restart --
-- 1 request: a title --
GET /x
-- 1 response --
200 OK
-- 2 request --
GET /y
-- 2 response: same as 1 --
`)
	s, err := load(path)
	if err != nil {
		t.Fatal(err)
	}
	settings, scene, rest := s.begins()
	if settings != "lan = true\n" || scene != "people" || len(rest) != 5 {
		t.Errorf("begins with %q, scene %q, %d more", settings, scene, len(rest))
	}
	s.steps = s.steps[1:]
	if len(s.steps) != 6 || s.steps[0].scene != "people" || s.steps[1].from != "192.0.2.7" ||
		s.steps[2].advance != "10m" || !s.steps[3].restart {
		t.Errorf("steps: %+v", s.steps)
	}
	one, two := s.steps[4].ask, s.steps[5].ask
	if one.String() != "1: a title" || one.request != "GET /x\n" || string(one.answer.Data) != "200 OK\n" || one.sameAs != 0 {
		t.Errorf("first exchange: %+v", one)
	}
	if two.String() != "2" || two.sameAs != 1 {
		t.Errorf("second exchange: %+v", two)
	}
}

func TestLoadRefuses(t *testing.T) {
	for _, tc := range []struct{ text, problem string }{
		{"-- 1 request --\n-- 1 response --\n", "say above the first section"},
		{"x\n-- restart --\n", "there is no request"},
		{"x\n-- 1 request --\n", "has no response"},
		{"x\n-- 2 request --\n-- 2 response --\n", "want request and response 1"},
		{"x\n-- 1 request --\n-- 2 response --\n", "want request and response 1"},
		{"x\n-- 1 request --\n-- 2 request --\n", "want request and response 1"},
		{"x\n-- 1 request --\n-- 1 response: same as 1 --\n", "want an earlier exchange"},
		{"x\n-- 1 request --\n-- 1 response: same as 0 --\n", "want an earlier exchange"},
		{"x\n-- 1 response --\n", "is not known"},
		{"x\n-- advance --\n", "is not known"},
		{"x\n-- scene ../x --\n", "is not known"},
		{"x\n-- restart --\ny\n", "has a content"},
		{"x\n-- settings --\n", "settings come before"},
		{"x\n-- restart --\n-- settings --\nlan = true\n", "settings come before"},
	} {
		_, err := load(write(t, filepath.Join(t.TempDir(), "x.txtar"), tc.text))
		if err == nil || !strings.Contains(err.Error(), tc.problem) {
			t.Errorf("%q: got %v, want %q", tc.text, err, tc.problem)
		}
	}
}

func TestParseExpected(t *testing.T) {
	text := "405 Method Not Allowed\nAllow: GET, HEAD\nX: a:b\n\n{\"a\":\n\n1}\n"
	e, err := parseExpected(text)
	if err != nil || e.status != 405 || len(e.headers) != 2 || e.headers[1] != (header{"X", "a:b"}) || e.String() != text {
		t.Errorf("parseExpected = %+v, %v", e, err)
	}
	for _, bad := range []string{"", "OK\n", "200 OK\nnothing\n"} {
		if _, err := parseExpected(bad); err == nil {
			t.Errorf("parseExpected(%q): no error", bad)
		}
	}
}
