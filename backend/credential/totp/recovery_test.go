package totp_test

import (
	"regexp"
	"strings"
	"testing"

	"latchkey/backend/credential/totp"
	"latchkey/backend/internal/env"
)

var recoveryForm = regexp.MustCompile(`^([0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{4}$`)

func TestNewRecoveryCodes(t *testing.T) {
	codes := totp.NewRecoveryCodes(env.System())
	if len(codes) != 10 {
		t.Errorf("%d codes, want 10", len(codes))
	}
	seen := map[string]bool{}
	for _, c := range codes {
		if !recoveryForm.MatchString(c) {
			t.Errorf("%q has another form", c)
		}
		if got, ok := totp.NormalizeRecoveryCode(c); !ok || got != c {
			t.Errorf("%q normalises to %q, %v", c, got, ok)
		}
		if seen[c] {
			t.Errorf("%q is there twice", c)
		}
		seen[c] = true
	}
}

func TestNormalizeRecoveryCode(t *testing.T) {
	const code = "0123-4567-89ab-xyz1"
	for typed, want := range map[string]string{
		code:                       code,
		strings.ToUpper(code):      code,
		"0123456789abxyz1":         code,
		" 0123 4567 89ab xyz1\r\n": code,
		"O123-4567-89AB-XYZL":      code,
		"o123-4567-89ab-xyzi":      code,
		"０１２３－４５６７－８９ａｂ－ｘｙｚ１":             code,
		"0123—4567—89ab—xyz1":             code,
		"0123-4567-89ab-xyz":              "",
		"0123-4567-89ab-xyz12":            "",
		"0123-4567-89ab-xyzu":             "",
		"0123-4567-89ab-xyz_":             "",
		"123456":                          "",
		"":                                "",
		code + strings.Repeat(" ", 1<<20): "",
	} {
		if got, ok := totp.NormalizeRecoveryCode(typed); got != want || ok != (want != "") {
			t.Errorf("%.40q: got %q, %v; want %q", typed, got, ok, want)
		}
	}
}

func FuzzNormalizeRecoveryCode(f *testing.F) {
	f.Add("0123-4567-89ab-xyz1")
	f.Add("０１２３－４５６７－８９ａｂ－ｘｙｚ１")
	f.Fuzz(func(t *testing.T, typed string) {
		code, ok := totp.NormalizeRecoveryCode(typed)
		if !ok {
			return
		}
		if !recoveryForm.MatchString(code) {
			t.Errorf("%q normalises to %q", typed, code)
		}
		if again, ok := totp.NormalizeRecoveryCode(code); !ok || again != code {
			t.Errorf("%q normalises to %q, which normalises to %q", typed, code, again)
		}
	})
}
