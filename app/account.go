package app

import (
	"context"

	"latchkey/backend/companion"
	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/servers"
)

// Account is the screen of a person's own account: its name, its password, and
// its second factor, which factor.go has.
type Account struct{ d *desk }

// A PasswordChange is a new password.
type PasswordChange struct {
	ID      string `json:"id"`
	Current string `json:"current"` // not looked at by a server that asks for no proof
	Next    string `json:"next"`
	Code    string `json:"code"` // to sign in again, where there is a second factor
}

// A Changed is what a new password has come to.
type Changed struct {
	SignedIn bool `json:"signedIn"` // again, with the new one
}

// A Rename is a new user name.
type Rename struct {
	ID       string `json:"id"`
	Username string `json:"username"`
	Password string `json:"password"` // the current one; empty until the server asks for it
}

// ChangePassword changes the password, and signs in again with the new one. It
// is no error if only that does not work: the password is changed.
func (a *Account) ChangePassword(c PasswordChange) (Changed, error) {
	return ask(a.d, byNet, func(ctx context.Context) (Changed, error) {
		s, err := a.d.companion.Servers.Server(ctx, servers.ID(c.ID))
		if err != nil {
			return Changed{}, err
		}
		change := remote.PasswordChange{Current: companion.NewSecret(c.Current), New: companion.NewSecret(c.Next)}
		if err := a.d.changePassword(ctx, s.ID, change); err != nil {
			return Changed{}, err
		}
		again := a.d.signInAgain(ctx, s.ID, remote.Credentials{Username: s.Username, Password: change.New, Code: c.Code})
		return Changed{SignedIn: again == nil}, nil
	})
}

// Rename gives the account another user name. AList signs every device out with
// that; then the next sign-in begins with the new name.
func (a *Account) Rename(r Rename) (Server, error) {
	return ask(a.d, byNet, func(ctx context.Context) (Server, error) {
		id := servers.ID(r.ID)
		before, err := a.d.companion.Servers.Server(ctx, id)
		if err != nil {
			return Server{}, err
		}
		change := remote.NameChange{Username: r.Username, Current: companion.NewSecret(r.Password)}
		err = a.d.companion.Servers.Act(ctx, id, func(ctx context.Context, acc *remote.Account) error { return acc.Rename(ctx, change) })
		if err != nil {
			return Server{}, err
		}
		// The name is changed; what comes after makes it no less so.
		_, _ = a.d.companion.Servers.SetUsername(ctx, id, r.Username)
		_ = a.d.companion.FollowRename(ctx, before, r.Username)
		_, _ = a.d.companion.Servers.Check(ctx, id)
		return a.d.server(ctx, id)
	})
}
