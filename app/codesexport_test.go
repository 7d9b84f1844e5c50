package app

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"latchkey/backend/companion/authenticator"
)

// What is exported goes into the file that the person chooses, for them alone,
// and nothing of it to the page; a refused or cancelled export writes nothing.
func TestExportCodes(t *testing.T) {
	const key = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
	d := newSignInDesk(t)
	codes := &Codes{d: d.desk}
	_, err := codes.Export(CodeExport{Format: "uris", Plain: true})
	checkProblem(t, "nothing to export", err, "otp_unknown")
	ids := d.add(t, key, 3, authenticator.Link{})
	if err := codes.Delete([]string{string(ids[2])}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "codes")
	d.screen.answer = path
	for _, tc := range []struct {
		what string
		x    CodeExport
		want string
	}{
		{"without a password", CodeExport{Format: "aegis"}, "backup_password_missing"},
		{"unconfirmed", CodeExport{Format: "uris"}, "backup_password_missing"},
		{"unknown", CodeExport{Format: "csv", Plain: true}, "otp_format_unknown"},
		{"what is in the trash", CodeExport{IDs: []string{string(ids[2])}, Format: "uris", Plain: true}, "otp_unknown"},
	} {
		_, err := codes.Export(tc.x)
		checkProblem(t, tc.what, err, tc.want)
	}
	d.screen.answer = ""
	if got, err := codes.Export(CodeExport{Format: "uris", Plain: true}); got != "" || err != nil {
		t.Errorf("cancelled: %q, %v", got, err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("something was written")
	}

	d.screen.answer = path
	for _, tc := range []struct {
		what, name string
		x          CodeExport
		lines      int // that have the secret
	}{
		{"encrypted", "latchkey-codes.json", CodeExport{Format: "aegis", Password: "three lamps and a boat"}, 0},
		{"all", "latchkey-codes-not-encrypted.txt", CodeExport{Format: "uris", Plain: true}, 2},
		{"one", "latchkey-codes-not-encrypted.txt", CodeExport{IDs: []string{string(ids[1])}, Format: "uris", Plain: true}, 1},
	} {
		got, err := codes.Export(tc.x)
		if err != nil || got != path {
			t.Fatalf("%s: %q, %v", tc.what, got, err)
		}
		content, err := os.ReadFile(path)
		if err != nil || strings.Count(string(content), key) != tc.lines {
			t.Errorf("%s: the secret stands there %d times, %v", tc.what, strings.Count(string(content), key), err)
		}
		if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", tc.what, info.Mode(), err)
		}
		if name := d.screen.dialogs[len(d.screen.dialogs)-1].Name; name != tc.name {
			t.Errorf("%s: the name %q is suggested", tc.what, name)
		}
	}
}
