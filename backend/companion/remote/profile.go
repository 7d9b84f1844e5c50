package remote

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
)

var (
	errNoNewPassword = identity.InvalidField("new_password", "new_password_missing", "Enter the new password.")
	errPasswordLong  = identity.InvalidField("new_password", "password_too_long", "That password is too long. Choose a shorter one.")
	errCommon        = identity.InvalidField("new_password", "password_common",
		"That password is among the first that attackers try. Choose another, such as four words that have nothing to do with each other.")
	errIsUsername   = identity.InvalidField("new_password", "password_is_username", "The password is the user name. Choose another.")
	errSamePassword = identity.InvalidField("new_password", "password_unchanged", "The new password is the old one. Choose another.")
	errNameTaken    = identity.InvalidField("username", "username_taken", "That user name is taken. Choose another.")
	errNameLong     = identity.InvalidField("username", "username_too_long", "A user name has at most 64 characters.")
	errNameLetters  = identity.InvalidField("username", "username_character",
		"A user name has only letters, digits and . _ - @ +, and begins with a letter or digit.")
)

// tooShort tells how long a password must be, if the server's words do.
func tooShort(said string) *identity.Error {
	e := identity.InvalidField("new_password", "password_too_short", "That password is too short. Choose a longer one.")
	for word := range strings.FieldsSeq(said) {
		if n, err := strconv.Atoi(word); err == nil && n > 0 && n <= maxNamed {
			e.Message = fmt.Sprintf("A password needs at least %d characters. Choose a longer one.", n)
		}
	}
	return e
}

// maxNamed is the longest password that is asked for in words.
const maxNamed = 1024

// A PasswordChange is a new password, and the current one where the server
// asks for it; it is not sent to others.
type PasswordChange struct {
	Current secret.Text
	New     secret.Text
}

// ChangePassword sets a new password. With that every device is signed out,
// this one included. Returns proof_needed if the server wants the current
// password, password_wrong, and what is wrong with the new one, which AList
// does not ask: password_too_short, password_too_long, password_common,
// password_is_username, password_unchanged.
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
			w.OldPassword = proofHash(p.Current)
		}
	})
}

// A NameChange is a new user name, and the current password where the server
// asks for it; it is not sent to others.
type NameChange struct {
	Username string
	Current  secret.Text
}

// Rename gives the account another user name. AList signs every device out
// with that. Returns username_taken, username_too_long, username_character,
// and proof_needed or password_wrong.
func (a *Account) Rename(ctx context.Context, n NameChange) error {
	if n.Username == "" {
		return errNoUsername
	}
	can, err := a.capabilities(ctx)
	if err != nil {
		return err
	}
	return a.update(ctx, func(w *wireProfile) {
		w.Username = n.Username
		if can.Proof {
			w.OldPassword = proofHash(n.Current)
		}
	})
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
