package secret

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestTextNeverShows(t *testing.T) {
	const planted = "canary-7d1f"
	type holder struct {
		Password Text
		hidden   Text
	}
	h := holder{New(planted), New(planted)}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+" "+verb+" "+verb+"\n", h, &h, h.Password)
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "h", h, "p", h.Password)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "h", h, "p", h.Password)
	if err := json.NewEncoder(&out).Encode(h); err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{planted, fmt.Sprintf("%x", planted)} {
		if strings.Contains(out.String(), form) {
			t.Errorf("the secret shows as %q in:\n%s", form, out.String())
		}
	}
	if got := h.hidden.Reveal(); got != planted {
		t.Errorf("Reveal() = %q", got)
	}
}

func TestTextsAreEqualByValue(t *testing.T) {
	if New("a"+t.Name()) != New("a"+t.Name()) || New("a") == New("b") {
		t.Error("== does not compare the strings")
	}
	if !New("").IsZero() || New("").Reveal() != "" || New("a").IsZero() {
		t.Error("the empty secret is not the zero one")
	}
}
