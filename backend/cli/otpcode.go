package cli

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/authenticator"
	"latchkey/backend/companion/authenticator/otpauth"
	"latchkey/backend/companion/servers"
)

type codeJSON struct {
	ID      authenticator.ID `json:"id"`
	Issuer  string           `json:"issuer"`
	Account string           `json:"account"`
	Code    string           `json:"code"`
	Next    string           `json:"next,omitempty"`
	Until   time.Time        `json:"until,omitzero"`
	Left    float64          `json:"seconds_left,omitempty"`
	Counter *uint64          `json:"counter,omitempty"` // that the code was made with
}

func (a *app) otpCode() *cobra.Command {
	var at, server string
	var serverTime bool
	c := a.withJSON(&cobra.Command{
		Use:   "code NAME",
		Short: "Print the code of this moment",
		Long: "Print the code of this moment, or the next one where codes are counted (HOTP): each time that\n" +
			"such a code is printed it is used, and the counter moves on.",
		Args: takes(1, 1),
		RunE: a.onDesk(func(ctx context.Context, d *desk, args []string) error {
			switch {
			case at != "" && serverTime:
				return usagef("Use either --at or --server-time.")
			case server != "" && !serverTime:
				return usagef("Say --server-time as well: --server says by whose clock.")
			}
			var when time.Time
			if at != "" {
				var err error
				if when, err = parseTime(at); err != nil {
					return err
				}
			}
			e, err := d.entry(ctx, args[0], false)
			if err != nil {
				return err
			}
			if e.Key.Kind == otpauth.HOTP && (at != "" || serverTime) {
				return usagef("The codes of %s are counted, and have nothing to do with the time. Leave out --at and --server-time.", e.Name())
			}
			if !when.IsZero() {
				return d.showCode(e, e.Key.At(when), true)
			}
			var by authenticator.Clock
			if serverTime {
				if by, err = d.clockFor(ctx, e, server); err != nil {
					return err
				}
			}
			code, err := d.Codes.Count(ctx, e.ID, by)
			if err != nil {
				return err
			}
			return d.showCode(e, code, false)
		}),
	})
	c.Flags().StringVar(&at, "at", "", "print the code of another `TIME`: 2026-01-31T12:00:00Z, 2026-01-31 12:00:00 by this computer's clock, or seconds since 1970")
	c.Flags().BoolVar(&serverTime, "server-time", false, "go by the clock of the server that the code is linked to, instead of this computer's")
	c.Flags().StringVar(&server, "server", "", "with --server-time, go by the clock of the server `NAME`")
	return c
}

// clockFor asks a server for the time, and returns its clock: that of the named
// one, and else of the one that a code is linked to, or the only one. If it does
// not answer, what it said last counts.
func (d *desk) clockFor(ctx context.Context, e authenticator.Entry, named string) (authenticator.Clock, error) {
	linked := ""
	if s, err := d.Servers.Server(ctx, servers.ID(e.Link.Server)); err == nil {
		linked = s.Name
	}
	s, err := d.find(ctx, cmp.Or(named, linked))
	if err != nil || s.Own {
		return nil, err // its clock is this computer's
	}
	st, err := d.Servers.Check(ctx, s.ID)
	if err != nil {
		return nil, err
	}
	chosen, err := d.ChooseClock(ctx, s.ID)
	if err != nil {
		return nil, err
	}
	if chosen.Ahead.Abs() > time.Second {
		d.say("The clock of %s is %s this computer's.", s.Name, ahead(chosen.Ahead))
	} else {
		d.say("The clocks of %s and this computer agree.", s.Name)
	}
	if st.State == servers.Offline {
		d.say("It does not answer: that was %s.", d.when(st.Drift.At))
	}
	return func(authenticator.Link) time.Duration { return chosen.Ahead }, nil
}

func (d *desk) showCode(e authenticator.Entry, code otpauth.Code, other bool) error {
	if d.json {
		out := codeJSON{ID: e.ID, Issuer: e.Issuer, Account: e.Account, Code: code.Text, Next: code.Next, Until: code.Until, Left: code.Left.Seconds()}
		if e.Key.Kind == otpauth.HOTP {
			out.Counter = &code.Step
		}
		return d.printJSON(out)
	}
	if !code.Until.IsZero() && !other {
		d.say("Good for %s.", remaining(code.Left))
	}
	_, err := fmt.Fprintln(d.out, code.Text)
	return err
}

// parseTime reads a moment as people and programs write it.
func parseTime(text string) (time.Time, error) {
	text = strings.TrimPrefix(strings.TrimSpace(text), "@")
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && n >= 0 && n < 1<<40 {
		return time.Unix(n, 0), nil
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, nil
	}
	for _, form := range []string{"2006-01-02 15:04:05", "2006-01-02 15:04"} {
		if t, err := time.ParseInLocation(form, text, time.Local); err == nil {
			return t, nil
		}
	}
	return time.Time{}, usagef("That time cannot be read. Write it as 2026-01-31T12:00:00Z, or as seconds since 1970.")
}
