package companion_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"regexp"
	"strings"
	"testing"

	"latchkey/backend/companion"
	"latchkey/backend/companion/authenticator"
	"latchkey/backend/companion/authenticator/backup"
	"latchkey/backend/companion/authenticator/otpauth"
	"latchkey/backend/companion/qr"
	"latchkey/backend/internal/secret"
)

// exported are two entries, one with a long secret.
func exported(t *testing.T) []authenticator.Entry {
	t.Helper()
	var out []authenticator.Entry
	for _, key := range []string{"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", strings.Repeat("GEZDGNBV", 51)} {
		k, err := otpauth.Fields{Secret: key}.Key()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, authenticator.Entry{Entry: otpauth.Entry{Issuer: "例", Account: "ann", Key: k}})
	}
	return out
}

// A file that is encrypted shows no secret; one that is not is never written
// unless it was said that it may be.
func TestExport(t *testing.T) {
	c, list := open(t, t.TempDir()), exported(t)
	password := secret.New("three lamps and a boat")
	for _, tc := range []struct {
		what string
		x    companion.Export
		want error
		open bool // the secrets can be read in it
	}{
		{"a backup with a password", companion.Export{Format: companion.AsAegis, Password: password}, nil, false},
		{"a plain backup", companion.Export{Format: companion.AsAegis, Plain: true}, nil, true},
		{"a list", companion.Export{Format: companion.AsURIs, Plain: true}, nil, true},
		{"a sheet", companion.Export{Format: companion.AsSheet, Plain: true, Words: companion.SheetWords()}, nil, true},
		{"a backup with an empty password", companion.Export{Format: companion.AsAegis}, backup.ErrPasswordMissing, false},
		{"a plain backup with a password", companion.Export{Format: companion.AsAegis, Plain: true, Password: password}, backup.ErrPasswordMissing, false},
		{"a list that nobody has confirmed", companion.Export{Format: companion.AsURIs}, backup.ErrPasswordMissing, false},
	} {
		content, err := c.Export(list, tc.x)
		if !errors.Is(err, tc.want) {
			t.Errorf("%s: %v; want %v", tc.what, err, tc.want)
		}
		if readable := strings.Contains(strings.ReplaceAll(string(content), " ", ""), "GEZDGNBVGY3TQOJQ"); readable != tc.open {
			t.Errorf("%s: readable is %v", tc.what, readable)
		}
	}
	for _, x := range []companion.Export{{Format: companion.AsURIs, Password: password}, {Format: "csv", Plain: true}} {
		if content, err := c.Export(list, x); err == nil || content != nil {
			t.Errorf("%s is written", x.Format)
		}
	}
}

// Another authenticator scans what is on the sheet.
func TestSheetIsScanned(t *testing.T) {
	list := exported(t)
	sheet, err := open(t, t.TempDir()).Export(list, companion.Export{Format: companion.AsSheet, Plain: true, Words: companion.SheetWords()})
	if err != nil {
		t.Fatal(err)
	}
	images := regexp.MustCompile(`data:image/png;base64,([^"]+)"`).FindAllSubmatch(sheet, -1)
	if len(images) != len(list) {
		t.Fatalf("%d pictures", len(images))
	}
	for i, image := range images {
		text := strings.ReplaceAll(string(image[1]), "&#43;", "+")
		drawn, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		found, err := qr.Decode(t.Context(), bytes.NewReader(drawn))
		if err != nil || len(found.Codes) != 1 || found.Codes[0].Text.Reveal() != list[i].URI() {
			t.Errorf("picture %d: %d codes, %v", i, len(found.Codes), err)
		}
	}
}
