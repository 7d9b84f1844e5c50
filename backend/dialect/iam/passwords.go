package iam

import (
	"errors"
	"net/http"

	"latchkey/backend/account"
	"latchkey/backend/credential/password"
	"latchkey/backend/identity"
	"latchkey/backend/login"
)

var (
	errCurrentMissing = identity.InvalidField("current_password", "current_password_missing", "Send your current password in the field current_password.")
	errCurrentWrong   = identity.InvalidField("current_password", "current_password_wrong", "That is not your current password.")
	errNewMissing     = identity.InvalidField("new_password", "new_password_missing", "Choose a new password.")
)

// changePassword changes one's own. Nobody else's is to be found here: those
// who look after others reset passwords.
func (h *Handler) changePassword(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID[identity.UserID](r, "user_id", account.ErrUserNotFound)
	if err == nil && id != who(r).User.ID {
		err = account.ErrUserNotFound
	}
	if err != nil {
		return err
	}
	body, err := decode[passwordRequest](w, r)
	switch {
	case err != nil:
		return err
	case body.Current == "":
		return errCurrentMissing
	case len(body.Current) > password.MaxBytes:
		return errPasswordLong
	case body.New == "":
		return errNewMissing
	}
	_, err = h.Accounts.UpdateOwn(r.Context(), who(r), account.OwnChange{
		Password: &body.New, Proof: account.Proof{Password: password.DigestOf(body.Current)},
	}, origin(r))
	switch {
	case errors.Is(err, login.ErrCredentials):
		return errCurrentWrong // 401 would tell clients that their token is no good
	case err != nil:
		return err
	}
	return done(w, "密码修改成功")
}

// resetPassword answers with the temporary password also where it was sent:
// the document has it so. A body is not needed.
func (h *Handler) resetPassword(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID[identity.UserID](r, "user_id", account.ErrUserNotFound)
	if err != nil {
		return err
	}
	var body resetRequest
	if r.ContentLength != 0 {
		if body, err = decode[resetRequest](w, r); err != nil {
			return err
		}
	}
	reset, err := h.Accounts.ResetPassword(r.Context(), id, body.SendEmail == nil || *body.SendEmail, origin(r))
	if err != nil {
		return err
	}
	message := "密码重置成功,未发送邮件,请将临时密码转交用户"
	if reset.Sent {
		message = "密码重置成功,新密码已发送至用户邮箱"
	}
	return succeed(w, message, resetResponse{
		Temporary: reset.Password.Reveal(), ExpiresIn: int64(account.TemporaryFor.Seconds()),
	})
}
