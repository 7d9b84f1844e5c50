package alist

import (
	"encoding/base64"
	"net/http"

	"latchkey/backend/account"
	"latchkey/backend/credential/password"
	"latchkey/backend/credential/totp"
)

// qrPixels is the width and height of the QR code, as AList draws it.
const qrPixels = 400

func (h *Handler) startTOTP(w http.ResponseWriter, r *http.Request) error {
	p := who(r)
	secret, err := h.Accounts.StartTOTP(r.Context(), p)
	if err != nil {
		return err
	}
	png, err := totp.QR(secret.URI(h.Title, p.User.Username), qrPixels)
	if err != nil {
		return err
	}
	return succeed(w, totpStarted{
		QR:     "data:image/png;base64," + base64.StdEncoding.EncodeToString(png),
		Secret: secret.Base32(),
	})
}

func (h *Handler) enableTOTP(w http.ResponseWriter, r *http.Request) error {
	body, err := decode[totpRequest](w, r)
	if err != nil {
		return err
	}
	codes, err := h.Accounts.EnableTOTP(r.Context(), who(r), account.TOTPSetUp{
		Secret: body.Secret, Code: body.Code, Proof: body.proof(), RecoveryCodes: body.RecoveryCodes,
	}, origin(r))
	if err != nil {
		return err
	}
	if !body.RecoveryCodes {
		return succeed(w, nil)
	}
	return succeed(w, recoveryCodes{codes})
}

func (h *Handler) disableTOTP(w http.ResponseWriter, r *http.Request) error {
	body, err := decode[totpRequest](w, r)
	if err != nil {
		return err
	}
	if err := h.Accounts.DisableTOTP(r.Context(), who(r), body.proof(), origin(r)); err != nil {
		return err
	}
	return succeed(w, nil)
}

func (h *Handler) recoveryCodes(w http.ResponseWriter, r *http.Request) error {
	body, err := decode[totpRequest](w, r)
	if err != nil {
		return err
	}
	codes, err := h.Accounts.NewRecoveryCodes(r.Context(), who(r), body.proof(), origin(r))
	if err != nil {
		return err
	}
	return succeed(w, recoveryCodes{codes})
}

func (h *Handler) totpState(w http.ResponseWriter, r *http.Request) error {
	u := who(r).User
	left, err := h.Accounts.RecoveryCodesLeft(r.Context(), u.ID)
	if err != nil {
		return err
	}
	return succeed(w, totpState{Enabled: u.TOTPEnabled, RecoveryCodesLeft: left})
}

// proof is what the body shows: the password, if it was sent, and the code.
func (r totpRequest) proof() account.Proof {
	return account.Proof{Password: shown{r.Password, r.PasswordHash}.digest(), Code: r.OTPCode}
}

// shown is somebody's own password as it was sent to prove who they are: as it
// is, or as AList's static hash.
type shown struct{ text, hash string }

// digest returns the hash. It is zero if none was sent, or nothing of its form.
func (s shown) digest() password.Digest {
	if s.hash == "" && s.text != "" {
		return password.DigestOf(s.text)
	}
	digest, _ := password.ParseDigest(s.hash) // zero, for what is none
	return digest
}
