package companion

import (
	"context"
	"time"

	"latchkey/backend/companion/authenticator"
	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/servers"
	"latchkey/backend/identity"
)

// A CodeClock is what a person has chosen to have codes made by: the clock of a
// server, as far from this computer's as they saw it. The zero one is this
// computer's clock.
type CodeClock struct {
	Server servers.ID
	Ahead  time.Duration // of this computer's clock
}

const (
	// steady is how far a server's clock may go from what the person saw, and
	// still counts. It is less than a time step: a server, or who is on the way
	// to it, cannot lead codes on to another day.
	steady = 25 * time.Second

	// furthest is how far a clock can be from this computer's to be chosen.
	furthest = 24 * time.Hour
)

// ErrClockUnknown refuses a clock that is of no use.
var ErrClockUnknown = identity.NewError(identity.Unavailable, "server_clock_unknown",
	"The clock of that server is not known, or a day or more from this computer's. Set the clock that is wrong, or try again once the server is reachable.")

// ChooseClock makes the clock of a server the one that codes are made by, as it
// was when the server last told the time. Returns ErrClockUnknown and
// server_unknown.
func (c *Companion) ChooseClock(ctx context.Context, id servers.ID) (CodeClock, error) {
	d, err := c.Servers.Drift(ctx, id)
	if err == nil && !ClockUsable(d) {
		err = ErrClockUnknown
	}
	if err != nil {
		return CodeClock{}, err
	}
	return CodeClock{Server: id, Ahead: d.Ahead}, nil
}

// ClockUsable reports whether a clock that compares so can be chosen.
func ClockUsable(d remote.Drift) bool { return !d.At.IsZero() && d.Ahead.Abs() < furthest }

// Clock returns the clock for codes by a choice. The code of an account on a
// server goes by that server's clock, and every other by the chosen one; but a
// clock that is not about as far from this computer's as the person saw it does
// not count: they have not chosen that.
func (c *Companion) Clock(ctx context.Context, by CodeClock) authenticator.Clock {
	if by.Server == "" {
		return nil
	}
	known := map[servers.ID]time.Duration{}
	return func(l authenticator.Link) time.Duration {
		id := servers.ID(l.Server)
		if id == "" {
			id = by.Server
		}
		ahead, asked := known[id]
		if !asked {
			if ahead = c.ahead(ctx, id); !by.Allows(ahead) {
				ahead = 0
			}
			known[id] = ahead
		}
		return ahead
	}
}

// Allows reports whether a clock that is ahead of this computer's by so much is
// about what the person saw when they chose.
func (by CodeClock) Allows(ahead time.Duration) bool {
	return by.Server != "" && ahead.Abs() < furthest && (ahead-by.Ahead).Abs() <= steady
}

// ahead is by how much a server's clock was ahead of this computer's when it
// last told the time; 0 if it never has.
func (c *Companion) ahead(ctx context.Context, id servers.ID) time.Duration {
	d, err := c.Servers.Drift(ctx, id)
	if err != nil {
		return 0
	}
	return d.Ahead
}
