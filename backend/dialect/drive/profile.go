package drive

import (
	"net/http"

	"latchkey/backend/account"
	"latchkey/backend/identity"
)

func (h *Handler) profile(w http.ResponseWriter, r *http.Request) error {
	return h.showProfile(w, r, who(r).User)
}

func (h *Handler) updateProfile(w http.ResponseWriter, r *http.Request) error {
	body, err := decode[profileRequest](w, r)
	if err != nil {
		return err
	}
	u, err := h.Accounts.UpdateOwn(r.Context(), who(r), account.OwnChange{
		Email: body.Email, Proof: proof(body.Password), Profile: account.ProfileChange{Nickname: body.Nickname, AvatarURL: body.AvatarURL},
	}, origin(r))
	if err != nil {
		return err
	}
	return h.showProfile(w, r, u)
}

func (h *Handler) showProfile(w http.ResponseWriter, r *http.Request, u identity.User) error {
	room, err := h.Files.Usage(r.Context(), u.BasePath)
	if err != nil {
		return err
	}
	return h.succeed(w, r, h.fromProfile(u, room.Within(u.StorageLimit)))
}
