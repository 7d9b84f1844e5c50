// Package secret holds text that must not be seen: it prints, formats and
// logs as a mask. Whoever needs the text itself says Reveal, which is easy to
// search for.
package secret

import (
	"fmt"
	"io"
	"log/slog"
	"unique"
)

const mask = "[secret]"

// Text is a secret string. Two of them are equal by == if their strings are.
// It holds a handle rather than the string, because fmt prints unexported
// fields without asking their methods.
type Text struct{ h unique.Handle[string] }

// New wraps s.
func New(s string) Text {
	if s == "" {
		return Text{}
	}
	return Text{unique.Make(s)}
}

// Reveal returns the secret itself.
func (t Text) Reveal() string {
	if t.IsZero() {
		return ""
	}
	return t.h.Value()
}

// IsZero reports whether there is no secret.
func (t Text) IsZero() bool { return t == Text{} }

// Format writes the mask for every verb, so that no format can undo it.
func (t Text) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, mask) }

// LogValue returns the mask.
func (t Text) LogValue() slog.Value { return slog.StringValue(mask) }

// MarshalText returns the mask.
func (t Text) MarshalText() ([]byte, error) { return []byte(mask), nil }
