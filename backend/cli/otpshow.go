package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/authenticator"
	"latchkey/backend/companion/authenticator/otpauth"
)

func (a *app) otpShow() *cobra.Command {
	var uri, yes bool
	c := a.withJSON(&cobra.Command{
		Use:   "show NAME",
		Short: "Tell what is kept about a code, or print its setup",
		Args:  takes(1, 1),
		RunE: a.onDesk(func(ctx context.Context, d *desk, args []string) error {
			e, err := d.entry(ctx, args[0], false)
			if err != nil {
				return err
			}
			if uri {
				return d.showURI(ctx, e, yes)
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
	c.Flags().BoolVar(&uri, "uri", false, "print the otpauth:// text, which has the secret in it")
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return c
}

func (d *desk) showURI(ctx context.Context, e authenticator.Entry, yes bool) error {
	if err := d.confirm(ctx, yes, "Whoever sees it has the codes of "+e.Name()+". Print it?"); err != nil {
		return err
	}
	_, err := fmt.Fprintln(d.out, e.URI())
	return err
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
