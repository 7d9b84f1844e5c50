package password_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"latchkey/backend/credential/password"
	"latchkey/backend/identity"
)

func TestDigestOf(t *testing.T) {
	// printf '%s' 'hunter2-https://github.com/alist-org/alist' | sha256sum
	const want = "6c80a00dd63f99a0cedd08c56840c2e1ea9c26ff6a71bac514441ed3ff8553d2"
	if got := password.DigestOf("hunter2").Reveal(); got != want {
		t.Errorf("DigestOf(hunter2) = %s, want %s", got, want)
	}
}

func TestDigestTellsEveryByteApart(t *testing.T) {
	long := strings.Repeat("x", 72)
	for _, pair := range [][2]string{
		{"Secret", "secret"},
		{"secret", "secret "},
		{"caf\u00e9", "cafe\u0301"}, // one letter, composed and decomposed
		{long + "a", long + "b"},
		{"a\x00b", "a\x00c"},
	} {
		if password.DigestOf(pair[0]) == password.DigestOf(pair[1]) {
			t.Errorf("%q and %q have one digest", pair[0], pair[1])
		}
	}
}

func TestParseDigest(t *testing.T) {
	good := password.DigestOf("x").Reveal()
	for _, tc := range []struct {
		name, in string
		ok       bool
	}{
		{"digest", good, true},
		{"empty", "", false},
		{"one short", good[1:], false},
		{"one long", good + "0", false},
		{"upper case", strings.ToUpper(good), false},
		{"no hexadecimal", "g" + good[1:], false},
		{"space", " " + good[1:], false},
		{"the password itself", "hunter2", false},
		{"wide digits", strings.Repeat("\uff10", 64), false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := password.ParseDigest(tc.in)
			if tc.ok {
				if err != nil || got.Reveal() != tc.in {
					t.Errorf("ParseDigest = %q, %v", got.Reveal(), err)
				}
				return
			}
			if identity.KindOf(err) != identity.Invalid || !got.IsZero() {
				t.Errorf("ParseDigest = %q, %v; want an Invalid error", got.Reveal(), err)
			}
		})
	}
}

func FuzzParseDigest(f *testing.F) {
	f.Add(password.DigestOf("x").Reveal())
	f.Add(strings.Repeat("A", 64))
	f.Fuzz(func(t *testing.T, in string) {
		if d, err := password.ParseDigest(in); err == nil && d.Reveal() != in {
			t.Errorf("ParseDigest(%q) holds %q", in, d.Reveal())
		}
	})
}

func TestDigestNeverShows(t *testing.T) {
	d := password.DigestOf("canary")
	type holder struct{ Digest password.Digest }
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+" "+verb+"\n", d, holder{d})
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "d", d, "h", holder{d})
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "d", d, "h", holder{d})
	for _, form := range []string{d.Reveal(), fmt.Sprintf("%x", d.Reveal())} {
		if strings.Contains(out.String(), form) {
			t.Errorf("the digest shows:\n%s", out.String())
		}
	}
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	e, ok := errors.AsType[*identity.Error](err)
	switch {
	case code == "" && err != nil:
		t.Errorf("got %v, want no error", err)
	case code != "" && !ok:
		t.Errorf("got %v, want code %s", err, code)
	case code != "" && e.Code != code:
		t.Errorf("got code %s, want %s", e.Code, code)
	}
}
