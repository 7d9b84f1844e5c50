package app

import (
	"context"

	"latchkey/backend/companion"
	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/servers"
	"latchkey/backend/identity"
)

// SignIn is the form in which a person signs in to a server. What they type
// lives in the call, and the answer says who they are.
type SignIn struct{ d *desk }

// Credentials are what a person types to sign in.
type Credentials struct {
	ID       string `json:"id"`
	Username string `json:"username"`
	Password string `json:"password"`
	Code     string `json:"code"` // of the second factor, or a recovery code; empty: none yet
}

// A ForcedChange is a new password for who may do nothing before they have one.
type ForcedChange struct {
	ID       string `json:"id"`
	Username string `json:"username"`
	Current  string `json:"current"`
	Next     string `json:"next"`
	Code     string `json:"code"` // to sign in again; the one that signed in before is spent
}

// SignIn signs in. Whoever must change their password first is signed in too,
// and the answer's Me says so.
func (s *SignIn) SignIn(c Credentials) (Server, error) {
	return ask(s.d, byNet, func(ctx context.Context) (Server, error) {
		id := servers.ID(c.ID)
		if err := s.d.signIn(ctx, id, c.remote()); err != nil {
			return Server{}, err
		}
		return s.d.server(ctx, id)
	})
}

func (c Credentials) remote() remote.Credentials {
	return remote.Credentials{Username: c.Username, Password: companion.NewSecret(c.Password), Code: c.Code}
}

// signIn signs in, and has the page told in any case: a failure too may leave
// something for the next attempt, such as until when the server is locked.
func (d *desk) signIn(ctx context.Context, id servers.ID, cr remote.Credentials) error {
	defer d.nudge()
	_, err := d.companion.Servers.SignIn(ctx, id, cr)
	return err
}

// SignOut signs out. The page hears signed_out_here_only where the server could
// not be told.
func (s *SignIn) SignOut(id string) error {
	return do(s.d, byNet, func(ctx context.Context) error { return s.d.companion.Servers.SignOut(ctx, servers.ID(id)) })
}

// ChangePassword changes a password that must be changed, and signs in again
// with the new one. Once it is changed an error is about signing in, most
// likely code_needed, and SignIn with the new password is the way on.
func (s *SignIn) ChangePassword(c ForcedChange) (Server, error) {
	return ask(s.d, byNet, func(ctx context.Context) (Server, error) {
		id := servers.ID(c.ID)
		change := remote.PasswordChange{Current: companion.NewSecret(c.Current), New: companion.NewSecret(c.Next)}
		if err := s.d.changePassword(ctx, id, change); err != nil {
			return Server{}, err
		}
		cr := remote.Credentials{Username: c.Username, Password: change.New, Code: c.Code}
		if err := s.d.signInAgain(ctx, id, cr); err != nil {
			return Server{}, err
		}
		return s.d.server(ctx, id)
	})
}

func (d *desk) changePassword(ctx context.Context, id servers.ID, c remote.PasswordChange) error {
	return d.companion.Servers.Act(ctx, id, func(ctx context.Context, a *remote.Account) error { return a.ChangePassword(ctx, c) })
}

// signInAgain signs in after a change that has signed everybody out, with the
// code that is linked to the account if the server asks for one. If that does
// not work the page must hear that nobody is signed in now.
func (d *desk) signInAgain(ctx context.Context, id servers.ID, cr remote.Credentials) error {
	err := d.signIn(ctx, id, cr)
	if cr.Code == "" && identity.KindOf(err) == identity.FactorRequired {
		if _, code, none := d.companion.SignInCode(ctx, id, cr.Username, d.chosenClock()); none == nil {
			cr.Code = code.Text
			err = d.signIn(ctx, id, cr)
		}
	}
	if err != nil {
		_, _ = d.companion.Servers.Check(ctx, id) // its outcome is told
	}
	return err
}
