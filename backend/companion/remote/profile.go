package remote

import (
	"context"
	"net/http"

	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
)

var (
	errNoNewPassword = identity.InvalidField("new_password", "new_password_missing", "Enter the new password.")
	errNameTaken     = identity.InvalidField("username", "username_taken", "That user name is taken. Choose another.")
)

// A PasswordChange is a new password, and the current one where the server
// asks for it; it is not sent to others.
type PasswordChange struct {
	Current secret.Text
	New     secret.Text
}

// ChangePassword sets a new password. With that every device is signed out,
// this one included. Returns proof_needed if the server wants the current
// password, and password_wrong; servers refuse a bad new one in their words.
func (a *Account) ChangePassword(ctx context.Context, p PasswordChange) error {
	if p.New.IsZero() {
		return errNoNewPassword
	}
	can, err := a.capabilities(ctx)
	if err != nil {
		return err
	}
	return a.update(ctx, func(w *wireProfile) {
		w.Password = p.New.Reveal()
		if can.Proof {
			w.OldPassword = p.Current.Reveal()
		}
	})
}

// Rename gives the account another user name. AList signs every device out
// with that. Returns username_taken.
func (a *Account) Rename(ctx context.Context, username string) error {
	if username == "" {
		return errNoUsername
	}
	return a.update(ctx, func(w *wireProfile) { w.Username = username })
}

// update changes the profile. Every server wants all of it, so what stays is
// read first, to the letter.
func (a *Account) update(ctx context.Context, change func(*wireProfile)) error {
	me, err := a.me(ctx)
	if err != nil {
		return err
	}
	body := wireProfile{Username: me.Username, SSOID: me.SSOID}
	change(&body)
	return proofRefused(a.call(ctx, request{method: http.MethodPost, path: pathUpdate, body: body}, nil), false)
}
