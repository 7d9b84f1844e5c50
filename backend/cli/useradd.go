package cli

import (
	"context"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"latchkey/backend/account"
	"latchkey/backend/identity"
	"latchkey/backend/server"
)

func (a *app) userAdd() *cobra.Command {
	var password newPassword
	var person personFlags
	var n account.NewUser
	var roles []string
	c := &cobra.Command{
		Use:   "add NAME",
		Short: "Make a user",
		Long: "Make a user. The password is asked for, unless a flag says where it comes from.\n" +
			"Without --role the user gets the default role; see what it allows with: " + a.program + " role list\n" +
			"Without --folder the user gets a folder of their own, /NAME; administrators see everything.",
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
		n.Email = person.email
		if n.ExpiresAt, err = person.end(); err != nil {
			return err
		}
		if n.AllowedFrom, err = person.networks(); err != nil {
			return err
		}
		if n.StorageLimit, err = person.limit(); err != nil {
			return err
		}
		text, err := password.read(ctx, a, string(name))
		if err != nil {
			return err
		}
		n.Password = text.Reveal()
		ownFolder := !c.Flags().Changed("folder")
		if ownFolder {
			n.BasePath = "/" + string(name)
		}
		u, err := core.Accounts.CreateUser(ctx, n, byHand())
		if err != nil {
			return err
		}
		a.done(ctx, "The user %s has been made. They see the folder %s of the server's files.", u.Username, u.BasePath)
		if ownFolder && !u.IsAdmin() && a.hasFolder(u.BasePath) {
			a.say("That folder was there before, and they see what is in it. Give them another one with: %s",
				a.command("user update "+shellWord(string(u.Username))+" --folder PATH"))
		}
		if err := a.adviseSFTP(ctx, core, u); err != nil {
			return err
		}
		return password.show(a, text)
	})
	password.addFlags(c)
	person.addTo(c)
	c.Flags().StringArrayVar(&roles, "role", nil, "give them the role `NAME`; can be given more than once")
	c.Flags().StringVar(&n.BasePath, "folder", "", "show them the folder `PATH` of the server's files and what is below it; / shares everything (default /NAME)")
	c.Flags().BoolVar(&n.Disabled, "disabled", false, "do not let them sign in yet")
	c.Flags().BoolVar(&n.MustChange, "must-change", false, "make them change the password at first use")
	return c
}

// hasFolder reports whether there is a folder among people's files already,
// such as that of a user of the same name who was deleted.
func (a *app) hasFolder(path string) bool {
	_, err := os.Lstat(filepath.Join(a.files, filepath.FromSlash(path)))
	return err == nil
}

// adviseSFTP says how to let a user use SFTP if no role of theirs does.
func (a *app) adviseSFTP(ctx context.Context, c *server.Core, u identity.User) error {
	who, err := c.Sessions.Principal(ctx, u.ID)
	if err != nil {
		return err
	}
	if who.PathPermission(u.BasePath).Has(identity.PathSFTPRead) {
		return nil
	}
	role := who.RoleNames()[0]
	a.say("They may not use SFTP: the role %s does not allow it. Allow it with: %s", role,
		a.command("role update "+shellWord(role)+" --allow "+sftpWord))
	return nil
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
		text, err := password.read(ctx, a, string(u.Username))
		if err != nil {
			return err
		}
		plain := text.Reveal()
		change := account.UserChange{Password: &plain, MustChange: &mustChange}
		if _, err := core.Accounts.UpdateUser(ctx, u.ID, change, byHand()); err != nil {
			return err
		}
		a.done(ctx, "The password of %s has been changed, and their devices are signed out.", u.Username)
		return password.show(a, text)
	})
	password.addFlags(c)
	c.Flags().BoolVar(&mustChange, "must-change", false, "make them change it again at first use")
	return c
}
