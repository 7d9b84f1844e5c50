package cli

import (
	"context"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/authenticator"
)

func (a *app) otpEdit() *cobra.Command {
	var to authenticator.Details
	var unpin bool
	var place int
	c := &cobra.Command{
		Use:   "edit NAME",
		Short: "Change what is kept about a code, or its place in the list",
		Args:  takes(1, 1),
	}
	f := c.Flags()
	c.RunE = a.onDesk(func(ctx context.Context, d *desk, args []string) error {
		if to.Pinned && unpin {
			return usagef("Use either --pin or --unpin.")
		}
		e, err := d.entry(ctx, args[0], false)
		if err != nil {
			return err
		}
		details := e.Details()
		takes := map[string]func(){
			"issuer": func() { details.Issuer = to.Issuer }, "account": func() { details.Account = to.Account },
			"note": func() { details.Note = to.Note }, "tags": func() { details.Tags = to.Tags },
			"pin": func() { details.Pinned = to.Pinned }, "unpin": func() { details.Pinned = !unpin },
			"place": func() {},
		}
		changed := false
		for name, take := range takes {
			if f.Changed(name) {
				take()
				changed = true
			}
		}
		if !changed {
			return usagef("Say what to change, such as: %s", d.command("otp edit "+shellWord(args[0])+" --note TEXT"))
		}
		if e, err = d.Codes.Edit(ctx, e.ID, details); err != nil {
			return err
		}
		if f.Changed("place") {
			if err := d.Codes.Move(ctx, e.ID, place-1); err != nil {
				return err
			}
		}
		d.say("%s has been changed.", e.Name())
		return nil
	})
	f.StringVar(&to.Issuer, "issuer", "", "call the service `NAME`")
	f.StringVar(&to.Account, "account", "", "call the account there `NAME`")
	f.StringVar(&to.Note, "note", "", "keep `TEXT` with it")
	f.StringSliceVar(&to.Tags, "tags", nil, "give it these `TAGS`, with commas between them, and no others")
	f.BoolVar(&to.Pinned, "pin", false, "show it before others")
	f.BoolVar(&unpin, "unpin", false, "show it among the others")
	f.IntVar(&place, "place", 0, "move it to the place `NUMBER` among those that are as pinned as it is; 1 is the first")
	return c
}

func (a *app) otpLink() *cobra.Command {
	var user string
	var none bool
	c := &cobra.Command{
		Use:   "link NAME [SERVER]",
		Short: "Have the code filled in when you sign in to a server",
		Args:  takes(1, 2),
		RunE: a.onDesk(func(ctx context.Context, d *desk, args []string) error {
			e, err := d.entry(ctx, args[0], false)
			if err != nil {
				return err
			}
			if none {
				if _, err = d.Codes.Link(ctx, e.ID, authenticator.Link{}); err == nil {
					d.say("%s is linked to no account.", e.Name())
				}
				return err
			}
			s, err := d.find(ctx, word(args, 1))
			if err != nil {
				return err
			}
			if user == "" {
				user = s.Username
			}
			if user == "" {
				return usagef("Say whose account it is: --user NAME.")
			}
			if _, err = d.Codes.Link(ctx, e.ID, authenticator.Link{Server: string(s.ID), Username: user}); err == nil {
				d.say("%s is filled in when %s signs in to %s.", e.Name(), user, s.Name)
			}
			return err
		}),
	}
	c.Flags().StringVar(&user, "user", "", "of the account `NAME` (default: who signed in there last)")
	c.Flags().BoolVar(&none, "none", false, "end the link")
	return c
}
