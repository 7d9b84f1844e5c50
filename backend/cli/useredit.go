package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"latchkey/backend/account"
	"latchkey/backend/identity"
	"latchkey/backend/server"
)

// onUser returns what a command does to the user that its first argument names.
func (a *app) onUser(do func(ctx context.Context, c *server.Core, u identity.User, rest []string) error) func(*cobra.Command, []string) error {
	return a.onCore(func(ctx context.Context, c *server.Core, args []string) error {
		u, err := findUser(ctx, c, args[0])
		if err != nil {
			return err
		}
		return do(ctx, c, u, args[1:])
	})
}

// findUser returns the user with a name as typed.
func findUser(ctx context.Context, c *server.Core, typed string) (identity.User, error) {
	u, err := c.Accounts.UserByName(ctx, typed)
	if errors.Is(err, account.ErrUserNotFound) {
		unknown := *account.ErrUserNotFound
		unknown.Message = "There is no user " + strconv.Quote(typed) + "."
		return u, &unknown
	}
	return u, err
}

// userAble is the command that lets a user sign in, or no longer.
func (a *app) userAble(verb string, disabled bool) *cobra.Command {
	short := "Let a user sign in again"
	if disabled {
		short = "Keep a user from signing in, and from using what they are signed in with"
	}
	return &cobra.Command{
		Use:   verb + " NAME",
		Short: short,
		Args:  takes(1, 1),
		RunE: a.onUser(func(ctx context.Context, c *server.Core, u identity.User, _ []string) error {
			_, err := c.Accounts.UpdateUser(ctx, u.ID, account.UserChange{Disabled: &disabled}, byHand())
			if err == nil {
				a.done(ctx, "The user %s is %sd.", u.Username, verb)
			}
			return err
		}),
	}
}

func (a *app) userRoles() *cobra.Command {
	return &cobra.Command{
		Use:   "roles NAME ROLE...",
		Short: "Give a user these roles in place of those they have",
		Args:  takes(2, -1),
		RunE: a.onUser(func(ctx context.Context, c *server.Core, u identity.User, names []string) error {
			roles, err := findRoles(ctx, c, names)
			if err != nil {
				return err
			}
			if u, err = c.Accounts.UpdateUser(ctx, u.ID, account.UserChange{Roles: &roles}, byHand()); err != nil {
				return err
			}
			known, err := namesOfRoles(ctx, c)
			if err != nil {
				return err
			}
			a.done(ctx, "The roles of %s are now: %s.", u.Username, strings.Join(known.of(u), ", "))
			return nil
		}),
	}
}

func (a *app) userDelete() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use:   "delete NAME",
		Short: "Delete a user with their devices and keys; their files stay",
		Args:  takes(1, 1),
		RunE: a.onUser(func(ctx context.Context, c *server.Core, u identity.User, _ []string) error {
			if u.IsBuiltIn() {
				return account.ErrBuiltInUser
			}
			if err := a.confirm(ctx, yes, fmt.Sprintf("Delete the user %s for good?", u.Username)); err != nil {
				return err
			}
			own, err := hasOwnFolder(ctx, c, u)
			if err != nil {
				return err
			}
			if err := c.Accounts.DeleteUser(ctx, u.ID, byHand()); err != nil {
				return err
			}
			text := fmt.Sprintf("The user %s has been deleted.", u.Username)
			if own {
				text += " Their files in " + u.BasePath + " are still there."
			}
			a.done(ctx, "%s", text)
			return nil
		}),
	}
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return c
}

// hasOwnFolder reports whether a user has a folder that nobody else was given.
func hasOwnFolder(ctx context.Context, c *server.Core, u identity.User) (bool, error) {
	users, _, err := c.Accounts.Users(ctx, identity.UserFilter{}, identity.Page{})
	shared := slices.ContainsFunc(users, func(o identity.User) bool { return o.ID != u.ID && o.BasePath == u.BasePath })
	return u.BasePath != "/" && !shared, err
}

func (a *app) userReset2FA() *cobra.Command {
	return &cobra.Command{
		Use:   "reset-2fa NAME",
		Short: "Turn two-factor sign-in off for somebody who lost their phone",
		Args:  takes(1, 1),
		RunE: a.onUser(func(ctx context.Context, c *server.Core, u identity.User, _ []string) error {
			if !u.TOTPEnabled {
				return account.ErrTOTPOff
			}
			if err := c.Accounts.CancelTOTP(ctx, u.ID, byHand()); err != nil {
				return err
			}
			a.done(ctx, "Two-factor sign-in is off for %s. Their recovery codes no longer work.", u.Username)
			return nil
		}),
	}
}
