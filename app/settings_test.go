package app

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// A brokenStarter is a system that lets nobody in.
type brokenStarter struct{}

func (brokenStarter) on() (bool, error) { return false, nil }
func (brokenStarter) set(bool) error    { return errors.New("denied") }

func settingsOf(t *testing.T) (*testDesk, *Settings) {
	d := newTestDesk(t)
	d.starter = starterFile{path: filepath.Join(t.TempDir(), "autostart", "latchkey.desktop"), content: "x"}
	return d, &Settings{d.desk}
}

func TestSettingsAreSavedAndTold(t *testing.T) {
	d, s := settingsOf(t)
	want := Preferences{Language: "zh-CN", Theme: "dark", ClipboardSeconds: 10, StartWithComputer: true, Closing: "stop"}
	if got, err := s.Save(want); err != nil || got != want {
		t.Fatalf("Save: %+v, %v", got, err)
	}
	if got, err := s.Get(); err != nil || got != want {
		t.Errorf("Get: %+v, %v", got, err)
	}
	if got := d.screen.last(eventSettings); got != want {
		t.Errorf("the page was told %+v", got)
	}
	want.StartWithComputer = false
	if got, err := s.Save(want); err != nil || got != want {
		t.Errorf("Save: %+v, %v", got, err)
	}
	if got, err := s.Get(); err != nil || got != want {
		t.Errorf("Get: %+v, %v", got, err)
	}
}

// A refused request changes nothing.
func TestSettingsThatAreRefused(t *testing.T) {
	d, s := settingsOf(t)
	before, err := s.Get()
	if err != nil {
		t.Fatal(err)
	}
	bad := before
	bad.Theme = "pink"
	_, err = s.Save(bad)
	checkProblem(t, "bad theme", err, "preferences_invalid")

	d.starter = brokenStarter{}
	bad = before
	bad.StartWithComputer, bad.Theme = true, "dark"
	_, err = s.Save(bad)
	checkProblem(t, "no rights", err, "start_with_computer_failed")
	if got, err := s.Get(); err != nil || got != before {
		t.Errorf("afterwards: %+v, %v", got, err)
	}
}

func TestAboutNamesWhatTheProgramIsMadeOf(t *testing.T) {
	d, s := settingsOf(t)
	d.page = fstest.MapFS{}
	if a, err := s.About(); err != nil || a.Version != "1.2.3" || a.DataFolder != d.data || a.Licences == nil || len(a.Licences) != 0 {
		t.Errorf("%+v, %v", a, err)
	}
	d.page = fstest.MapFS{licencesFile: {Data: []byte(`[{"name":"example.org/x","version":"1.0","text":"Permission is granted"}]`)}}
	if a, err := s.About(); err != nil || len(a.Licences) != 1 || a.Licences[0].Text != "Permission is granted" {
		t.Errorf("%+v, %v", a, err)
	}
	d.page = fstest.MapFS{licencesFile: {Data: []byte("{")}}
	_, err := s.About()
	checkProblem(t, "damaged", err, "app_failed")
}

// Diagnostics are pasted into reports that anybody may read.
func TestDiagnosticsNameNobody(t *testing.T) {
	d, s := settingsOf(t)
	own := d.withOwn(t)
	d.withRemote(t)
	text, err := s.Diagnostics()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Latchkey    1.2.3", "vault       unlocked keyring", "own server  running", "server 2", "signed_in"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{d.data, testUser, testPassword, own.ID, own.Name, "nas", "127.0.0.1", host} {
		if strings.Contains(text, secret) {
			t.Errorf("%q stands in:\n%s", secret, text)
		}
	}
}

func TestTheDataFolderIsShown(t *testing.T) {
	d, s := settingsOf(t)
	if err := s.OpenDataFolder(); err != nil || len(d.screen.revealed) != 1 || d.screen.revealed[0] != d.data {
		t.Errorf("%v, %v", d.screen.revealed, err)
	}
	d.screen.failing = errors.New("no file manager")
	checkProblem(t, "none", s.OpenDataFolder(), "folder_not_shown")
}
