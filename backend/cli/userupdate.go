package cli

import (
	"context"

	"github.com/spf13/cobra"

	"latchkey/backend/identity"
	"latchkey/backend/server"
)

func (a *app) userUpdate() *cobra.Command {
	var name, folder string
	var person personFlags
	c := &cobra.Command{
		Use:   "update NAME",
		Short: "Give a user another name, folder or e-mail address, or limit their account",
		Long: "Give a user another name, folder or e-mail address, or limit how long and from where their account\n" +
			"can be used. No file is moved: with a new name the folder stays, and with a new folder the files\n" +
			"stay in the old one.",
		Args: takes(1, 1),
	}
	c.RunE = a.onUser(func(ctx context.Context, core *server.Core, u identity.User, _ []string) error {
		if !anyChanged(c.LocalNonPersistentFlags()) {
			return usagef("Say what to change. See %s --help", c.CommandPath())
		}
		change, err := person.change(c)
		if err != nil {
			return err
		}
		if c.Flags().Changed("name") {
			change.Username = &name
		}
		if c.Flags().Changed("folder") {
			change.BasePath = &folder
		}
		u, err = core.Accounts.UpdateUser(ctx, u.ID, change, byHand())
		if err != nil {
			return err
		}
		a.done(ctx, "The user %s has been changed. They see the folder %s of the server's files.", u.Username, u.BasePath)
		return nil
	})
	person.addTo(c)
	unchanged(c, "expires", "allow-from", "storage")
	c.Flags().StringVar(&name, "name", "", "call them `NAME` from now on")
	c.Flags().StringVar(&folder, "folder", "", "show them the folder `PATH` of the server's files and what is below it")
	return c
}
