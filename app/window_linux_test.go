//go:build e2e

package app

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const windowPassphrase = "lantern orbit velvet cactus"

// TestTheWholeWindow goes the first two minutes of a new person, with the
// keyboard alone, in the program as it is shipped: from the first start to a
// key that OpenSSH signs in with. Then it starts again, and is signed in.
func TestTheWholeWindow(t *testing.T) {
	latchkey := build(t, "..")
	for name, tc := range map[string]struct {
		keyring bool
		protect func(t *testing.T, s *seat)
	}{
		"with a keyring": {keyring: true, protect: func(t *testing.T, s *seat) {
			s.press(t, "Return")
		}},
		"without a keyring": {protect: func(t *testing.T, s *seat) {
			s.enter(t, windowPassphrase)
			s.press(t, "Return")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s := openSeat(t, tc.keyring)
			data := filepath.Join(s.home, ".config", "latchkey")
			p := s.open(t, latchkey)
			s.picture(t, "1-welcome")
			s.press(t, "Return") // language and theme
			s.picture(t, "2-protect")
			tc.protect(t, s)
			s.waitFor(t, "the vault is made", exists(data, "vault.db"))
			s.settle(t)
			s.keepRecoveryKey(t)
			p.quit(t) // with a secret on the clipboard
			if key, _ := s.output("xclip", "-o", "-selection", "clipboard"); key != "" {
				t.Errorf("the recovery key is still on the clipboard")
			}

			p = s.open(t, latchkey)
			if !tc.keyring {
				s.enter(t, windowPassphrase)
				s.press(t, "Return")
			}
			s.press(t, "Return") // run a server on this computer
			s.press(t, "Tab")
			s.enter(t, testPassword)
			s.picture(t, "4-server")
			s.press(t, "Return")
			s.waitFor(t, "the server is made", exists(data, "server.last"))
			s.settle(t)
			s.picture(t, "5-done")

			s.press(t, "Return") // open Latchkey
			s.byPalette(t, "go to sftp keys")
			s.press(t, "ctrl+n", "Return")
			key := filepath.Join(s.home, ".ssh", "id_ed25519_latchkey")
			s.waitFor(t, "the key is made", exists(key))
			s.settle(t)
			s.picture(t, "6-key")
			s.press(t, "Return")
			s.waitFor(t, "the key is on the server", func() bool {
				out, err := s.output(latchkey, "--data", data, "user", "key", "list", "admin")
				return err == nil && strings.Contains(out, "ED25519") || strings.Contains(out, "ssh-ed25519")
			})
			s.settle(t)
			s.picture(t, "7-uploaded")
			s.signInBySFTP(t, key)

			s.byPalette(t, "go to devices")
			s.picture(t, "8-devices")
			p.quit(t)

			p = s.open(t, latchkey)
			s.picture(t, "9-again")
			if !tc.keyring {
				s.enter(t, windowPassphrase)
				s.press(t, "Return")
			}
			s.byPalette(t, "go to sftp keys")
			s.picture(t, "10-again")
			s.press(t, "ctrl+l")
			s.picture(t, "11-locked")
			p.quit(t)
		})
	}
}

// keepRecoveryKey copies the recovery key, and types it as somebody who has it
// on paper. From the button it goes backwards, over the edge of the page to the
// last one of the screen: how many lie ahead depends on whether the clipboard
// has been cleared by then.
func (s *seat) keepRecoveryKey(t *testing.T) {
	t.Helper()
	s.picture(t, "3-recovery")
	s.press(t, "Tab", "Return")
	key, err := s.output("xclip", "-o", "-selection", "clipboard")
	if err != nil {
		t.Fatalf("read the clipboard: %v", err)
	}
	s.press(t, "shift+Tab", "shift+Tab", "Return")
	s.enter(t, strings.TrimSpace(key))
	s.press(t, "Return")
}

// byPalette does something by the palette.
func (s *seat) byPalette(t *testing.T, name string) {
	t.Helper()
	s.press(t, "ctrl+k")
	s.enter(t, name)
	s.press(t, "Return")
}

// signInBySFTP uses the key as the command on the screen says: copied from
// there, with a host key that ssh is told to take.
func (s *seat) signInBySFTP(t *testing.T, key string) {
	t.Helper()
	s.press(t, "shift+Tab", "Return")
	command, err := s.output("xclip", "-o", "-selection", "clipboard")
	if err != nil || !strings.HasPrefix(command, "sftp ") || !strings.Contains(command, key) {
		t.Fatalf("the copied command is %q, %v", command, err)
	}
	upload := filepath.Join(s.home, "upload.txt")
	if err := os.WriteFile(upload, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	options := "sftp -b - -o StrictHostKeyChecking=accept-new -o UserKnownHostsFile=" + filepath.Join(s.home, "known_hosts") + " "
	sftp := s.command("sh", "-c", options+strings.TrimPrefix(command, "sftp "))
	sftp.Stdin = strings.NewReader("put " + upload + "\nls -l\n")
	out, err := sftp.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "upload.txt") {
		t.Errorf("%s: %v\n%s", command, err, out)
	}
}

func (s *seat) output(name string, args ...string) (string, error) {
	c := exec.Command("timeout", append([]string{"60", name}, args...)...)
	c.Env = s.env
	out, err := c.Output()
	return string(out), err
}

func exists(path ...string) func() bool {
	return func() bool {
		_, err := os.Stat(filepath.Join(path...))
		return err == nil
	}
}
