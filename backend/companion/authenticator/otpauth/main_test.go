package otpauth_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"latchkey/backend/companion/authenticator/otpauth"
	"latchkey/backend/identity"
)

// seed is the secret of RFC 4226, appendix D, and of RFC 6238, appendix B, for
// SHA-1.
const seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

func keyOf(t testing.TB, f otpauth.Fields) otpauth.Key {
	t.Helper()
	if f.Secret == "" {
		f.Secret = seed
	}
	k, err := f.Key()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// wantError checks what an error is, and that it can be shown.
func wantError(t *testing.T, what string, err error, want *identity.Error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%.100s: got %v, want %v", what, err, want)
	}
	if e, ok := errors.AsType[*identity.Error](err); ok && (e.Kind == identity.Internal || strings.Contains(fmt.Sprintf("%+v", err), seed)) {
		t.Errorf("%.100s: %v cannot be shown", what, err)
	}
}
