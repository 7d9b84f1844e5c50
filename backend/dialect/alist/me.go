package alist

import (
	"net/http"

	"latchkey/backend/account"
	"latchkey/backend/credential/password"
)

func (h *Handler) me(w http.ResponseWriter, r *http.Request) error {
	return succeed(w, fromPrincipal(who(r)))
}

// updateMe changes one's own profile. As in AList the user name must be sent
// and a missing sso_id clears it.
func (h *Handler) updateMe(w http.ResponseWriter, r *http.Request) error {
	body, err := decode[profileRequest](w, r)
	switch {
	case err != nil:
		return err
	case body.Username == "":
		return errUsernameNeeded
	case len(body.OldPassword) > password.MaxBytes:
		return errPasswordLong
	}
	change := account.OwnChange{
		Username: &body.Username, SSOID: &body.SSOID, Proof: account.Proof{Password: shown{body.OldPassword, body.OldPasswordHash}.digest()},
	}
	if body.Password != "" {
		change.Password = &body.Password
	}
	if _, err := h.Accounts.UpdateOwn(r.Context(), who(r), change, origin(r)); err != nil {
		return err
	}
	return succeed(w, nil)
}
