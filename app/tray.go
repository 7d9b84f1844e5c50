//go:build (dev || production || bindings) && !darwin

package app

import (
	goruntime "runtime"
	"sync"

	"fyne.io/systray"
	"github.com/godbus/dbus/v5"
)

// A tray is the icon beside the clock, where the desktop shows one. Nothing
// needs it: a second start of the program brings the window back too.
type tray struct {
	d     *desk
	ready chan struct{} // closed once the icon's menu is there
	once  sync.Once
	shown bool

	open, state, quit *systray.MenuItem
}

func newTray(d *desk) *tray { return &tray{d: d, ready: make(chan struct{})} }

// background reports whether a hidden window can be brought back: by the icon
// or a second start, both of which take a session bus on Linux.
func (t *tray) background() bool {
	if goruntime.GOOS == "windows" {
		return true
	}
	_, err := dbus.SessionBus()
	return err == nil
}

// begin shows the icon. The page may be drawn more than once.
func (t *tray) begin() {
	if t.shown || !t.wanted() {
		return
	}
	t.shown = true
	go func() {
		goruntime.LockOSThread() // Windows tells the thread that made the icon
		systray.Run(t.build, nil)
	}()
}

// wanted reports whether the desktop shows such icons.
func (t *tray) wanted() bool {
	if goruntime.GOOS == "windows" {
		return true
	}
	bus, err := dbus.SessionBus()
	if err != nil {
		return false
	}
	var there bool
	err = bus.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, "org.kde.StatusNotifierWatcher").Store(&there)
	return err == nil && there
}

func (t *tray) end() {
	if t.shown {
		systray.Quit()
	}
}

func (t *tray) build() {
	systray.SetIcon(icon)
	systray.SetTooltip("Latchkey")
	systray.SetOnTapped(t.d.desktop.Show)
	w := t.d.words()
	t.state = systray.AddMenuItem("", "")
	t.state.Disable()
	systray.AddSeparator()
	t.open = systray.AddMenuItem(w.Open, "")
	t.quit = systray.AddMenuItem(w.Quit, "")
	t.once.Do(func() { close(t.ready) })
	t.reword(w)
	go t.serve()
}

// serve does what is chosen in the menu, until the program ends.
func (t *tray) serve() {
	for {
		select {
		case <-t.open.ClickedCh:
			t.d.desktop.Show()
		case <-t.quit.ClickedCh:
			t.d.quit()
		case <-t.d.ctx.Done():
			return
		}
	}
}

// reword writes the menu anew, in a language and as the server stands.
func (t *tray) reword(w words) {
	select {
	case <-t.ready:
	default:
		return // build does it
	}
	t.open.SetTitle(w.Open)
	t.quit.SetTitle(w.Quit)
	if t.d.own.serving() {
		t.state.SetTitle(w.Serving)
	} else {
		t.state.SetTitle(w.NotServing)
	}
}
