package cli

import (
	"cmp"
	"context"
	"errors"

	"github.com/spf13/cobra"

	"latchkey/backend/companion"
	"latchkey/backend/companion/authenticator"
	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/servers"
	"latchkey/backend/companion/vault"
	"latchkey/backend/identity"
)

func (a *app) loginCommand() *cobra.Command {
	var user, code string
	var serverTime bool
	c := &cobra.Command{
		Use:   "login [SERVER]",
		Short: "Sign in to a server",
		Long: "Sign in to a server. The password is asked for, or read from standard input where there is no\n" +
			"terminal; it is not kept. What the server gives for it is kept in the vault. If the server asks for\n" +
			"a code, it gets that which is linked to the account; see otp link.",
		Args: takes(0, 1),
		RunE: a.onDesk(func(ctx context.Context, d *desk, args []string) error {
			s, err := d.chooseToSignIn(ctx, word(args, 0))
			if err != nil {
				return err
			}
			if err := d.needVault(ctx); err != nil {
				return err // before a password is typed in vain
			}
			d.serverTime = serverTime
			cr := remote.Credentials{Username: cmp.Or(user, s.Username), Code: code}
			if err := d.askCredentials(ctx, s, &cr); err != nil {
				return err
			}
			return d.login(ctx, s, cr)
		}),
	}
	c.Flags().StringVar(&user, "user", "", "sign in as `NAME` (default: who signed in there last)")
	c.Flags().StringVar(&code, "code", "", "the `CODE` of the second factor, or a recovery code")
	c.Flags().BoolVar(&serverTime, "server-time", false, "make the linked code by the server's clock instead of this computer's")
	return c
}

// needVault opens the vault. Where there is none it offers one, as what the
// server gives has to be kept somewhere.
func (d *desk) needVault(ctx context.Context) error {
	by, err := d.protection(ctx)
	if errors.Is(err, vault.ErrNew) && d.onTerminal() {
		return d.offerVault(ctx)
	}
	if err != nil {
		return err
	}
	return d.unlock(ctx, by)
}

// offerVault offers a vault with the best protection that there is, by name.
func (d *desk) offerVault(ctx context.Context) error {
	by := vault.ByKeyring
	if d.Vault.ProbeKeyring(ctx, vault.Briefly) != nil {
		by = vault.ByPassphrase
	}
	d.say("There is no vault yet to keep sign-ins in.")
	if err := d.confirm(ctx, false, "Make one that "+means(by)+" opens?"); err != nil {
		return err
	}
	return d.createVault(ctx, by)
}

// askCredentials asks for what is missing.
func (d *desk) askCredentials(ctx context.Context, s servers.Server, cr *remote.Credentials) error {
	var err error
	switch {
	case cr.Username != "":
	case d.onTerminal():
		if cr.Username, err = d.askLine(ctx, "User name on "+s.Name+": "); err != nil {
			return err
		}
	default:
		return usagef("Say who signs in: --user NAME.")
	}
	cr.Password, err = d.askOrRead(ctx, "Password of "+cr.Username+" on "+s.Name+": ", "password")
	if err == nil && s.CodeExpected && cr.Code == "" && d.onTerminal() && sameAccount(s, cr.Username) && !d.isLinked(ctx, s, cr.Username) {
		cr.Code, err = d.askCode(ctx)
	}
	return err
}

// sameAccount reports whether what is remembered of a server's account is
// about that of somebody.
func sameAccount(s servers.Server, username string) bool { return s.Username == username }

func (d *desk) askCode(ctx context.Context) (string, error) {
	return d.askLine(ctx, "Code from your authenticator app: ")
}

// mostCodes is how many codes are asked for. Servers count those that are
// wrong as failures, and lock after a few.
const mostCodes = 3

// login signs in, and has the password changed if that must be.
func (d *desk) login(ctx context.Context, s servers.Server, cr remote.Credentials) error {
	d.at.Username = cr.Username
	me, err := d.signIn(ctx, s, cr)
	if err == nil && me.MustChangePassword {
		me, err = d.changePassword(ctx, s, cr)
	}
	if err != nil {
		return err
	}
	d.changed(ctx, "Signed in to %s as %s.", s.Name, me.Username)
	return nil
}

