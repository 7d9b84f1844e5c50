//go:build e2e

package app

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"latchkey/backend/companion"
	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/servers"
	"latchkey/backend/companion/vault"
)

// TestCodesFromTheDesktop brings a code in from what another program shows on
// the screen, behind the window, and one from a picture in the clipboard.
func TestCodesFromTheDesktop(t *testing.T) {
	latchkey := build(t, "..")
	s := openSeat(t, false)
	data := filepath.Join(s.home, ".config", "latchkey")
	s.moveIn(t, data)
	shown, copied := s.drawn(t, "shown", shownSetup), s.drawn(t, "copied", "otpauth://totp/Bank:bob?secret=GEZDGNBVGY3TQOJQ")
	s.run(t, s.command("display", "-geometry", "+20+20", shown))
	s.waitFor(t, "the picture", func() bool { return s.command("xdotool", "search", "--onlyvisible", "--class", "display").Run() == nil })
	s.run(t, s.command("xclip", "-quiet", "-selection", "clipboard", "-t", "image/png", "-i", copied))

	p := s.open(t, latchkey)
	s.enter(t, windowPassphrase)
	s.press(t, "Return")
	s.byPalette(t, "go to codes")
	s.press(t, "ctrl+n")
	s.press(t, "Tab", "Return") // paste
	s.press(t, "Tab")
	s.awayAndBack(t, func() { s.press(t, "Return") }) // screen
	s.picture(t, "1-found")
	s.press(t, slices.Repeat([]string{"Tab"}, 8)...)
	s.press(t, "Return") // add
	s.picture(t, "2-added")
	list := s.command(latchkey, "--data", data, "otp", "list", "--json")
	list.Env = append(list.Env, "LATCHKEY_VAULT_PASSPHRASE="+windowPassphrase)
	if out, err := list.Output(); err != nil || !strings.Contains(string(out), `"ACME"`) || !strings.Contains(string(out), `"Bank"`) {
		t.Errorf("kept is %s, %v", out, err)
	}
	p.quit(t)
}

// moveIn makes a data folder of somebody who has been here before. Their server
// answers: with one that does not, the window would change by itself as it tries
// again, which would look like an answer to a key.
func (s *seat) moveIn(t *testing.T, data string) {
	t.Helper()
	c, err := companion.Open(companion.Options{Data: data, Env: companion.System(), UserAgent: "Latchkey test"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Vault.Create(t.Context(), vault.WithPassphrase(companion.NewSecret(windowPassphrase))); err != nil {
		t.Fatal(err)
	}
	base, err := remote.ParseBase(startRemote(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Servers.Add(t.Context(), servers.NewServer{Name: "nas", Base: base}); err != nil {
		t.Fatal(err)
	}
}

// drawn makes a picture with the code of a text.
func (s *seat) drawn(t *testing.T, name, text string) (file string) {
	t.Helper()
	file = filepath.Join(s.home, name+".png")
	if err := os.WriteFile(file, encodedPNG(t, seen(t, text)), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
