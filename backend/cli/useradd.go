package cli

import (
	"context"

	"github.com/spf13/cobra"

	"latchkey/backend/account"
	"latchkey/backend/identity"
	"latchkey/backend/server"
)

func (a *app) userAdd() *cobra.Command {
	var password newPassword
	var n account.NewUser
	var roles []string
	c := &cobra.Command{
		Use:   "add NAME",
		Short: "Make a user",
		Long: "Make a user. The password is asked for, unless a flag says where it comes from.\n" +
			"Without --role the user gets the default role; see what it allows with: latchkey role list",
		Args: noPasswordArgument,
	}
	c.RunE = a.onCore(func(ctx context.Context, core *server.Core, args []string) error {
		n.Username = args[0]
		name, err := identity.ParseUsername(n.Username)
		if err != nil {
			return err
		}
		if n.Roles, err = findRoles(ctx, core, roles); err != nil {
			return err
		}
		text, err := password.read(ctx, a, name)
		if err != nil {
			return err
		}
		n.Password = text.Reveal()
		u, err := core.Accounts.CreateUser(ctx, n, byHand())
		if err != nil {
			return err
		}
		a.say("The user %s has been made.", u.Username)
		return password.show(a, text)
	})
	password.addFlags(c)
	c.Flags().StringArrayVar(&roles, "role", nil, "give them the role `NAME`; can be given more than once")
	c.Flags().StringVar(&n.BasePath, "folder", "/", "show them the folder `PATH` and what is below it, of the server's files")
	c.Flags().BoolVar(&n.Disabled, "disabled", false, "do not let them sign in yet")
	c.Flags().BoolVar(&n.MustChange, "must-change", false, "make them change the password at first use")
	return c
}

func (a *app) userPasswd() *cobra.Command {
	var password newPassword
	var mustChange bool
	c := &cobra.Command{
		Use:   "passwd NAME",
		Short: "Give a user a new password, and sign them out everywhere",
		Args:  noPasswordArgument,
	}
	c.RunE = a.onUser(func(ctx context.Context, core *server.Core, u identity.User, _ []string) error {
		text, err := password.read(ctx, a, u.Username)
		if err != nil {
			return err
		}
		plain := text.Reveal()
		change := account.UserChange{Password: &plain, MustChange: &mustChange}
		if _, err := core.Accounts.UpdateUser(ctx, u.ID, change, byHand()); err != nil {
			return err
		}
		a.say("The password of %s has been changed, and their devices are signed out.", u.Username)
		return password.show(a, text)
	})
	password.addFlags(c)
	c.Flags().BoolVar(&mustChange, "must-change", false, "make them change it again at first use")
	return c
}