// signIn signs in. If the server wants a code it gets that of the linked entry,
// once; otherwise, or if that does not fit, it is asked for on a terminal.
func (d *desk) signIn(ctx context.Context, s servers.Server, cr remote.Credentials) (remote.Me, error) {
	me, err := d.Servers.SignIn(ctx, s.ID, cr)
	if identity.KindOf(err) == identity.FactorRequired && cr.Code == "" {
		if cr.Code = d.linkedCode(ctx, s, cr.Username); cr.Code != "" {
			me, err = d.Servers.SignIn(ctx, s.ID, cr)
		}
	}
	for asked := 0; identity.KindOf(err) == identity.FactorRequired && d.onTerminal() && asked < mostCodes; asked++ {
		if cr.Code != "" {
			d.say("%s", identity.AsError(err).Message)
			d.sayDrift(ctx, s)
		}
		if cr.Code, err = d.askCode(ctx); err == nil {
			me, err = d.Servers.SignIn(ctx, s.ID, cr)
		}
	}
	return me, err
}

// isLinked reports whether the code of an account is kept here.
func (d *desk) isLinked(ctx context.Context, s servers.Server, username string) bool {
	_, err := d.Codes.Linked(ctx, authenticator.Link{Server: string(s.ID), Username: username})
	return err == nil
}

// linkedCode takes the code of the entry that is linked to the account, or
// says why that cannot be, unless there is none.
func (d *desk) linkedCode(ctx context.Context, s servers.Server, username string) string {
	var by companion.CodeClock
	if d.serverTime {
		var err error
		if by, err = d.ChooseClock(ctx, s.ID); err != nil && !s.Own {
			d.say("%s", identity.AsError(err).Message)
		}
	}
	e, code, err := d.SignInCode(ctx, s.ID, username, by)
	if err == nil {
		d.say("The code comes from %s, which is linked to %s on %s.", e.Name(), username, s.Name)
		if !d.serverTime {
			d.sayDrift(ctx, s)
		}
		return code.Text
	}
	if !errors.Is(err, authenticator.ErrNotLinked) {
		told := identity.AsError(err)
		d.say("%s", told.Message)
		if told.RetryAfter > 0 {
			d.say("It begins in %s.", remaining(told.RetryAfter))
		}
	}
	return ""
}

// sayDrift says that the clocks differ, if by so much that codes may be
// refused for it.
func (d *desk) sayDrift(ctx context.Context, s servers.Server) {
	if drift, err := d.Servers.Drift(ctx, s.ID); err == nil && drift.Ahead.Abs() > worthTelling {
		d.say("The server's clock is %s this computer's. A code is right only by the clock of the server: say --server-time for that.", ahead(drift.Ahead))
	}
}

var errMustChange = identity.NewError(identity.PasswordChangeRequired, "password_change_required",
	"You are signed in, but nothing works before you have changed your password.")

// changePassword changes the password of somebody who has just signed in and
// must not go on with it, and signs in again: servers end every session with it.
func (d *desk) changePassword(ctx context.Context, s servers.Server, cr remote.Credentials) (remote.Me, error) {
	if !d.onTerminal() {
		return remote.Me{}, errMustChange
	}
	d.say("Your password has to be changed before anything else.")
	next, err := d.askTwice(ctx, "New password for "+cr.Username+": ")
	if err != nil {
		return remote.Me{}, err
	}
	if err := d.setPassword(ctx, s, remote.PasswordChange{Current: cr.Password, New: next}); err != nil {
		return remote.Me{}, err
	}
	d.say("The password has been changed.")
	me, err := d.signIn(ctx, s, remote.Credentials{Username: cr.Username, Password: next})
	if err == nil && me.MustChangePassword {
		err = errMustChange
	}
	return me, err
}

// setPassword sets a password, which may be refused by the server's rules.
func (d *desk) setPassword(ctx context.Context, s servers.Server, p remote.PasswordChange) error {
	return d.Servers.Act(ctx, s.ID, func(ctx context.Context, acc *remote.Account) error { return acc.ChangePassword(ctx, p) })
}

func (a *app) logoutCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "logout [SERVER]",
		Short: "Sign out of a server",
		Args:  takes(0, 1),
		RunE: a.onDesk(func(ctx context.Context, d *desk, args []string) error {
			s, err := d.choose(ctx, word(args, 0))
			if err != nil {
				return err
			}
			if err := d.openVault(ctx); err != nil {
				return err
			}
			if err := d.Servers.SignOut(ctx, s.ID); err != nil {
				return err
			}
			d.changed(ctx, "Signed out of %s.", s.Name)
			return nil
		}),
	}
}
