package app

import (
	"context"
	"runtime"
	"time"

	"latchkey/backend/identity"
)

// Shell is the frame around the screens.
type Shell struct{ d *desk }

// A Boot is all that the page needs to draw itself for the first time.
type Boot struct {
	Version  string      `json:"version"`
	OS       string      `json:"os"`
	Hostname string      `json:"hostname"`
	Settings Preferences `json:"settings"`
	Vault    VaultStatus `json:"vault"`
	Servers  []Server    `json:"servers"`
	Current  string      `json:"current"`
	View     string      `json:"view"`
	Own      OwnStatus   `json:"own"`
	FirstRun bool        `json:"firstRun"`
	Problem  *Problem    `json:"problem"`
	Desktop  bool        `json:"desktop"` // a hidden window can be brought back
}

// A Copy is a text for the clipboard.
type Copy struct {
	Text   string `json:"text"`
	Secret bool   `json:"secret"` // take it away again
}

// A Copied is what became of it.
type Copied struct {
	ClearsAt int64 `json:"clearsAt"`
}

// A Closing is what to do when the window closes while the own server runs.
type Closing struct {
	KeepServing bool `json:"keepServing"`
	Remember    bool `json:"remember"`
}

// patience is how long the page waits for the keyring before it draws itself.
const patience = 300 * time.Millisecond

// Boot tells all at once.
func (s *Shell) Boot() (Boot, error) { return ask(s.d, atOnce, s.d.boot) }

func (d *desk) boot(ctx context.Context) (Boot, error) {
	d.begin()
	m := d.notebook.read()
	b := Boot{
		Version: d.conf.Version, OS: runtime.GOOS, Hostname: hostname(), Settings: m.Preferences, View: m.View,
		Servers: []Server{}, Desktop: d.desktop.Background(), Problem: asProblem(d.problem),
	}
	if d.problem != nil {
		return b, nil
	}
	wait := time.NewTimer(patience)
	defer wait.Stop()
	select {
	case <-d.opened:
	case <-wait.C:
	case <-ctx.Done():
	}
	b.Vault, b.Own, b.Current = d.vaultStatus(), d.ownStatus(), string(d.companion.LastUsed())
	list, err := d.servers(ctx)
	if err != nil {
		b.Problem = asProblem(err)
	} else {
		b.Servers = list
	}
	b.FirstRun = b.Vault.State == stateNew || err == nil && len(list) == 0
	return b, nil
}

// Active tells that somebody is doing something, so that the vault stays open.
// The page calls it once for many things that happen close together.
func (s *Shell) Active() { s.d.sentry.act() }

// Drawn shows the window, now that there is something in it.
func (s *Shell) Drawn() {
	if !s.d.conf.Hidden {
		s.d.desktop.Show()
	}
}

// Speak tells which language the page speaks, for the menu and the dialogs.
func (s *Shell) Speak(language string) error {
	return do(s.d, atOnce, func(context.Context) error {
		s.d.mu.Lock()
		s.d.language = language
		s.d.mu.Unlock()
		s.d.desktop.Reword(s.d.words())
		s.d.nudge() // the own server's name is a word too
		return nil
	})
}

// SaveView remembers the screen in view.
func (s *Shell) SaveView(view string) error {
	return do(s.d, atOnce, func(context.Context) error {
		return s.d.notebook.write(func(m *memory) {
			if len(view) <= maxView {
				m.View = view
			}
		})
	})
}

// CopyText copies a text.
func (s *Shell) CopyText(c Copy) (Copied, error) {
	return ask(s.d, atOnce, func(context.Context) (Copied, error) { return s.d.copyText(c.Text, c.Secret) })
}

func (d *desk) copyText(text string, secret bool) (Copied, error) {
	clears, err := d.clip.copy(text, secret)
	if err != nil {
		return Copied{}, errClipboard.Because(err)
	}
	return Copied{ClearsAt: millis(clears)}, nil
}

var errClipboard = identity.NewError(identity.Unavailable, "clipboard_failed",
	"The clipboard could not be reached. Select the text and copy it by hand.")

// ClearCopied takes the secret text away now.
func (s *Shell) ClearCopied() error {
	return do(s.d, atOnce, func(context.Context) error { s.d.clip.clear(); return nil })
}

// links are the pages that the window may open in the browser.
func links() map[string]string {
	return map[string]string{
		"alist":    "https://alistgo.com",
		"openlist": "https://doc.oplist.org",
	}
}

var errLink = identity.NewError(identity.Invalid, "link_unknown", "Latchkey has no such page.")

// OpenLink opens one of a few pages in the browser, by its name.
func (s *Shell) OpenLink(name string) error {
	return do(s.d, atOnce, func(context.Context) error {
		to, known := links()[name]
		if !known {
			return errLink
		}
		s.d.desktop.Browse(to)
		return nil
	})
}

// Close closes the window, as the person has answered.
func (s *Shell) Close(c Closing) error {
	return do(s.d, atOnce, func(context.Context) error {
		if c.Remember {
			answer := "stop"
			if c.KeepServing {
				answer = "keep"
			}
			if err := s.d.notebook.write(func(m *memory) { m.Preferences.Closing = answer }); err != nil {
				return err
			}
			s.d.desktop.Emit(eventSettings, s.d.notebook.read().Preferences)
		}
		if c.KeepServing {
			s.d.hide()
			return nil
		}
		s.d.quit()
		return nil
	})
}

// Quit ends the program, but asks first if that stops the own server.
func (s *Shell) Quit() error {
	return do(s.d, atOnce, func(context.Context) error { s.d.askToQuit(); return nil })
}

func (d *desk) askToQuit() {
	if d.own.serving() && d.notebook.read().Preferences.Closing != "stop" {
		d.desktop.Emit(eventClose, nil)
		return
	}
	d.quit()
}

// quit ends the program, whatever closing the window means.
func (d *desk) quit() {
	d.mu.Lock()
	d.quitting = true
	d.mu.Unlock()
	d.desktop.Quit()
}

// closing decides what closing the window does. It returns whether it stays.
func (d *desk) closing() (stay bool) {
	d.remember()
	d.mu.Lock()
	quitting := d.quitting
	d.mu.Unlock()
	choice := d.notebook.read().Preferences.Closing
	switch {
	case quitting || d.problem != nil || !d.own.serving() || choice == "stop":
		d.clip.clear()
		return false
	case choice == "keep" && d.desktop.Background():
		d.hide()
	default:
		d.desktop.Emit(eventClose, nil)
	}
	return true
}

// hide leaves the server running without a window, and says how to get it back.
func (d *desk) hide() {
	d.desktop.Hide()
	w := d.words()
	d.desktop.Notify(note{Title: w.Serving, Text: w.BringBack})
}

// remember keeps the size of the window.
func (d *desk) remember() {
	width, height, maximised := d.desktop.Size()
	_ = d.notebook.write(func(m *memory) { // nothing is lost with it
		if m.Maximised = maximised; !maximised {
			m.Width, m.Height = width, height
		}
	})
}

// bound returns what the page can call.
func (d *desk) bound() []any {
	return []any{&Shell{d}, &Vault{d}, &SignIn{d}, &Account{d}, &Devices{d}, &Files{d}, &Keys{d: d}, &Intake{d}, &Camera{d}, &Codes{d}, &Settings{d}, &Servers{d}, &Own{d}}
}
