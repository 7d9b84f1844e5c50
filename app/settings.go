package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"runtime/debug"
	"strings"

	"latchkey/backend/identity"
)

// Settings is the screen for the window itself.
type Settings struct{ d *desk }

// An About tells what this program is.
type About struct {
	Version    string    `json:"version"`
	Go         string    `json:"go"`
	Wails      string    `json:"wails"`
	OS         string    `json:"os"`
	DataFolder string    `json:"dataFolder"`
	Licences   []Licence `json:"licences"`
}

// A Licence is that of something which is part of this program.
type Licence struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Text    string `json:"text"`
}

// Get returns the preferences. Whether the program starts with the computer is
// what the system says.
func (s *Settings) Get() (Preferences, error) {
	return ask(s.d, atOnce, func(context.Context) (Preferences, error) { return s.d.preferences() })
}

func (d *desk) preferences() (Preferences, error) {
	p := d.notebook.read().Preferences
	on, err := d.starter.on()
	p.StartWithComputer = on
	return p, err
}

// Save keeps the preferences, all of them, and returns them as they are now.
func (s *Settings) Save(p Preferences) (Preferences, error) {
	return ask(s.d, atOnce, func(context.Context) (Preferences, error) {
		if err := p.check(); err != nil {
			return Preferences{}, err
		}
		was, err := s.d.preferences()
		if err != nil {
			return Preferences{}, err
		}
		if was.StartWithComputer != p.StartWithComputer {
			if err := s.d.starter.set(p.StartWithComputer); err != nil {
				return was, errStarter.Because(err)
			}
		}
		if err := s.d.notebook.write(func(m *memory) { m.Preferences = p }); err != nil {
			return was, err
		}
		s.d.sentry.act() // who sets something is there
		s.d.desktop.Emit(eventSettings, p)
		return p, nil
	})
}

var errStarter = identity.NewError(identity.Unavailable, "start_with_computer_failed",
	"Latchkey could not be added to, or taken from, what starts with the computer. Check the rights of that folder, and try again.")

// About tells what this program is, and what it is made of.
func (s *Settings) About() (About, error) {
	return ask(s.d, atOnce, func(context.Context) (About, error) {
		licences, err := s.d.licences()
		return About{
			Version: s.d.conf.Version, Go: strings.TrimPrefix(runtime.Version(), "go"), Wails: moduleVersion("github.com/wailsapp/wails/v2"),
			OS: runtime.GOOS + "/" + runtime.GOARCH, DataFolder: s.d.data, Licences: licences,
		}, err
	})
}

// licencesFile comes with the page. It is made when the program is built.
const licencesFile = "licences.json"

func (d *desk) licences() ([]Licence, error) {
	out := []Licence{}
	text, err := fs.ReadFile(d.page, licencesFile)
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil // a program built for its tests
	}
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	return out, err
}

func moduleVersion(path string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, m := range info.Deps {
		if m.Path == path {
			return strings.TrimPrefix(m.Version, "v")
		}
	}
	return ""
}

// Diagnostics tell how things stand, for somebody who is asked for help. They
// name no server, no person and no folder, and hold no secret.
func (s *Settings) Diagnostics() (string, error) {
	return ask(s.d, atOnce, s.d.diagnostics)
}

func (d *desk) diagnostics(ctx context.Context) (string, error) {
	var b strings.Builder
	line := func(name, value string) { fmt.Fprintf(&b, "%-12s%s\n", name, value) }
	line("Latchkey", d.conf.Version)
	line("system", runtime.GOOS+"/"+runtime.GOARCH+", Go "+strings.TrimPrefix(runtime.Version(), "go"))
	v := d.vaultStatus()
	line("vault", strings.TrimSpace(v.State+" "+v.Protection)+code(v.Problem))
	o := d.ownStatus()
	line("own server", o.State+code(o.Problem))
	list, err := d.servers(ctx)
	if err != nil {
		line("servers", asProblem(err).Code)
	}
	for i, s := range list {
		kind := strings.TrimSpace(s.Kind + " " + s.Version)
		line(fmt.Sprintf("server %d", i+1), fmt.Sprintf("%s, %s%s, clock %+.0f s", kind, s.State, code(s.Problem), s.Drift))
	}
	return b.String(), nil
}

// code is how a problem stands in the diagnostics.
func code(p *Problem) string {
	if p == nil {
		return ""
	}
	return " (" + p.Code + ")"
}

// OpenDataFolder shows the data folder in the file manager.
func (s *Settings) OpenDataFolder() error {
	return do(s.d, atOnce, func(context.Context) error { return s.d.reveal(s.d.data) })
}

var errReveal = identity.NewError(identity.Unavailable, "folder_not_shown",
	"The folder could not be shown in the file manager. Its path stands beside the button.")

func (d *desk) reveal(folder string) error {
	if err := d.desktop.Reveal(folder); err != nil {
		return errReveal.Because(err)
	}
	return nil
}
