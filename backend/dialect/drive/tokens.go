package drive

import (
	"net/http"
	"strconv"
	"time"

	"latchkey/backend/apikey"
	"latchkey/backend/identity"
)

var errExpiresIn = identity.InvalidField("expires_in", "api_key_life_invalid", "A token's life is at least a second; leave expires_in out for one without end.")

func (h *Handler) tokens(w http.ResponseWriter, r *http.Request) error {
	list, _, err := h.Keys.List(r.Context(), identity.APIKeyFilter{User: who(r).User.ID, Kind: identity.KeyAPI}, identity.Page{})
	if err != nil {
		return err
	}
	out := make([]wireToken, len(list))
	for i, k := range list {
		out[i] = fromKey(k, h.Now())
	}
	return h.succeed(w, r, out)
}

func (h *Handler) createToken(w http.ResponseWriter, r *http.Request) error {
	body, err := decode[tokenRequest](w, r)
	if err != nil {
		return err
	}
	n := apikey.NewKey{Kind: identity.KeyAPI, Name: body.Name, Permissions: []string{string(identity.Admin)}, Proof: proof(body.Password)}
	if body.Permissions != nil {
		n.Permissions = *body.Permissions
	}
	if body.ExpiresIn != nil {
		if *body.ExpiresIn <= 0 {
			return errExpiresIn
		}
		n.Life = time.Duration(min(*body.ExpiresIn, int64(apikey.MaxLife/time.Second))) * time.Second
	}
	k, text, err := h.Keys.Create(r.Context(), who(r), n, origin(r))
	if err != nil {
		return err
	}
	return h.succeed(w, r, newToken{fromKey(k, h.Now()), text.Reveal()})
}

func (h *Handler) deleteToken(w http.ResponseWriter, r *http.Request) error {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return apikey.ErrNotFound
	}
	k, err := h.Keys.Of(r.Context(), who(r).User.ID, identity.KeyAPI, identity.APIKeyID(id))
	if err != nil {
		return err
	}
	if err := h.Keys.Delete(r.Context(), k, origin(r)); err != nil {
		return err
	}
	return h.succeed(w, r, nil)
}
