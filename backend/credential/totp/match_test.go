package totp_test

import (
	"encoding/base32"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	pquerna "github.com/pquerna/otp/totp"

	"latchkey/backend/credential/totp"
	"latchkey/backend/internal/env"
)

func parse(t *testing.T, text string) totp.Secret {
	t.Helper()
	s, err := totp.ParseSecret(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// rfcSecret is the SHA-1 seed of RFC 6238, appendix B.
func rfcSecret(t *testing.T) totp.Secret {
	return parse(t, base32.StdEncoding.EncodeToString([]byte("12345678901234567890")))
}

// RFC 6238, appendix B, SHA-1. Its codes have eight digits; ours are the last six.
var rfcVectors = []struct {
	unix int64
	code string
}{
	{59, "94287082"},
	{1111111109, "07081804"},
	{1111111111, "14050471"},
	{1234567890, "89005924"},
	{2000000000, "69279037"},
	{20000000000, "65353130"},
}

func TestMatchVectors(t *testing.T) {
	s := rfcSecret(t)
	for _, v := range rfcVectors {
		step, ok := totp.Match(s, v.code[2:], time.Unix(v.unix, 0))
		if !ok || step != v.unix/30 {
			t.Errorf("at %d: step %d, %v; want step %d", v.unix, step, ok, v.unix/30)
		}
		if _, ok := totp.Match(s, v.code, time.Unix(v.unix, 0)); ok {
			t.Errorf("at %d: eight digits are accepted", v.unix)
		}
	}
}

func TestMatchWindow(t *testing.T) {
	s := rfcSecret(t)
	const code, step = "050471", 1111111111 / 30
	first, last := time.Unix(step*30, 0), time.Unix(step*30+29, 999_999_999)
	for _, tc := range []struct {
		name string
		at   time.Time
		ok   bool
	}{
		{"just begun", first, true},
		{"about to end", last, true},
		{"one step early", first.Add(-30 * time.Second), true},
		{"one step late", last.Add(30 * time.Second), true},
		{"two steps early", first.Add(-30*time.Second - 1), false},
		{"two steps late", last.Add(30*time.Second + 1), false},
		{"clock ten minutes slow", first.Add(-10 * time.Minute), false},
		{"before 1970", time.Unix(-1111111111, 0), false},
	} {
		got, ok := totp.Match(s, code, tc.at)
		if ok != tc.ok || ok && got != step {
			t.Errorf("%s: step %d, %v; want %v", tc.name, got, ok, tc.ok)
		}
	}
}

// However a code is typed it must belong to one step, or a spent code could
// be spent again in another spelling.
func TestMatchSpellings(t *testing.T) {
	s := rfcSecret(t)
	at := time.Unix(1111111109, 0)
	for typed, want := range map[string]bool{
		"081804":           true,
		" 081804":          true,
		"081804\r\n":       true,
		"\t081804 ":        true,
		"081 804":          true,
		"\u3000081804":     true,
		"０８１８０４":           true,
		"０８１　８０４":          true,
		"081\u00a0804":     true,
		"08 1804":          false,
		"081  804":         false,
		"081-804":          false,
		"0 8 1 8 0 4":      false,
		"81804":            false,
		"0081804":          false,
		"-81804":           false,
		"+81804":           false,
		"081804.0":         false,
		"0x13f8c":          false,
		"٠٨١٨٠٤":           false,
		"":                 false,
		"      ":           false,
		"000000":           false,
		"081804\x00":       false,
		"081804\u200b":     false,
		"081\xff804":       false,
		"081804081804":     false,
		"081805":           false,
		" 081804 " + pad(): false,
	} {
		step, ok := totp.Match(s, typed, at)
		if ok != want || ok && step != at.Unix()/30 {
			t.Errorf("%q: step %d, %v; want %v", typed, step, ok, want)
		}
	}
}

func pad() string { return strings.Repeat(" ", 1<<20) }

// A code may by chance fit two steps that are both in the window. Then the
// newest is the one to spend: the older one would leave the code good.
func TestMatchTakesTheNewestStep(t *testing.T) {
	s := rfcSecret(t)
	for _, tc := range []struct {
		code         string
		older, newer int64
	}{
		{"127604", 67507239, 67507241},
		{"666714", 68357462, 68357463},
	} {
		for _, step := range []int64{tc.older, tc.newer} {
			if got, err := pquerna.GenerateCode(s.Base32(), time.Unix(step*30, 0)); err != nil || got != tc.code {
				t.Fatalf("step %d has code %s, %v; want %s", step, got, err, tc.code)
			}
		}
		at := time.Unix((tc.newer-1)*30, 0)
		if step, ok := totp.Match(s, tc.code, at); !ok || step != tc.newer {
			t.Errorf("%s: step %d, %v; want %d", tc.code, step, ok, tc.newer)
		}
	}
}

func TestMatchWithoutASecret(t *testing.T) {
	code, err := pquerna.GenerateCode("", time.Unix(59, 0)) // the code of the empty secret
	if err != nil {
		t.Fatal(err)
	}
	if step, ok := totp.Match(totp.Secret{}, code, time.Unix(59, 0)); ok {
		t.Errorf("the zero secret matches at step %d", step)
	}
}

func TestMatchAgreesWithOathtool(t *testing.T) {
	tool, err := exec.LookPath("oathtool")
	if err != nil {
		t.Skip("skipped: oathtool is not installed")
	}
	s := totp.NewSecret(env.System())
	for _, unix := range []int64{59, 1111111109, 1234567890, 1795212000, 20000000000} {
		out, err := exec.CommandContext(t.Context(), tool, "--totp", "--base32", "--now", "@"+strconv.FormatInt(unix, 10), s.Base32()).Output()
		if err != nil {
			t.Fatal(err)
		}
		if step, ok := totp.Match(s, string(out), time.Unix(unix, 0)); !ok || step != unix/30 {
			t.Errorf("oathtool says %s at %d; got step %d, %v", out, unix, step, ok)
		}
	}
}

func FuzzMatch(f *testing.F) {
	for _, seed := range []string{"081804", "０８１ ８０４", " 081804\n", "", "08180", "\xff"} {
		f.Add(seed)
	}
	s, err := totp.ParseSecret(base32.StdEncoding.EncodeToString([]byte("12345678901234567890")))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, code string) {
		const step = 1111111109 / 30
		if got, ok := totp.Match(s, code, time.Unix(step*30, 0)); ok && (got < step-1 || got > step+1) {
			t.Errorf("Match(%q) = step %d, outside the window", code, got)
		}
	})
}
