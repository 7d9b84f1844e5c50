package drive

import (
	"net/http"

	"latchkey/backend/account"
	"latchkey/backend/credential/password"
	"latchkey/backend/identity"
)

var (
	errOldPasswordNeeded = identity.InvalidField("old_password", "old_password_missing", "Send your current password in the field old_password.")
	errNameNeeded        = identity.InvalidField("username", "username_missing", "Choose a user name.")
)

// changePassword always asks for the old password, however fresh the sign-in
// is, as the document does. It ends all sessions, the caller's too.
func (h *Handler) changePassword(w http.ResponseWriter, r *http.Request) error {
	body, err := decode[passwordRequest](w, r)
	if err != nil {
		return err
	}
	if body.OldPassword == "" {
		return errOldPasswordNeeded
	}
	proof, err := proofOf(body.OldPassword)
	if err != nil {
		return err
	}
	if _, err := h.Accounts.UpdateOwn(r.Context(), who(r), account.OwnChange{Password: &body.NewPassword, Proof: proof}, origin(r)); err != nil {
		return err
	}
	return h.signedOut(w, r, nil)
}

// firstReset gives somebody who must change their password a name, an e-mail
// address and a password of their own. Like every new password it ends all
// sessions, so they sign in with it next.
func (h *Handler) firstReset(w http.ResponseWriter, r *http.Request) error {
	body, err := decode[resetRequest](w, r)
	if err != nil {
		return err
	}
	if body.Username == "" {
		return errNameNeeded
	}
	proof, err := proofOf(body.OldPassword)
	if err != nil {
		return err
	}
	u, err := h.Accounts.FirstReset(r.Context(), who(r), account.OwnChange{
		Username: &body.Username, Email: body.Email, Password: &body.Password, Proof: proof,
	}, origin(r))
	if err != nil {
		return err
	}
	return h.signedOut(w, r, h.fromUser(u))
}

// proofOf is empty where no password was sent.
func proofOf(text string) (account.Proof, error) {
	switch {
	case text == "":
		return account.Proof{}, nil
	case len(text) > password.MaxBytes:
		return account.Proof{}, errPasswordLong
	}
	return account.Proof{Password: password.DigestOf(text)}, nil
}
