package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestStartWithTheComputer(t *testing.T) {
	home := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", home)
	s, err := newStarter(map[string]string{"data": "/srv/ann's \"files\" $HOME 100%\\x\nHidden=true", "lan": "true"})
	if err != nil {
		t.Fatal(err)
	}
	if on, err := s.on(); on || err != nil {
		t.Errorf("at first: %v, %v", on, err)
	}
	for range 2 {
		if err := s.set(true); err != nil {
			t.Fatal(err)
		}
	}
	if on, err := s.on(); !on || err != nil {
		t.Errorf("set: %v, %v", on, err)
	}
	text, err := os.ReadFile(filepath.Join(home, "autostart", "latchkey.desktop"))
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	want := `Exec="` + program + `" "--hidden" "--data" "/srv/ann's \\"files\\" \\$HOME 100%%\\\\x\nHidden=true"` + "\n"
	if !strings.Contains(string(text), want) {
		t.Errorf("no\n%s in\n%s", want, text)
	}
	for range 2 {
		if err := s.set(false); err != nil {
			t.Fatal(err)
		}
	}
	if on, err := s.on(); on || err != nil {
		t.Errorf("taken away: %v, %v", on, err)
	}
}
