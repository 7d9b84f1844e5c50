package vault

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
)

var recoveryForm = regexp.MustCompile(`^([0-9A-HJKMNP-TV-Z]{4}-){7}[0-9A-HJKMNP-TV-Z]{4}$`)

func TestRecoveryKeys(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		bits, text := newRecovery(env.System())
		if got := text.Reveal(); !recoveryForm.MatchString(got) || seen[got] {
			t.Errorf("%q is odd or there twice", got)
		}
		seen[text.Reveal()] = true
		if got, err := parseRecovery(text); err != nil || got != bits {
			t.Errorf("%s reads as %x, %v; want %x", text.Reveal(), got, err, bits)
		}
	}
}

func TestTypedRecoveryKeys(t *testing.T) {
	bits, text := newRecovery(env.Env{Rand: zeros{}})
	printed := text.Reveal()
	for _, typed := range []string{
		printed,
		strings.ToLower(printed),
		strings.ReplaceAll(printed, "-", ""),
		strings.ReplaceAll(printed, "-", " "),
		strings.ReplaceAll(printed, "-", " — "),
		strings.ReplaceAll(printed, "-", "\r\n"),
		"  " + printed + "\n",
		strings.ReplaceAll(printed, "0", "O"),
		strings.ReplaceAll(printed, "0", "o"),
		strings.ReplaceAll(strings.ReplaceAll(printed, "1", "l"), "0", "０"),
		strings.ReplaceAll(printed, "1", "I"),
	} {
		if got, err := parseRecovery(secret.New(typed)); err != nil || got != bits {
			t.Errorf("%q: got %x, %v", typed, got, err)
		}
	}
	for _, typed := range []string{
		"", "-", printed[:38], printed + "0", printed + printed, "U" + printed[1:], "?" + printed[1:],
		strings.Repeat("0", 32), strings.Repeat(" ", 1<<20), "0123-4567-89ab-xyz1", "123456", "\xff",
	} {
		if _, err := parseRecovery(secret.New(typed)); !errors.Is(err, ErrRecoveryMistyped) {
			t.Errorf("%.40q: got %v", typed, err)
		}
	}
}

// zeros is chance that always comes out the same.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// One wrong character, two that changed places, and one left out and another
// put in are all noticed as what they are.
func TestMistypedRecoveryKeys(t *testing.T) {
	_, text := newRecovery(env.System())
	bare := strings.ReplaceAll(text.Reveal(), "-", "")
	mistyped := func(typed string) {
		t.Helper()
		if _, err := parseRecovery(secret.New(typed)); !errors.Is(err, ErrRecoveryMistyped) {
			t.Errorf("%s passes for %s", typed, bare)
		}
	}
	for n := range bare {
		for _, c := range recoveryAlphabet {
			if byte(c) != bare[n] {
				mistyped(bare[:n] + string(c) + bare[n+1:])
			}
		}
		if n > 0 && bare[n] != bare[n-1] {
			mistyped(bare[:n-1] + bare[n:n+1] + bare[n-1:n] + bare[n+1:])
		}
		shifted := bare[:n] + bare[n+1:] + "7"
		if shifted != bare {
			mistyped(shifted)
		}
	}
}
