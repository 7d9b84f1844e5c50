package app

import (
	"errors"
	"testing"
)

func (d *testDesk) clears(t *testing.T, seconds int) {
	t.Helper()
	if err := d.notebook.write(func(m *memory) { m.Preferences.ClipboardSeconds = seconds }); err != nil {
		t.Fatal(err)
	}
}

func TestASecretIsTakenAwayAgain(t *testing.T) {
	d := newTestDesk(t)
	d.clears(t, 1)
	shell := &Shell{d.desk}
	copied, err := shell.CopyText(Copy{Text: "canary", Secret: true})
	if err != nil || copied.ClearsAt == 0 || d.screen.clip != "canary" {
		t.Fatalf("%+v, %v, clipboard %q", copied, err, d.screen.clip)
	}
	until(t, "it is gone", func() bool { text, _ := d.screen.Clipboard(); return text == "" })
	until(t, "the page knows", func() bool {
		d.screen.mu.Lock()
		defer d.screen.mu.Unlock()
		for _, e := range d.screen.events {
			if e.event == eventClipboard {
				return true
			}
		}
		return false
	})
}

func TestWhatIsNotOursStays(t *testing.T) {
	d := newTestDesk(t)
	shell := &Shell{d.desk}
	if _, err := shell.CopyText(Copy{Text: "secret", Secret: true}); err != nil {
		t.Fatal(err)
	}
	d.screen.clip = "something else"
	if err := shell.ClearCopied(); err != nil || d.screen.clip != "something else" {
		t.Errorf("clipboard %q, %v", d.screen.clip, err)
	}
}

func TestWhatIsNoSecretStays(t *testing.T) {
	for name, tc := range map[string]struct {
		seconds int
		secret  bool
	}{"no secret": {30, false}, "never": {0, true}} {
		d := newTestDesk(t)
		d.clears(t, tc.seconds)
		shell := &Shell{d.desk}
		copied, err := shell.CopyText(Copy{Text: "text", Secret: tc.secret})
		if err != nil || copied.ClearsAt != 0 {
			t.Errorf("%s: %+v, %v", name, copied, err)
		}
		if err := shell.ClearCopied(); err != nil || d.screen.clip != "text" {
			t.Errorf("%s: clipboard %q, %v", name, d.screen.clip, err)
		}
	}
}

// The end of the program does not wait until the time is up. It happens while
// the window is still there to do it.
func TestClosingTakesTheSecretAway(t *testing.T) {
	d := newTestDesk(t)
	if _, err := (&Shell{d.desk}).CopyText(Copy{Text: "canary", Secret: true}); err != nil {
		t.Fatal(err)
	}
	if d.closing() || d.screen.clip != "" {
		t.Errorf("clipboard %q", d.screen.clip)
	}
}

func TestAClipboardThatFails(t *testing.T) {
	d := newTestDesk(t)
	d.screen.failing = errors.New("no display")
	_, err := (&Shell{d.desk}).CopyText(Copy{Text: "x"})
	checkProblem(t, "copy", err, "clipboard_failed")
}
