package qr

import (
	"bytes"
	"errors"
	"testing"

	"latchkey/backend/identity"
)

func wantError(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
	if _, ok := errors.AsType[*identity.Error](err); err != nil && !ok {
		t.Errorf("%v cannot be shown", err)
	}
}

// texts reads a file that has codes.
func texts(t testing.TB, file []byte) (out []string) {
	t.Helper()
	found, err := Decode(t.Context(), bytes.NewReader(file))
	if err != nil {
		t.Errorf("%v", err)
	}
	for _, c := range found.Codes {
		out = append(out, c.Text.Reveal())
	}
	return out
}
