package token_test

import (
	"testing"

	"latchkey/backend/identity"
	"latchkey/backend/internal/testkit"
)

// FuzzParse changes genuine tokens and makes up others. Whatever passes must
// be, byte for byte, a token that was issued for the audience.
func FuzzParse(f *testing.F) {
	c := testkit.Open(f, testkit.Options{NoSeed: true})
	issued := map[string]identity.Audience{}
	for _, audience := range []identity.Audience{"alist", "drive"} {
		raw, err := c.Tokens.Issue(granted(c), useFor(audience))
		if err != nil {
			f.Fatal(err)
		}
		issued[raw] = audience
		f.Add(raw, string(audience))
	}
	f.Add("eyJhbGciOiJub25lIn0.eyJ1aWQiOjF9.", "alist")
	f.Add("...", "")
	f.Fuzz(func(t *testing.T, raw, audience string) {
		claims, err := c.Tokens.Parse(raw, identity.Audience(audience))
		if want, ok := issued[raw]; err == nil && (!ok || identity.Audience(audience) != want) {
			t.Errorf("Parse(%q, %q) = %+v, which was never issued", raw, audience, claims)
		}
		if err != nil && !refused(err) {
			t.Errorf("Parse(%q, %q): %v", raw, audience, err)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	c := testkit.Open(b, testkit.Options{NoSeed: true})
	raw, err := c.Tokens.Issue(granted(c), useFor("alist"))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Tokens.Parse(raw, "alist"); err != nil {
			b.Fatal(err)
		}
	}
}
