package token_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"

	"latchkey/backend/identity"
	"latchkey/backend/internal/testkit"
	"latchkey/backend/token"
)

// granted is a token that a core could give, good for an hour.
func granted(c *testkit.Core) identity.AccessToken {
	return identity.AccessToken{
		ID: identity.TokenID(c.Env.ID()), Session: identity.SessionID(c.Env.ID()), User: 7,
		IssuedAt: c.Clock.Now(), ExpiresAt: c.Clock.Now().Add(time.Hour), Life: time.Hour,
	}
}

func issue(t *testing.T, c *testkit.Core) (string, identity.AccessToken) {
	t.Helper()
	made := granted(c)
	raw, err := c.Tokens.Issue(made, useFor("alist"))
	if err != nil {
		t.Fatal(err)
	}
	return raw, made
}

func TestParseReturnsWhatWasIssued(t *testing.T) {
	c := testkit.Open(t, testkit.Options{NoSeed: true})
	raw, made := issue(t, c)
	got, err := c.Tokens.Parse(raw, "alist")
	want := token.Claims{
		Token: made.ID, Session: made.Session, User: made.User, Use: useFor("alist"), ExpiresAt: token.EndOf(made),
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("Parse: %v (-want +got):\n%s", err, diff)
	}
	if len(raw) > 600 {
		t.Errorf("a token has %d bytes, want at most 600: it travels with every request", len(raw))
	}
}

func TestTokenEndsAtItsSecond(t *testing.T) {
	c := testkit.Open(t, testkit.Options{NoSeed: true})
	raw, made := issue(t, c)
	for _, tc := range []struct {
		at   time.Time
		want error
	}{
		{made.ExpiresAt.Add(-time.Second), nil},
		{made.ExpiresAt.Add(-time.Nanosecond), nil},
		{made.ExpiresAt, token.ErrExpired},
		{made.ExpiresAt.Add(31 * time.Second), token.ErrExpired},
		{made.ExpiresAt.AddDate(10, 0, 0), token.ErrExpired},
		{time.Unix(1<<33, 0), token.ErrExpired},
	} {
		c.Clock.Set(tc.at)
		if _, err := c.Tokens.Parse(raw, "alist"); !errors.Is(err, tc.want) {
			t.Errorf("at %v: %v, want %v", tc.at, err, tc.want)
		}
	}
}

// A clock that was set back makes tokens from the future. They must not live
// longer for it, but seconds of difference are no reason to refuse one.
func TestTokenFromTheFuture(t *testing.T) {
	c := testkit.Open(t, testkit.Options{NoSeed: true})
	raw, made := issue(t, c)
	for _, tc := range []struct {
		back time.Duration
		want error
	}{
		{30 * time.Second, nil},
		{31 * time.Second, token.ErrInvalid},
		{24 * time.Hour, token.ErrInvalid},
		{50 * 365 * 24 * time.Hour, token.ErrInvalid},
	} {
		c.Clock.Set(made.IssuedAt.Add(-tc.back))
		if _, err := c.Tokens.Parse(raw, "alist"); !errors.Is(err, tc.want) {
			t.Errorf("clock %v back: %v, want %v", tc.back, err, tc.want)
		}
	}
}

