package backup

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"latchkey/backend/companion/authenticator/otpauth"
	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
)

func TestWriteAegis(t *testing.T) {
	content, err := WriteAegis(three(t), typed(), env.System())
	must(t, content, err)
	for _, s := range []string{seed, "GitHub", "work", password} {
		if strings.Contains(string(content), s) {
			t.Errorf("%s stands in the file", s)
		}
	}
	b, err := Read(content, typed())
	must(t, b, err)
	if b.Format != Aegis || !b.Encrypted {
		t.Errorf("%+v", b)
	}
	wantEntries(t, b, three(t))
	_, err = WriteAegis(three(t), secret.Text{}, env.System())
	wantError(t, err, ErrPasswordMissing)
}

// The shape is what Aegis reads: what its parser asks for must be there.
func TestWritePlainAegis(t *testing.T) {
	content, err := WritePlainAegis(three(t), env.System())
	must(t, content, err)
	var f struct {
		Version int
		Header  map[string]any
		DB      struct {
			Version int
			Entries []map[string]any
			Groups  []map[string]string
		}
	}
	must(t, 0, json.Unmarshal(content, &f))
	if f.Version != 1 || f.Header["slots"] != nil || f.Header["params"] != nil || len(f.Header) != 2 || f.DB.Version != 3 || len(f.DB.Groups) != 1 {
		t.Errorf("%s", content)
	}
	for _, e := range f.DB.Entries {
		for _, name := range []string{"type", "uuid", "name", "issuer", "note", "favorite", "icon", "info", "groups"} {
			if _, ok := e[name]; !ok {
				t.Errorf("%v has no %s", e, name)
			}
		}
		id, _ := e["uuid"].(string)
		if len(id) != 36 || id[14] != '4' || !strings.Contains("89ab", id[19:20]) {
			t.Errorf("the id is %s", id)
		}
		info, _ := e["info"].(map[string]any)
		_, counter := info["counter"]
		_, period := info["period"]
		if hotp := e["type"] == "hotp"; counter != hotp || period == hotp {
			t.Errorf("%v", e)
		}
	}
	b, err := Read(content, secret.Text{})
	must(t, b, err)
	wantEntries(t, b, three(t))

	empty, err := WritePlainAegis(nil, env.System())
	if must(t, empty, err); !strings.Contains(string(empty), `"entries": []`) {
		t.Errorf("%s", empty)
	}
}

func TestWriteURIs(t *testing.T) {
	b, err := Read(WriteURIs(three(t)), secret.Text{})
	must(t, b, err)
	wantEntries(t, b, bare(three(t), "tags", "note", "pin"))
}

func TestWriteSheet(t *testing.T) {
	words := SheetWords{Language: "en", Title: "Codes", Warning: "Keep it safe.", Secret: "Secret:"}
	entries := append(three(t), otpauth.Entry{Issuer: "<script>alert(1)</script>", Account: `"><img src=x>`, Key: keyOf(t, otpauth.Fields{})})
	var drawn []string
	page, err := WriteSheet(entries, words, func(text string) ([]byte, error) {
		drawn = append(drawn, text)
		return []byte("a picture"), nil
	})
	must(t, page, err)
	text := string(page)
	for _, want := range []string{"GitHub", "Keep it safe.", "GEZD GNBV GY3T QOJQ", "TOTP, SHA256, 8, 60 s", "HOTP, SHA1, 6, #42", "data:image/png;base64,", "default-src &#39;none&#39;"} {
		if !strings.Contains(text, want) && !strings.Contains(text, strings.ReplaceAll(want, "&#39;", "'")) {
			t.Errorf("%s is not on the sheet", want)
		}
	}
	for _, bad := range []string{"<script", "<img src=x", "http://", "https://"} {
		if strings.Contains(text, bad) {
			t.Errorf("%s is on the sheet", bad)
		}
	}
	if len(drawn) != len(entries) || drawn[0] != entries[0].URI() {
		t.Errorf("drawn: %q", drawn)
	}
	failed := errors.New("no ink")
	if _, err := WriteSheet(entries, words, func(string) ([]byte, error) { return nil, failed }); !errors.Is(err, failed) {
		t.Error(err)
	}
}
