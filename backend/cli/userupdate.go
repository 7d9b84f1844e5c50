package cli

import (
	"context"

	"github.com/spf13/cobra"

	"latchkey/backend/account"
	"latchkey/backend/identity"
	"latchkey/backend/server"
)

func (a *app) userUpdate() *cobra.Command {
	var name, folder string
	c := &cobra.Command{
		Use:   "update NAME",
		Short: "Give a user another name or folder",
		Long: "Give a user another name or folder. No file is moved: with a new name the folder stays, and with\n" +
			"a new folder the files stay in the old one.",
		Args: takes(1, 1),
	}
	c.RunE = a.onUser(func(ctx context.Context, core *server.Core, u identity.User, _ []string) error {
		if !anyChanged(c.LocalNonPersistentFlags()) {
			return usagef("Say what to change. See %s --help", c.CommandPath())
		}
		var change account.UserChange
		if c.Flags().Changed("name") {
			change.Username = &name
		}
		if c.Flags().Changed("folder") {
			change.BasePath = &folder
		}
		u, err := core.Accounts.UpdateUser(ctx, u.ID, change, byHand())
		if err != nil {
			return err
		}
		a.done(ctx, "The user %s has been changed. They see the folder %s of the server's files.", u.Username, u.BasePath)
		return nil
	})
	c.Flags().StringVar(&name, "name", "", "call them `NAME` from now on")
	c.Flags().StringVar(&folder, "folder", "", "show them the folder `PATH` of the server's files and what is below it")
	return c
}