// forge signs claims and header with the server's own key: whoever could do
// that has won, but a token of the wrong kind must not pass even so.
func forge(t *testing.T, c *testkit.Core, header map[string]any, claims jwt.MapClaims) string {
	t.Helper()
	id, secret := currentKey(t, c)
	tok := jwt.NewWithClaims(jwt.SigningMethodHS256, claims)
	tok.Header = map[string]any{"alg": "HS256", "typ": "at+jwt", "kid": id}
	for k, v := range header {
		if v == nil {
			delete(tok.Header, k)
			continue
		}
		tok.Header[k] = v
	}
	raw, err := tok.SignedString(secret)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// goodClaims are those of a token that would pass.
func goodClaims(t *testing.T, c *testkit.Core) jwt.MapClaims {
	t.Helper()
	issuer, err := c.Store.Setting(t.Context(), "installation")
	if err != nil {
		t.Fatal(err)
	}
	now := c.Clock.Now().Unix()
	return jwt.MapClaims{
		"iss": string(issuer), "aud": []string{"alist"}, "iat": now, "exp": now + 3600,
		"jti": "0123456789abcdef0123456789abcdef", "sid": "fedcba9876543210fedcba9876543210", "uid": 7,
	}
}

func TestForgeryThatWouldPass(t *testing.T) {
	c := testkit.Open(t, testkit.Options{NoSeed: true})
	if _, err := c.Tokens.Parse(forge(t, c, nil, goodClaims(t, c)), "alist"); err != nil {
		t.Fatalf("the forger of these tests is broken, so they prove nothing: %v", err)
	}
}

func TestWrongClaimsAreRefused(t *testing.T) {
	c := testkit.Open(t, testkit.Options{NoSeed: true})
	now := c.Clock.Now().Unix()
	for name, tc := range map[string]struct {
		claim string
		value any // nil takes the claim away
	}{
		"no audience":            {"aud", nil},
		"another dialect":        {"aud", []string{"drive"}},
		"empty audience":         {"aud", []string{""}},
		"audience in other case": {"aud", "ALIST"},
		"audience is an object":  {"aud", map[string]any{"alist": true}},
		"no issuer":              {"iss", nil},
		"another installation":   {"iss", "0123456789abcdef0123456789abcdef"},
		"issuer is a list":       {"iss", []string{"a"}},
		"no expiry":              {"exp", nil},
		"expiry is a word":       {"exp", "never"},
		"expiry is a list":       {"exp", []int64{now + 60}},
		"expiry is null":         {"exp", jwt.NewNumericDate(time.Time{})},
		"expiry is negative":     {"exp", -1},
		"not valid yet":          {"nbf", now + 60},
		"not-before is text":     {"nbf", "soon"},
		"issued in the future":   {"iat", now + 60},
		"issued at text":         {"iat", "now"},
		"user is text":           {"uid", "7"},
		"user is a fraction":     {"uid", 7.5},
		"user is beyond 64 bits": {"uid", 1e20},
		"user is zero":           {"uid", 0},
		"user is negative":       {"uid", -7},
		"no user":                {"uid", nil},
		"no session":             {"sid", nil},
		"no token id":            {"jti", nil},
		"session is not one":     {"sid", "x' OR 1=1 --"},
		"token id is not one":    {"jti", "../../etc/passwd"},
		"session is a number":    {"sid", 1},
		"no time of issue":       {"iat", nil},
	} {
		claims := goodClaims(t, c)
		if tc.value == nil {
			delete(claims, tc.claim)
		} else {
			claims[tc.claim] = tc.value
		}
		if got, err := c.Tokens.Parse(forge(t, c, nil, claims), "alist"); !refused(err) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestWrongHeadersAreRefused(t *testing.T) {
	c := testkit.Open(t, testkit.Options{NoSeed: true})
	id, _ := currentKey(t, c)
	for name, header := range map[string]map[string]any{
		"no type":           {"typ": nil},
		"any JWT":           {"typ": "JWT"},
		"refresh token":     {"typ": "rt+jwt"},
		"type is a list":    {"typ": []string{"at+jwt"}},
		"no key id":         {"kid": nil},
		"empty key id":      {"kid": ""},
		"unknown key id":    {"kid": "00000000"},
		"key id is a path":  {"kid": "../../../dev/null"},
		"key id is SQL":     {"kid": "x' UNION SELECT 'key'; --"},
		"key id is a list":  {"kid": []string{id}},
		"key id is a map":   {"kid": map[string]any{"id": id}},
		"key id in capital": {"kid": strings.ToUpper(id) + "X"},
		"algorithm none":    {"alg": "none"},
		"algorithm None":    {"alg": "None"},
		"algorithm nOnE":    {"alg": "nOnE"},
		"no algorithm":      {"alg": nil},
		"algorithm unknown": {"alg": "HS999"},
		"algorithm RS256":   {"alg": "RS256"},
		"algorithm ES256":   {"alg": "ES256"},
		"algorithm HS384":   {"alg": "HS384"},
		"algorithm HS512":   {"alg": "HS512"},
		"algorithm a list":  {"alg": []string{"HS256"}},
		"lower case":        {"alg": "hs256"},
	} {
		if got, err := c.Tokens.Parse(forge(t, c, header, goodClaims(t, c)), "alist"); !refused(err) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// What a token says about keys is not listened to: these carry the forger's
// own key, or point to it.
func TestKeysInsideTokensAreIgnored(t *testing.T) {
	c := testkit.Open(t, testkit.Options{NoSeed: true})
	id, _ := currentKey(t, c)
	own := []byte("the forger's own key of 32 bytes")
	for name, header := range map[string]any{
		"jwk": map[string]any{"kty": "oct", "k": "dGhlIGZvcmdlcidzIG93biBrZXkgb2YgMzIgYnl0ZXM", "kid": id},
		"jku": "https://evil.example/keys.json",
		"x5u": "https://evil.example/cert.pem",
		"x5c": []string{"MIIB"},
	} {
		tok := jwt.NewWithClaims(jwt.SigningMethodHS256, goodClaims(t, c))
		tok.Header["typ"], tok.Header["kid"], tok.Header[name] = "at+jwt", id, header
		raw, err := tok.SignedString(own)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := c.Tokens.Parse(raw, "alist"); !refused(err) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// Each other algorithm, properly signed by it and over our own key where that
// is possible.
func TestOtherAlgorithmsAreRefused(t *testing.T) {
	c := testkit.Open(t, testkit.Options{NoSeed: true})
	id, secret := currentKey(t, c)
	ec, rsa, ed := signers(t)
	for method, key := range map[jwt.SigningMethod]any{
		jwt.SigningMethodHS384: secret,
		jwt.SigningMethodHS512: secret,
		jwt.SigningMethodRS256: rsa,
		jwt.SigningMethodPS256: rsa,
		jwt.SigningMethodES256: ec,
		jwt.SigningMethodEdDSA: ed,
		jwt.SigningMethodNone:  jwt.UnsafeAllowNoneSignatureType,
	} {
		tok := jwt.NewWithClaims(method, goodClaims(t, c))
		tok.Header["typ"], tok.Header["kid"] = "at+jwt", id
		raw, err := tok.SignedString(key)
		if err != nil {
			t.Fatalf("%s: %v", method.Alg(), err)
		}
		if got, err := c.Tokens.Parse(raw, "alist"); !refused(err) {
			t.Errorf("%s: %+v, %v", method.Alg(), got, err)
		}
	}
}

func TestOddTextIsRefused(t *testing.T) {
	c := testkit.Open(t, testkit.Options{NoSeed: true})
	raw, _ := issue(t, c)
	parts := strings.Split(raw, ".")
	for name, text := range map[string]string{
		"empty":             "",
		"dots":              "..",
		"no signature":      parts[0] + "." + parts[1] + ".",
		"signature cut off": parts[0] + "." + parts[1],
		"twice":             raw + "." + raw,
		"five parts":        raw + ".x.y",
		"space before":      " " + raw,
		"space after":       raw + " ",
		"line after":        raw + "\n",
		"line within":       parts[0] + "\n." + parts[1] + "." + parts[2],
		"padded":            parts[0] + "=." + parts[1] + "." + parts[2],
		"prefix":            "Bearer " + raw,
		"NUL":               raw + "\x00",
		"no UTF-8":          "\xff." + parts[1] + "." + parts[2],
		"parts swapped":     parts[1] + "." + parts[0] + "." + parts[2],
		"standard base64":   strings.NewReplacer("-", "+", "_", "/").Replace(parts[0]) + "." + parts[1] + "." + parts[2] + "+",
		"JSON form":         `{"protected":"` + parts[0] + `","payload":"` + parts[1] + `","signature":"` + parts[2] + `"}`,
	} {
		if got, err := c.Tokens.Parse(text, "alist"); !refused(err) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// Every bit of every byte, and each byte dropped or doubled.
func TestEveryByteCounts(t *testing.T) {
	c := testkit.Open(t, testkit.Options{NoSeed: true})
	raw, _ := issue(t, c)
	try := func(text []byte) {
		t.Helper()
		if got, err := c.Tokens.Parse(string(text), "alist"); !refused(err) {
			t.Errorf("%q instead of %q: %+v, %v", text, raw, got, err)
		}
	}
	for i := range len(raw) {
		for bit := range 8 {
			b := []byte(raw)
			b[i] ^= 1 << bit
			try(b)
		}
		try(slices.Delete([]byte(raw), i, i+1))
		try(slices.Insert([]byte(raw), i, raw[i]))
	}
	// The last characters of base64 have bits to spare.
	for _, i := range []int{strings.Index(raw, ".") - 1, strings.LastIndex(raw, ".") - 1, len(raw) - 1} {
		for _, r := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" {
			if b := []byte(raw); b[i] != byte(r) {
				b[i] = byte(r)
				try(b)
			}
		}
	}
}

// A text of any length costs next to nothing to refuse.
func TestHugeTextCostsNothing(t *testing.T) {
	c := testkit.Open(t, testkit.Options{NoSeed: true})
	for name, text := range map[string]string{
		"1 MB":         strings.Repeat("A", 1<<20),
		"100,000 dots": strings.Repeat(".", 100_000),
		"2,049 bytes":  "a.b." + strings.Repeat("A", 2045),
		"wide parts":   strings.Repeat("A", 300_000) + "." + strings.Repeat("A", 300_000) + "." + strings.Repeat("A", 300_000),
	} {
		if _, err := c.Tokens.Parse(text, "alist"); !refused(err) {
			t.Errorf("%s: %v", name, err)
		}
		if n := testing.AllocsPerRun(10, func() { _, _ = c.Tokens.Parse(text, "alist") }); n != 0 {
			t.Errorf("%s: %v allocations, want none", name, n)
		}
	}
}

// refused reports whether err is one of the two refusals, which say nothing
// but that.
func refused(err error) bool {
	return errors.Is(err, token.ErrInvalid) || errors.Is(err, token.ErrExpired)
}

// Each sort of token opens what it is for, and nothing else.
func TestTokensAreNotMistakenForEachOther(t *testing.T) {
	c := testkit.Open(t, testkit.Options{NoSeed: true})
	made := granted(c)
	made.Generation, made.ExpiresAt = 3, made.IssuedAt.Add(7*24*time.Hour)
	access, err := c.Tokens.Issue(made, useFor("drive", "iam"))
	if err != nil {
		t.Fatal(err)
	}
	refresh, err := c.Tokens.IssueRefresh(made, useFor("drive"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Tokens.Parse(refresh, "drive"); !errors.Is(err, token.ErrInvalid) {
		t.Errorf("a refresh token as an access token: %v", err)
	}
	if _, err := c.Tokens.ParseRenewable(refresh, "drive"); !errors.Is(err, token.ErrInvalid) {
		t.Errorf("a refresh token as an access token to renew: %v", err)
	}
	if _, err := c.Tokens.ParseRefresh(access, "drive"); !errors.Is(err, token.ErrInvalid) {
		t.Errorf("an access token as a refresh token: %v", err)
	}
	if _, err := c.Tokens.ParseRefresh(refresh, "iam"); !errors.Is(err, token.ErrInvalid) {
		t.Errorf("a refresh token of another dialect: %v", err)
	}
	for _, audience := range []identity.Audience{"drive", "iam"} {
		if got, err := c.Tokens.Parse(access, audience); err != nil || got.Generation != 3 {
			t.Errorf("for %s: %+v, %v", audience, got, err)
		}
	}
	c.Clock.Add(2 * time.Hour)
	if _, err := c.Tokens.Parse(access, "drive"); !errors.Is(err, token.ErrExpired) {
		t.Errorf("after its end: %v", err)
	}
	if got, err := c.Tokens.ParseRenewable(access, "iam"); err != nil || got.Token != made.ID {
		t.Errorf("to renew after its end: %+v, %v", got, err)
	}
	if _, err := c.Tokens.ParseRenewable(access, "alist"); !errors.Is(err, token.ErrInvalid) {
		t.Errorf("to renew, of another dialect: %v", err)
	}
	c.Clock.Add(7 * 24 * time.Hour)
	if _, err := c.Tokens.ParseRefresh(refresh, "drive"); !errors.Is(err, token.ErrExpired) {
		t.Errorf("a refresh token after its end: %v", err)
	}
}

func TestOpener(t *testing.T) {
	c := testkit.Open(t, testkit.Options{NoSeed: true})
	made := granted(c)
	access, err := c.Tokens.Issue(made, useFor("iam", "drive"))
	if err != nil {
		t.Fatal(err)
	}
	refresh, err := c.Tokens.IssueRefresh(made, useFor("drive", "iam"))
	if err != nil {
		t.Fatal(err)
	}
	c.Clock.Add(48 * time.Hour)
	for raw, want := range map[string]identity.Audience{access: "iam", refresh: "drive", access + "x": "", "": "", "a.b.c": ""} {
		if got, ok := c.Tokens.Opener(raw); got != want || ok != (want != "") {
			t.Errorf("%.20q was opened by %q, %v; want %q", raw, got, ok, want)
		}
	}
}

// One generation has one text: a client that lost an answer gets it again.
func TestATokenHasOneText(t *testing.T) {
	c := testkit.Open(t, testkit.Options{NoSeed: true})
	made := granted(c)
	first, err := c.Tokens.IssueRefresh(made, useFor("drive"))
	if err != nil {
		t.Fatal(err)
	}
	c.Clock.Add(5 * time.Second)
	if again, err := c.Tokens.IssueRefresh(made, useFor("drive")); err != nil || again != first {
		t.Errorf("again: %q, %v; want %q", again, err, first)
	}
	made.Generation++
	if next, err := c.Tokens.IssueRefresh(made, useFor("drive")); err != nil || next == first {
		t.Errorf("the next generation: %q, %v", next, err)
	}
}

// Both tokens of a sign-in say how it is renewed, so that the next ones can.
func TestTokensTellHowTheyAreRenewed(t *testing.T) {
	c := testkit.Open(t, testkit.Options{NoSeed: true})
	for _, exchange := range []bool{false, true} {
		use := token.Use{Audiences: []identity.Audience{"iam", "drive"}, Exchange: exchange}
		access, err := c.Tokens.Issue(granted(c), use)
		if err != nil {
			t.Fatal(err)
		}
		refresh, err := c.Tokens.IssueRefresh(granted(c), use)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := c.Tokens.Parse(access, "iam"); err != nil || !cmp.Equal(got.Use, use) {
			t.Errorf("an access token: %+v, %v; want %+v", got.Use, err, use)
		}
		if got, err := c.Tokens.ParseRefresh(refresh, "drive"); err != nil || !cmp.Equal(got.Use, use) {
			t.Errorf("a refresh token: %+v, %v; want %+v", got.Use, err, use)
		}
	}
}

func useFor(audiences ...identity.Audience) token.Use { return token.Use{Audiences: audiences} }
