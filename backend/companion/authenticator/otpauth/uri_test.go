package otpauth_test

import (
	"reflect"
	"strings"
	"testing"

	"latchkey/backend/companion/authenticator/otpauth"
	"latchkey/backend/identity"
)

func TestParseURI(t *testing.T) {
	usual := keyOf(t, otpauth.Fields{Secret: "JBSWY3DPEHPK3PXP"})
	const s = "secret=JBSWY3DPEHPK3PXP"
	for _, tc := range []struct {
		in              string
		issuer, account string
		key             otpauth.Key
	}{
		{"otpauth://totp/GitHub:ann?" + s + "&issuer=GitHub", "GitHub", "ann", usual},
		{"  OTPAUTH://TOTP/GitHub:%20ann?" + s + "&ISSUER=GitHub\n", "GitHub", "ann", usual},
		{"otpauth://totp/GitHub%3Aann?" + s, "GitHub", "ann", usual},
		{"otpauth://totp/ann?" + s, "", "ann", usual},
		{"otpauth://totp/ann@example.com?" + s + "&issuer=GitHub", "GitHub", "ann@example.com", usual},
		{"otpauth://totp/Old:ann?" + s + "&issuer=New", "New", "ann", usual},
		{"otpauth://totp/GitHub:ann?" + s + "&issuer=", "GitHub", "ann", usual},

		// what apps write differently
		{"otpauth://totp/GitHub:ann#2?" + s + "&issuer=GitHub", "GitHub", "ann#2", usual},
		{"otpauth://totp/Issue #7:ann?issuer=Issue #7&" + s, "Issue #7", "ann", usual},
		{"otpauth://totp/My:Bank:ann?" + s + "&issuer=My:Bank", "My:Bank", "ann", usual},
		{"otpauth://totp/My%3ABank%3Aann?" + s + "&issuer=My%3ABank", "My:Bank", "ann", usual},
		{"otpauth://totp/GitHub:ann:work?" + s + "&issuer=GitHub", "GitHub", "ann:work", usual},
		{"otpauth://totp/Air%20Canada:ann?" + s + "&issuer=Air+Canada", "Air Canada", "ann", usual},
		{"otpauth://totp/ann?" + s + "&issuer=Air+Canada", "Air Canada", "ann", usual},
		{"otpauth://totp/C++:ann?" + s + "&issuer=C++", "C++", "ann", usual},
		{"otpauth://totp/ann?" + s + "&issuer=Disney+", "Disney+", "ann", usual},
		{"otpauth://totp/ann?" + s + "&issuer=A%2BB+C", "A+B C", "ann", usual},
		{"otpauth://totp/ann+work@example.com?" + s, "", "ann+work@example.com", usual},
		{"otpauth://totp/ann?secret=jbsw+y3dp%20ehpk-3pxp%3D%3D%3D", "", "ann", usual},
		{"otpauth://totp/ann?secret=jbsw y3dp ehpk 3pxp==", "", "ann", usual},
		{"otpauth://totp/ann?" + s + "&" + s + "&digits=6&digits=6", "", "ann", usual},
		{"otpauth://totp/ann?" + s + "&digits=&period=&algorithm=&image=https%3A%2F%2Fexample.com%2Fa.png&lock=true", "", "ann", usual},
		{"otpauth://totp/GitHub:ann?" + s + "&amp;issuer=GitHub&amp;digits=6", "GitHub", "ann", usual},
		{"otpauth://totp?" + s + "&issuer=GitHub", "GitHub", "", usual},
		{"otpauth://totp/?" + s, "", "", usual},
		{"otpauth://totp/银行:安?" + s, "银行", "安", usual},

		// what a key can be
		{"otpauth://totp/a?" + s + "&algorithm=SHA256&digits=10&period=86400", "", "a",
			keyOf(t, otpauth.Fields{Secret: "JBSWY3DPEHPK3PXP", Algorithm: "SHA256", Digits: "10", Period: "86400"})},
		{"otpauth://hotp/a?" + s + "&counter=42&period=0", "", "a", keyOf(t, otpauth.Fields{Kind: "hotp", Secret: "JBSWY3DPEHPK3PXP", Counter: "42"})},
		{"otpauth://hotp/a?" + s, "", "a", keyOf(t, otpauth.Fields{Kind: "hotp", Secret: "JBSWY3DPEHPK3PXP"})},
		{"otpauth://steam/Steam:ann?" + s, "Steam", "ann", keyOf(t, otpauth.Fields{Kind: "steam", Secret: "JBSWY3DPEHPK3PXP"})},
		{"otpauth://totp/Steam:ann?" + s + "&encoder=steam&digits=5", "Steam", "ann", keyOf(t, otpauth.Fields{Kind: "steam", Secret: "JBSWY3DPEHPK3PXP"})},
		{"steam://JBSWY3DPEHPK3PXP", "Steam", "", keyOf(t, otpauth.Fields{Kind: "steam", Secret: "JBSWY3DPEHPK3PXP"})},
	} {
		e, err := otpauth.ParseURI(tc.in)
		if err != nil || e.Issuer != tc.issuer || e.Account != tc.account || e.Key != tc.key {
			t.Errorf("%s\nis %q %q %+v, %v", tc.in, e.Issuer, e.Account, e.Key, err)
		}
	}
}

