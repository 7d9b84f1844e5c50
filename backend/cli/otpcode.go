package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/authenticator"
	"latchkey/backend/companion/authenticator/otpauth"
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
	var at string
	c := a.withJSON(&cobra.Command{
		Use:   "code NAME",
		Short: "Print the code of this moment",
		Long: "Print the code of this moment, or the next one where codes are counted (HOTP): each time that\n" +
			"such a code is printed it is used, and the counter moves on.",
		Args: takes(1, 1),
		RunE: a.onDesk(func(ctx context.Context, d *desk, args []string) error {
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
			code, err := d.codeOf(ctx, e, when)
			if err != nil {
				return err
			}
			return d.showCode(e, code, at != "")
		}),
	})
	c.Flags().StringVar(&at, "at", "", "print the code of another `TIME`: 2026-01-31T12:00:00Z, 2026-01-31 12:00:00 by this computer's clock, or seconds since 1970")
	return c
}

// codeOf makes the code of a moment; a zero one is now.
func (d *desk) codeOf(ctx context.Context, e authenticator.Entry, when time.Time) (otpauth.Code, error) {
	switch {
	case when.IsZero():
		return d.Codes.Count(ctx, e.ID, 0)
	case e.Key.Kind == otpauth.HOTP:
		return otpauth.Code{}, usagef("The codes of %s are counted, and have nothing to do with the time. Leave out --at.", e.Name())
	}
	return e.Key.At(when), nil
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
