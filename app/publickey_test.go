package app

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// keygen makes a key with OpenSSH and returns the path of its private half.
func keygen(t *testing.T, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key")
	out, err := exec.CommandContext(t.Context(), "ssh-keygen", append([]string{"-q", "-N", "", "-C", "ann@desk", "-f", path}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("ssh-keygen: %v\n%s", err, out)
	}
	return path
}

func readText(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestReadPublic(t *testing.T) {
	ed, weak := keygen(t, "-t", "ed25519"), keygen(t, "-t", "rsa", "-b", "2048")
	line := readText(t, ed+".pub")
	d := newTestDesk(t)
	screen := &Keys{d: d.desk}
	for _, tc := range []struct{ name, text, problem string }{
		{"a key", line, ""},
		{"with a comment above", "# my key\r\n\n" + line, ""},
		{"nothing", " \n", "ssh_key_empty"},
		{"a private key", readText(t, ed), "ssh_key_private"},
		{"a PuTTY key", "PuTTY-User-Key-File-3: ssh-ed25519\n", "ssh_key_private"},
		{"two keys", line + line, "ssh_key_several"},
		{"another format", "---- BEGIN SSH2 PUBLIC KEY ----\n", "ssh_key_rfc4716"},
		{"far too long", strings.Repeat("a", maxKeyText+1), "ssh_key_too_long"},
		{"something else", "hello", "ssh_key_invalid"},
		{"half a key", line[:40], "ssh_key_invalid"},
	} {
		_, err := screen.ReadPublic(tc.text)
		checkProblem(t, tc.name, err, tc.problem)
		if p := asProblem(err); p != nil && strings.Contains(p.Details+p.Message, "OPENSSH") {
			t.Errorf("%s: the problem repeats what was pasted: %+v", tc.name, p)
		}
	}
	got, err := screen.ReadPublic(line)
	if err != nil || got.Algorithm != "ED25519" || got.Bits != 256 || got.Comment != "ann@desk" || got.Weak {
		t.Errorf("ReadPublic: %+v, %v; want an Ed25519 key", got, err)
	}
	if got, err := screen.ReadPublic(readText(t, weak+".pub")); err != nil || got.Bits != 2048 || !got.Weak {
		t.Errorf("ReadPublic of RSA 2048: %+v, %v; want a weak key", got, err)
	}
	list, err := exec.CommandContext(t.Context(), "ssh-keygen", "-lv", "-f", ed+".pub").Output()
	if err != nil || !strings.Contains(string(list), got.Fingerprint) || !strings.Contains(string(list), got.Art) {
		t.Errorf("ssh-keygen shows %s, %v; want %s and\n%s", list, err, got.Fingerprint, got.Art)
	}
}

func TestPickKey(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	d := newTestDesk(t)
	screen := &Keys{d: d.desk}
	if got, err := screen.PickKey(false); got != nil || err != nil {
		t.Errorf("PickKey, cancelled: %+v, %v", got, err)
	}
	key := keygen(t, "-t", "ed25519")
	d.screen.answer = key + ".pub"
	if got, err := screen.PickKey(false); err != nil || got == nil || got.Line+"\n" != readText(t, key+".pub") {
		t.Errorf("PickKey: %+v, %v; want the key", got, err)
	}
	d.screen.answer = key
	got, err := screen.PickKey(false)
	if offered, _ := d.screen.last(eventDropped).(Dropped); got != nil || err != nil || offered.Foreign == nil || offered.Foreign.File != filepath.Base(key) {
		t.Errorf("PickKey of a private key: %+v, %v, offered %+v", got, err, offered)
	}
	if asked := d.screen.dialogs[0]; asked.Pattern != "*.pub" || asked.Folder != "" {
		t.Errorf("the dialog: %+v; want one for .pub, and no folder as there is no .ssh", asked)
	}
	_, _ = screen.PickKey(true)
	if asked := d.screen.dialogs[len(d.screen.dialogs)-1]; asked.Pattern != "" {
		t.Errorf("the dialog for any key: %+v", asked)
	}
}

func TestDropped(t *testing.T) {
	key := keygen(t, "-t", "ed25519")
	folder := t.TempDir()
	large := filepath.Join(folder, "large.pub")
	if err := os.WriteFile(large, make([]byte, maxKeyText+1), 0o600); err != nil {
		t.Fatal(err)
	}
	d := newTestDesk(t)
	for _, tc := range []struct {
		name    string
		paths   []string
		text    string
		problem string
	}{
		{"a key", []string{key + ".pub"}, strings.TrimSpace(readText(t, key+".pub")), ""},
		{"a private half", []string{key}, "", ""}, // which is offered to be brought in
		{"two files", []string{key, key + ".pub"}, "", "dropped_not_a_key"},
		{"nothing", nil, "", "dropped_not_a_key"},
		{"a folder", []string{folder}, "", "dropped_not_a_key"},
		{"a file that is gone", []string{filepath.Join(folder, "gone")}, "", "dropped_not_a_key"},
		{"a large file", []string{large}, "", "dropped_not_a_key"},
		{"a device", []string{"/dev/zero"}, "", "dropped_not_a_key"},
	} {
		d.dropped(tc.paths)
		got, _ := d.screen.last(eventDropped).(Dropped)
		code := ""
		if got.Problem != nil {
			code = got.Problem.Code
		}
		if got.Text != tc.text || code != tc.problem {
			t.Errorf("%s: %q, %q; want %q, %q", tc.name, got.Text, code, tc.text, tc.problem)
		}
	}
}