// What Ente keeps about an entry comes along.
func TestParseURIWithDisplay(t *testing.T) {
	const u = "otpauth://totp/a?secret=JBSWY3DPEHPK3PXP&codeDisplay="
	e, err := otpauth.ParseURI(u + "%7B%22pinned%22%3Atrue%2C%22tags%22%3A%5B%22work%22%5D%2C%22note%22%3A%22n%22%7D")
	if err != nil || !e.Pinned || !reflect.DeepEqual(e.Tags, []string{"work"}) || e.Note != "n" {
		t.Errorf("%+v, %v", e, err)
	}
	if e, err = otpauth.ParseURI(u + "nonsense"); err != nil || e.Account != "a" {
		t.Errorf("%+v, %v", e, err)
	}
	_, err = otpauth.ParseURI(u + "%7B%22trashed%22%3Atrue%7D")
	wantError(t, "trashed", err, otpauth.ErrTrashed)
}

func TestParseURIRefuses(t *testing.T) {
	const s = "secret=JBSWY3DPEHPK3PXP"
	for in, want := range map[string]*identity.Error{
		"":                                                         otpauth.ErrNotURI,
		"otpauth:":                                                 otpauth.ErrNotURI,
		"https://example.com/?" + s:                                otpauth.ErrNotURI,
		"otpauth://":                                               otpauth.ErrKind,
		"otpauth:///a?" + s:                                        otpauth.ErrKind,
		"otpauth://motp/a?" + s:                                    otpauth.ErrKind,
		"otpauth://totp/a":                                         otpauth.ErrNoSecret,
		"otpauth://totp/a?secret=":                                 otpauth.ErrNoSecret,
		"otpauth://totp/a?secret=%00":                              otpauth.ErrSecret,
		"otpauth://totp/a?secret=A1B8":                             otpauth.ErrSecret,
		"otpauth://totp/a?secret=ME":                               otpauth.ErrSecretShort,
		"otpauth://totp/%2?" + s:                                   otpauth.ErrEscape,
		"otpauth://totp/a?" + s + "&x=%G":                          otpauth.ErrEscape,
		"otpauth://totp/a?" + s + "&digits=-1":                     otpauth.ErrDigits,
		"otpauth://totp/a?" + s + "&digits=0":                      otpauth.ErrDigits,
		"otpauth://totp/a?" + s + "&digits=99":                     otpauth.ErrDigits,
		"otpauth://totp/a?" + s + "&period=0":                      otpauth.ErrPeriod,
		"otpauth://totp/a?" + s + "&period=2147483648":             otpauth.ErrPeriod,
		"otpauth://totp/a?" + s + "&algorithm=MD5":                 otpauth.ErrAlgorithm,
		"otpauth://hotp/a?" + s + "&counter=-1":                    otpauth.ErrCounter,
		"otpauth://totp/a?" + s + "&secret=MFRGGZDFMY":             otpauth.ErrTwice,
		"otpauth://totp/a?" + s + "&digits=6&DIGITS=8":             otpauth.ErrTwice,
		"otpauth://totp/" + strings.Repeat("a", 100<<10) + "?" + s: otpauth.ErrURILong,
	} {
		_, err := otpauth.ParseURI(in)
		wantError(t, in, err, want)
	}
}

