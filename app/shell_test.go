package app

import (
	"testing"

	"latchkey/backend/identity"
)

// hasEvent reports whether the page was told something.
func (f *fakeDesktop) hasEvent(name string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range f.events {
		if e.event == name {
			return true
		}
	}
	return false
}

func TestTheFirstStart(t *testing.T) {
	d := newTestDesk(t)
	d.start(t)
	b, err := (&Shell{d.desk}).Boot()
	if err != nil {
		t.Fatal(err)
	}
	if !b.FirstRun || b.Vault.State != stateNew || b.Own.State != string(ownAbsent) || b.Problem != nil || len(b.Servers) != 0 {
		t.Errorf("%+v", b)
	}
	if b.Version != "1.2.3" || b.Settings != firstMemory().Preferences || !b.Desktop {
		t.Errorf("%+v", b)
	}
}

// Everything is back after a restart: the server, who is signed in, the view.
func TestALaterStart(t *testing.T) {
	d := newTestDesk(t)
	own := d.withOwn(t)
	if err := (&Shell{d.desk}).SaveView("keys"); err != nil {
		t.Fatal(err)
	}
	if err := (&Servers{d.desk}).Select(own.ID); err != nil {
		t.Fatal(err)
	}
	keyring := d.keyring
	d.close()

	again := openTestDesk(t, d.data)
	again.desk.keyring, again.keyring = keyring, keyring
	again.open(again.screen, 0)
	again.start(t)
	var b Boot
	until(t, "somebody is signed in", func() bool {
		var err error
		if b, err = (&Shell{again.desk}).Boot(); err != nil {
			t.Fatal(err)
		}
		return len(b.Servers) == 1 && b.Servers[0].State == "signed_in"
	})
	if b.FirstRun || b.View != "keys" || b.Current != own.ID || b.Vault.State != stateUnlocked || b.Vault.OpenedBy != "keyring" {
		t.Errorf("%+v", b)
	}
}

// A keyring that waits for a person must not keep the window from opening.
func TestAKeyringThatHangs(t *testing.T) {
	d := newTestDesk(t)
	d.makeVault(t)
	d.close()
	again := openTestDesk(t, d.data)
	again.keyring.hanging = make(chan struct{})
	defer close(again.keyring.hanging)
	again.begin()
	b, err := (&Shell{again.desk}).Boot()
	if err != nil || b.Vault.State != stateOpening {
		t.Errorf("%+v, %v", b.Vault, err)
	}
}

func TestADataFolderThatCannotBeUsed(t *testing.T) {
	d := newTestDesk(t)
	d.problem = identity.NewError(identity.Unavailable, "data_folder_unwritable", "No.")
	d.start2()
	b, err := (&Shell{d.desk}).Boot()
	if err != nil || b.Problem == nil || b.Problem.Code != "data_folder_unwritable" {
		t.Errorf("%+v, %v", b, err)
	}
}

// start2 begins a desk that has nothing to settle.
func (d *testDesk) start2() { d.begin(); <-d.opened }

func TestClosingTheWindow(t *testing.T) {
	for name, tc := range map[string]struct {
		serving    bool
		choice     string
		background bool

		stays, asked, hidden bool
	}{
		"nothing runs":           {choice: "ask", background: true},
		"asks":                   {serving: true, choice: "ask", background: true, stays: true, asked: true},
		"keeps serving":          {serving: true, choice: "keep", background: true, stays: true, hidden: true},
		"keeps, but no way back": {serving: true, choice: "keep", stays: true, asked: true},
		"stops":                  {serving: true, choice: "stop", background: true},
	} {
		d := newTestDesk(t)
		if tc.serving {
			d.withOwn(t)
		}
		d.screen.background, d.screen.width, d.screen.height = tc.background, 1000, 800
		if err := d.notebook.write(func(m *memory) { m.Preferences.Closing = tc.choice }); err != nil {
			t.Fatal(err)
		}
		if got := d.closing(); got != tc.stays || d.screen.hasEvent(eventClose) != tc.asked || (d.screen.hidden == 1) != tc.hidden {
			t.Errorf("%s: stays %v, asked %v, hidden %d", name, got, d.screen.hasEvent(eventClose), d.screen.hidden)
		}
		if m := d.notebook.read(); m.Width != 1000 || m.Height != 800 {
			t.Errorf("%s: size %+v", name, m)
		}
		d.quit()
		if d.closing() {
			t.Errorf("%s: stays though the person quits", name)
		}
	}
}

// Quitting asks only where it takes the server away.
func TestQuitting(t *testing.T) {
	d := newTestDesk(t)
	shell := &Shell{d.desk}
	if err := shell.Quit(); err != nil || d.screen.quits != 1 || d.screen.hasEvent(eventClose) {
		t.Errorf("nothing runs: %v, quits %d", err, d.screen.quits)
	}
	d = newTestDesk(t)
	d.withOwn(t)
	shell = &Shell{d.desk}
	if err := shell.Quit(); err != nil || d.screen.quits != 0 || !d.screen.hasEvent(eventClose) {
		t.Errorf("it serves: %v, quits %d", err, d.screen.quits)
	}
}

func TestTheAnswerOnClosing(t *testing.T) {
	d := newTestDesk(t)
	shell := &Shell{d.desk}
	if err := shell.Close(Closing{KeepServing: true}); err != nil || d.screen.hidden != 1 || len(d.screen.notes) != 1 || d.notebook.read().Preferences.Closing != "ask" {
		t.Errorf("once: %v, hidden %d, %q", err, d.screen.hidden, d.notebook.read().Preferences.Closing)
	}
	if err := shell.Close(Closing{Remember: true}); err != nil || d.screen.quits != 1 || d.notebook.read().Preferences.Closing != "stop" {
		t.Errorf("for good: %v, quits %d, %q", err, d.screen.quits, d.notebook.read().Preferences.Closing)
	}
}

func TestOnlyKnownPagesAreOpened(t *testing.T) {
	d := newTestDesk(t)
	shell := &Shell{d.desk}
	if err := shell.OpenLink("alist"); err != nil || len(d.screen.browsed) != 1 {
		t.Errorf("%v, %v", d.screen.browsed, err)
	}
	checkProblem(t, "an address", shell.OpenLink("https://evil.example"), "link_unknown")
	checkProblem(t, "a file", shell.OpenLink("file:///etc/passwd"), "link_unknown")
	if len(d.screen.browsed) != 1 {
		t.Errorf("opened %v", d.screen.browsed)
	}
}

func TestTheMenuSpeaksThePagesLanguage(t *testing.T) {
	d := newTestDesk(t)
	if err := (&Shell{d.desk}).Speak("zh-CN"); err != nil || d.screen.words.Quit != wordsIn("zh-CN").Quit {
		t.Errorf("%+v, %v", d.screen.words, err)
	}
}

// A hidden start shows nothing until it is asked to.
func TestAHiddenStart(t *testing.T) {
	d := newTestDesk(t)
	shell := &Shell{d.desk}
	d.conf.Hidden = true
	shell.Drawn()
	if d.screen.shown != 0 {
		t.Error("shown")
	}
	d.conf.Hidden = false
	shell.Drawn()
	if d.screen.shown != 1 {
		t.Error("not shown")
	}
}
