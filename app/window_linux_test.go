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
			s.press(t, "Return") // do all of it
			s.waitFor(t, "the key is on the server", func() bool {
				out, err := s.output(latchkey, "--data", data, "user", "key", "list", "admin")
				return err == nil && strings.Contains(out, "ED25519") || strings.Contains(out, "ssh-ed25519")
			})
			s.waitFor(t, "the host is known", exists(s.home, ".ssh", "known_hosts"))
			s.settle(t)
			s.picture(t, "7-ready")
			s.signInBySFTP(t)

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

// signInBySFTP connects by the short name that stands in the ssh config now, to
// a host that ssh knows.
func (s *seat) signInBySFTP(t *testing.T) {
	t.Helper()
	upload := filepath.Join(s.home, "upload.txt")
	if err := os.WriteFile(upload, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	ssh := filepath.Join(s.home, ".ssh") // named, because ssh does not go by HOME
	sftp := s.command("sftp", "-b", "-", "-F", filepath.Join(ssh, "config"), "-o", "StrictHostKeyChecking=yes",
		"-o", "UserKnownHostsFile="+filepath.Join(ssh, "known_hosts"), "latchkey")
	sftp.Stdin = strings.NewReader("put " + upload + "\nls -l\n")
	out, err := sftp.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "upload.txt") {
		t.Errorf("sftp latchkey: %v\n%s", err, out)
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
