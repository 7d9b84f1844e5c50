package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/authenticator"
	"latchkey/backend/companion/authenticator/otpauth"
	"latchkey/backend/companion/qr"
)

func (a *app) otpShow() *cobra.Command {
	var uri, code, yes bool
	c := a.withJSON(&cobra.Command{
		Use:   "show NAME",
		Short: "Tell what is kept about a code, or print its setup",
		Args:  takes(1, 1),
		RunE: a.onDesk(func(ctx context.Context, d *desk, args []string) error {
			if uri && code {
				return usagef("Use either --uri or --qr.")
			}
			e, err := d.entry(ctx, args[0], false)
			if err != nil {
				return err
			}
			if uri || code {
				return d.showSetup(ctx, e, code, yes)
			}
			known, err := d.Servers.List(ctx)
			if err != nil {
				return err
			}
			out := toOTPJSON(e, known)
			if d.json {
				return d.printJSON(out)
			}
			return printTable(d.out, d.entryRows(out))
		}),
	})
	c.Flags().BoolVar(&uri, "uri", false, "print its setup as an otpauth:// text, which has the secret in it")
	c.Flags().BoolVar(&code, "qr", false, "draw its setup as a QR code, which has the secret in it, for a phone to scan")
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return c
}

// showSetup prints what another authenticator is set up with, as text or drawn.
func (d *desk) showSetup(ctx context.Context, e authenticator.Entry, drawn, yes bool) error {
	setup := e.URI() + "\n"
	if drawn {
		drawing, err := qr.Draw(e.URI())
		if err != nil {
			return err
		}
		setup = blocks(drawing)
	}
	if err := d.confirm(ctx, yes, "Whoever sees it has the codes of "+e.Name()+". Print it?"); err != nil {
		return err
	}
	_, err := fmt.Fprint(d.out, setup)
	return err
}

// blocks draws a code for a terminal, two modules on top of each other in each
// cell. It is black on white whatever the terminal's own colours are: those two
// of the 256 are not for themes to change, and not every phone reads a code
// that is light on dark.
func blocks(drawing qr.Drawing) string {
	const blackOnWhite, plain = "\x1b[38;5;16;48;5;231m", "\x1b[0m"
	cells := map[[2]bool]rune{{false, false}: ' ', {true, false}: '▀', {false, true}: '▄', {true, true}: '█'}
	var out strings.Builder
	for y := 0; y < drawing.Side(); y += 2 {
		out.WriteString(blackOnWhite)
		for x := range drawing.Side() {
			out.WriteRune(cells[[2]bool{drawing.Dark(x, y), drawing.Dark(x, y+1)}])
		}
		out.WriteString(plain + "\n")
	}
	return out.String()
}

func (d *desk) entryRows(o otpJSON) [][]string {
	rows := [][]string{
		{"Service", orDash(o.Issuer)},
		{"Account", orDash(o.Account)},
		{"Id", string(o.ID)},
		{"Kind", strings.ToUpper(string(o.Kind)) + ", " + string(o.Algorithm) + ", " + strconv.Itoa(o.Digits) + " digits"},
	}
	if o.Kind == otpauth.HOTP {
		rows = append(rows, []string{"Next counter", strconv.FormatUint(o.Counter, 10)})
	} else {
		rows = append(rows, []string{"Good for", count(o.Period, "second")})
	}
	return append(rows,
		[]string{"Tags", orDash(strings.Join(o.Tags, ", "))},
		[]string{"Pinned", yesNo(o.Pinned)},
		[]string{"Note", orDash(o.Note)},
		[]string{"Linked to", orDash(o.linked())},
		[]string{"Added", d.when(o.AddedAt)},
	)
}
