package app

import (
	"context"
	"time"

	"latchkey/backend/companion"
	"latchkey/backend/companion/authenticator"
	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/servers"
)

// A CodeClock is what there is to tell about the clock that codes are made by:
// that it is a server's, or which server's differs most from this computer's.
type CodeClock struct {
	Server   string  `json:"server"`   // empty: there is nothing to tell
	Name     string  `json:"name"`     // of the server
	Ahead    float64 `json:"ahead"`    // seconds by which its clock is ahead of this computer's
	Compared int64   `json:"compared"` // when the server last told the time
	Level    string  `json:"level"`    // "used": codes are made by it; "warning": codes are refused; "quiet": not yet
	Usable   bool    `json:"usable"`   // codes can be made by it
}

const (
	// Beyond quietDrift people should know; beyond warnDrift codes are refused by
	// servers that take those of the step before and after too.
	quietDrift = 5 * time.Second
	warnDrift  = 25 * time.Second

	// oldDrift is when a comparison says nothing any more.
	oldDrift = 7 * 24 * time.Hour
)

// Clock tells about the clock that codes are made by.
func (c *Codes) Clock() (CodeClock, error) { return ask(c.d, atOnce, c.d.codeClock) }

// SetClock has codes made by a server's clock, as it stands now, or with an
// empty id by this computer's again. Only the person calls it. Its problems are
// those of Companion.ChooseClock.
func (c *Codes) SetClock(server string) (CodeClock, error) {
	return ask(c.d, atOnce, func(ctx context.Context) (CodeClock, error) {
		var chosen companion.CodeClock
		if server != "" {
			var err error
			if chosen, err = c.d.companion.ChooseClock(ctx, servers.ID(server)); err != nil {
				return CodeClock{}, err
			}
		}
		err := c.d.notebook.write(func(m *memory) {
			m.Preferences.ClockServer, m.Preferences.ClockAhead = string(chosen.Server), chosen.Ahead.Seconds()
		})
		if err != nil {
			return CodeClock{}, err
		}
		p, err := c.d.preferences()
		if err != nil {
			return CodeClock{}, err
		}
		c.d.desktop.Emit(eventSettings, p)
		return c.d.codeClock(ctx)
	})
}

// chosenClock is what the person has chosen codes to be made by.
func (d *desk) chosenClock() companion.CodeClock {
	p := d.notebook.read().Preferences
	return companion.CodeClock{Server: servers.ID(p.ClockServer), Ahead: time.Duration(p.ClockAhead * float64(time.Second))}
}

// clock is the clock that codes are made by.
func (d *desk) clock(ctx context.Context) authenticator.Clock {
	return d.companion.Clock(ctx, d.chosenClock())
}

// codeClock looks for the server that codes are made by the clock of, and else
// for the one whose clock differs most.
func (d *desk) codeClock(ctx context.Context) (CodeClock, error) {
	list, err := d.companion.Servers.List(ctx)
	if err != nil {
		return CodeClock{}, err
	}
	var told CodeClock
	var most time.Duration
	for _, s := range list {
		drift, err := d.companion.Servers.Drift(ctx, s.ID)
		if err != nil {
			return CodeClock{}, err
		}
		level, ahead := d.clockLevel(s.ID, drift), drift.Ahead.Abs()
		if level != clockUsed && (level == "" || ahead <= most) {
			continue
		}
		most = ahead
		told = CodeClock{
			Server: string(s.ID), Name: s.Name, Ahead: drift.Ahead.Seconds(), Compared: millis(drift.At), Level: level,
			Usable: companion.ClockUsable(drift),
		}
		if level == clockUsed {
			break
		}
	}
	return told, nil
}

// The levels of a CodeClock.
const (
	clockUsed    = "used"
	clockQuiet   = "quiet"
	clockWarning = "warning"
)

// clockLevel says how much the clock of a server matters; empty: not at all.
func (d *desk) clockLevel(id servers.ID, drift remote.Drift) string {
	chosen := d.chosenClock()
	switch ahead := drift.Ahead.Abs(); {
	case id == chosen.Server && chosen.Allows(drift.Ahead) && ahead > 0:
		return clockUsed
	case ahead <= quietDrift || d.env.Now().Sub(drift.At).Abs() > oldDrift:
		return ""
	case ahead <= warnDrift:
		return clockQuiet
	}
	return clockWarning
}