// Names come from strangers. What could make one look like another is taken
// out, and that is said; markup is text.
func TestTidy(t *testing.T) {
	for _, tc := range []struct {
		in, want string
		changed  bool
	}{
		{"GitHub", "GitHub", false},
		{"  Git\t Hub \r\n", "Git Hub", false},
		{"Goo\u200bgle", "Google", true},
		{"\u202eelgooG", "elgooG", true},
		{"Git\x00Hub\x1b[31m", "GitHub[31m", true},
		{"Git\xffHub", "GitHub", true},
		{"<b>javascript:alert(1)</b>", "<b>javascript:alert(1)</b>", false},
		{"👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧", false},
		{"می\u200cخواهم", "می\u200cخواهم", false},
	} {
		e, changed, err := otpauth.Entry{Issuer: tc.in, Account: tc.in, Note: tc.in + "\nmore", Tags: []string{tc.in, tc.want, " "}}.Tidy()
		if err != nil || e.Issuer != tc.want || e.Account != tc.want || changed != tc.changed || !reflect.DeepEqual(e.Tags, []string{tc.want}) {
			t.Errorf("%q is %+v, %v, %v", tc.in, e, changed, err)
		}
		if !strings.HasSuffix(e.Note, "\nmore") {
			t.Errorf("the note is %q", e.Note)
		}
	}
	for _, tc := range []struct {
		e    otpauth.Entry
		want *identity.Error
	}{
		{otpauth.Entry{Issuer: strings.Repeat("安", 257)}, otpauth.ErrName},
		{otpauth.Entry{Account: strings.Repeat("a", 257)}, otpauth.ErrName},
		{otpauth.Entry{Note: strings.Repeat("a", 10_001)}, otpauth.ErrNote},
		{otpauth.Entry{Tags: []string{strings.Repeat("a", 101)}}, otpauth.ErrTags},
		{otpauth.Entry{Tags: strings.Split(strings.Repeat("ab c de f ", 400), "")}, nil},
	} {
		_, _, err := tc.e.Tidy()
		if tc.want != nil {
			wantError(t, "tidy", err, tc.want)
		} else if err != nil {
			t.Error(err)
		}
	}
}

func FuzzParseURI(f *testing.F) {
	for _, s := range []string{
		"otpauth://totp/GitHub:ann?secret=JBSWY3DPEHPK3PXP&issuer=GitHub&algorithm=SHA256&digits=8&period=60",
		"otpauth://hotp/:a%3Ab?secret=JBSWY3DPEHPK3PXP&counter=7", "otpauth://totp/a?secret=JBSWY3DPEHPK3PXP&issuer=C%2B%2B+x+",
		"steam://JBSWY3DPEHPK3PXP", "otpauth://totp/a?secret=JBSWY3DPEHPK3PXP&codeDisplay=%7B%22pinned%22%3Atrue%7D", "otpauth://totp/%2",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		e, err := otpauth.ParseURI(in)
		if err != nil {
			wantError(t, in, err, identity.AsError(err))
			return
		}
		e, _, err = e.Tidy()
		if err != nil {
			wantError(t, in, err, identity.AsError(err))
			return
		}
		again, err := otpauth.ParseURI(e.URI())
		if err != nil || again.Key != e.Key || again.Issuer != e.Issuer || again.Account != e.Account {
			t.Errorf("%q\nreads as %q %q\nand after %s as %q %q, %v", in, e.Issuer, e.Account, e.URI(), again.Issuer, again.Account, err)
		}
		_ = e.Key.Compute(1)
	})
}

func FuzzParseSecret(f *testing.F) {
	f.Add("jbsw y3dp ehpk 3pxp==")
	f.Fuzz(func(t *testing.T, in string) {
		s, err := otpauth.ParseSecret(in)
		if err != nil {
			return
		}
		if again, err := otpauth.ParseSecret(s.Base32()); err != nil || again != s {
			t.Errorf("%q reads as %q, %v", s.Base32(), again.Base32(), err)
		}
	})
}
