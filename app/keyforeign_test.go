package app

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"latchkey/backend/companion"
	"latchkey/backend/companion/sshkeys"
)

// TestForeignKey takes a key out to PuTTY's format and brings it in again, as if
// it had come from there. Nothing of it crosses to the page.
func TestForeignKey(t *testing.T) {
	ssh := atHome(t)
	d := newTestDesk(t)
	screen := &Keys{d: d.desk}
	const passphrase, other = "river boat lantern", "orchid gravel lamp"
	made, err := screen.Make(NewKey{Kind: "ecdsa-256", Name: "id_nas", Comment: "ann@desk", Passphrase: passphrase})
	if err != nil {
		t.Fatal(err)
	}
	// A key that lies where it belongs is not offered.
	d.dropped([]string{made.Path})
	if got, _ := d.screen.last(eventDropped).(Dropped); got.Foreign != nil || got.Problem == nil || got.Problem.Code != "ssh_key_private" {
		t.Errorf("dropped its own key: %+v", got)
	}

	out := filepath.Join(t.TempDir(), "nas.ppk")
	save := func(c KeyCopy, want string) string {
		t.Helper()
		path, err := screen.SaveCopy(c)
		checkProblem(t, "SaveCopy", err, want)
		return path
	}
	d.screen.answer = out
	save(KeyCopy{Key: made.Path, Format: "ppk", Passphrase: "not that one", New: other}, "ssh_passphrase_wrong")
	save(KeyCopy{Key: made.Path, Format: "ppk", Passphrase: passphrase, New: "x"}, "ssh_passphrase_short")
	save(KeyCopy{Key: made.Path, Format: "der", Passphrase: passphrase}, "ssh_key_format_unknown")
	if len(d.screen.dialogs) != 0 {
		t.Error("somebody was asked where to, in vain")
	}
	if got := save(KeyCopy{Key: made.Path, Format: "ppk", Passphrase: passphrase, New: other}, ""); got != out || d.screen.dialogs[0].Name != "id_nas.ppk" {
		t.Errorf("saved at %q, suggested %+v", got, d.screen.dialogs)
	}
	before := readText(t, out)
	save(KeyCopy{Key: made.Path, Format: "ppk", Passphrase: passphrase}, "ssh_key_exists")
	if readText(t, out) != before {
		t.Error("a file was written over")
	}
	d.screen.answer = ""
	if got := save(KeyCopy{Key: made.Path, Format: "rfc4716"}, ""); got != "" {
		t.Errorf("cancelled, and saved at %q", got)
	}

	d.dropped([]string{out})
	got, _ := d.screen.last(eventDropped).(Dropped)
	text, err := json.Marshal(got)
	if err != nil || got.Foreign == nil || got.Foreign.Name != "nas" || got.Foreign.Format != "ppk" || !got.Foreign.Encrypted || got.Foreign.Fingerprint != made.Fingerprint {
		t.Fatalf("dropped: %s, %v", text, err)
	}
	if strings.Contains(string(text), filepath.Dir(out)) || strings.Contains(string(text), "Private") {
		t.Errorf("the page gets %s", text)
	}
	bring := func(n NewForeign, want string) LocalKey {
		t.Helper()
		k, err := screen.BringIn(n)
		checkProblem(t, "BringIn", err, want)
		return k
	}
	n := NewForeign{Number: got.Foreign.Number, Name: "nas", Passphrase: other, New: passphrase}
	bring(NewForeign{Number: n.Number + 1, Name: "nas", Passphrase: other}, "dropped_not_a_key")
	bring(NewForeign{Number: n.Number, Name: "nas", Passphrase: passphrase}, "ssh_passphrase_wrong")
	bring(NewForeign{Number: n.Number, Name: "../nas", Passphrase: other}, "ssh_key_name_invalid")
	bring(NewForeign{Number: n.Number, Name: "id_nas", Passphrase: other}, "ssh_key_exists")
	k := bring(n, "")
	if k.Path != filepath.Join(ssh, "nas") || k.Fingerprint != made.Fingerprint || !k.Encrypted || !k.HasPublic || k.Comment != "ann@desk" {
		t.Errorf("brought in %+v", k)
	}
	if info, err := os.Stat(k.Path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("it has %v, %v", info, err)
	}
	if out, err := exec.CommandContext(t.Context(), "ssh-keygen", "-y", "-P", passphrase, "-f", k.Path).CombinedOutput(); err != nil {
		t.Errorf("ssh-keygen: %v: %s", err, out)
	}
	if readText(t, out) != before {
		t.Error("the file itself has changed")
	}

	// An old PEM that OpenSSL has written, chosen by the dialog.
	pem := filepath.Join(t.TempDir(), "my key.pem")
	if said, err := exec.CommandContext(t.Context(), "ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-m", "PEM", "-N", "", "-f", pem).CombinedOutput(); err != nil {
		t.Fatalf("ssh-keygen: %v: %s", err, said)
	}
	d.screen.answer = pem
	picked, err := screen.PickKey(true)
	got, _ = d.screen.last(eventDropped).(Dropped)
	found := got.Foreign
	if err != nil || picked != nil || found == nil || found.Name != "my_key" || found.Format != "pem" || found.Encrypted {
		t.Fatalf("PickKey of a private key: %+v, %+v, %v", picked, found, err)
	}
	if k := bring(NewForeign{Number: found.Number, Name: found.Name}, ""); k.Algorithm != "RSA" || k.Encrypted {
		t.Errorf("brought in %+v", k)
	}
	if _, err := sshkeys.Open(filepath.Join(ssh, "my_key"), companion.NewSecret("")); err != nil {
		t.Error(err)
	}
}
