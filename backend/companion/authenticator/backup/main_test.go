package backup

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"latchkey/backend/companion/authenticator/otpauth"
	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
)

const (
	password = "three lamps and a boat"

	// Secrets in the samples. Neither may stand in an error.
	seed  = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" // 12345678901234567890
	other = "JBSWY3DPEHPK3PXP"
	// canary is what else a backup has in it that is none of our business.
	canary = "canary-7f2d"
)

func must[T any](t testing.TB, v T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func keyOf(t testing.TB, f otpauth.Fields) otpauth.Key {
	t.Helper()
	if f.Secret == "" {
		f.Secret = seed
	}
	k, err := f.Key()
	return must(t, k, err)
}

// three are the entries that most samples hold: of each kind one.
func three(t testing.TB) []otpauth.Entry {
	t.Helper()
	return []otpauth.Entry{
		{Issuer: "GitHub", Account: "ann", Key: keyOf(t, otpauth.Fields{Algorithm: "SHA256", Digits: "8", Period: "60"}), Tags: []string{"work"}, Pinned: true, Note: "spare phone"},
		{Issuer: "Router", Account: "admin", Key: keyOf(t, otpauth.Fields{Kind: "hotp", Counter: "42"})},
		{Issuer: "Steam", Account: "ann", Key: keyOf(t, otpauth.Fields{Kind: "steam"})},
	}
}

// bare leaves out what a format does not keep.
func bare(entries []otpauth.Entry, drop ...string) []otpauth.Entry {
	var out []otpauth.Entry
	for _, e := range entries {
		for _, what := range drop {
			switch what {
			case "tags":
				e.Tags = nil
			case "note":
				e.Note = ""
			case "pin":
				e.Pinned = false
			}
		}
		out = append(out, e)
	}
	return out
}

func wantEntries(t *testing.T, b Backup, want []otpauth.Entry) {
	t.Helper()
	var got []otpauth.Entry
	for _, f := range b.Found {
		got = append(got, f.Entry)
	}
	if len(got) != len(want) {
		t.Fatalf("%d entries, want %d; unread: %+v", len(got), len(want), b.Unread)
	}
	for i := range want {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("%d is %+v\nwant %+v", i, got[i], want[i])
		}
	}
}

// wantError checks what an error is, and that it tells no secret.
func wantError(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
	wantSafe(t, err)
}

func wantSafe(t *testing.T, err error) {
	t.Helper()
	e, ok := errors.AsType[*identity.Error](err)
	if !ok || e.Kind == identity.Internal {
		t.Errorf("%v cannot be shown", err)
	}
	for _, s := range []string{seed, other, password, canary} {
		if text := fmt.Sprintf("%+v %v", err, e); strings.Contains(text, s) {
			t.Errorf("the error tells a secret: %s", text)
		}
	}
}

func typed() secret.Text { return secret.New(password) }
