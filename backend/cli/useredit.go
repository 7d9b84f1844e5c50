package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"latchkey/backend/account"
	"latchkey/backend/identity"
	"latchkey/backend/server"
)

// onUser returns what a command does to the user that its first argument names.
func (a *app) onUser(do func(ctx context.Context, c *server.Core, u identity.User, rest []string) error) func(*cobra.Command, []string) error {
	return a.onCore(func(ctx context.Context, c *server.Core, args []string) error {
		u, err := c.Accounts.UserByName(ctx, args[0])
		if err != nil {
			return err
		}
		return do(ctx, c, u, args[1:])
	})
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
				a.say("The user %s is %sd.", u.Username, verb)
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
			if _, err = c.Accounts.UpdateUser(ctx, u.ID, account.UserChange{Roles: &roles}, byHand()); err != nil {
				return err
			}
			a.say("The roles of %s are now: %s.", u.Username, strings.Join(names, ", "))
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
			if err := c.Accounts.DeleteUser(ctx, u.ID, byHand()); err != nil {
				return err
			}
			a.say("The user %s has been deleted. Their files in %s are still there.", u.Username, u.BasePath)
			return nil
		}),
	}
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return c
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
			a.say("Two-factor sign-in is off for %s. Their recovery codes no longer work.", u.Username)
			return nil
		}),
	}
}
