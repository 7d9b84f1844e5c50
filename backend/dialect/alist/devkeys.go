package alist

import (
	"net/http"
	"time"

	"latchkey/backend/account"
	"latchkey/backend/apikey"
	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
)

// maxDevKeys bounds one page: as many as somebody can have, those that are
// being replaced too.
const maxDevKeys = 2 * apikey.MaxDevKeys

func (h *Handler) devKeys(w http.ResponseWriter, r *http.Request) error {
	part, err := queryPage(r, maxDevKeys)
	if err != nil {
		return err
	}
	keys, total, err := h.Keys.List(r.Context(), identity.APIKeyFilter{User: who(r).User.ID, Kind: identity.KeyDev}, part)
	if err != nil {
		return err
	}
	out := page[wireDevKey]{Content: make([]wireDevKey, len(keys)), Total: total}
	for i, k := range keys {
		out.Content[i] = fromDevKey(k, h.Now())
	}
	return succeed(w, out)
}

func (h *Handler) addDevKey(w http.ResponseWriter, r *http.Request) error {
	body, err := decode[devKeyRequest](w, r)
	if err != nil {
		return err
	}
	k, text, err := h.Keys.Create(r.Context(), who(r), apikey.NewKey{
		Kind: identity.KeyDev, Name: body.Name, Life: span(body.ExpiresInDays, 24*time.Hour), Proof: body.proof(),
	}, origin(r))
	if err != nil {
		return err
	}
	return h.showDevKey(w, k, text)
}

func (h *Handler) replaceDevKey(w http.ResponseWriter, r *http.Request) error {
	old, err := h.ownDevKey(r)
	if err != nil {
		return err
	}
	body, err := decode[devKeyReplaceRequest](w, r)
	if err != nil {
		return err
	}
	overlap := apikey.Overlap
	if body.OverlapHours != nil {
		overlap = span(*body.OverlapHours, time.Hour)
	}
	k, text, err := h.Keys.Replace(r.Context(), who(r), apikey.Replacement{Old: old, Overlap: overlap, Proof: body.proof()}, origin(r))
	if err != nil {
		return err
	}
	return h.showDevKey(w, k, text)
}

// showDevKey answers with a key that was made: this once with its text.
func (h *Handler) showDevKey(w http.ResponseWriter, k identity.APIKey, text secret.Text) error {
	return succeed(w, madeDevKey{fromDevKey(k, h.Now()), text.Reveal()})
}

func (h *Handler) enableDevKey(w http.ResponseWriter, r *http.Request) error {
	return h.setDevKey(w, r, true)
}

func (h *Handler) disableDevKey(w http.ResponseWriter, r *http.Request) error {
	return h.setDevKey(w, r, false)
}

func (h *Handler) setDevKey(w http.ResponseWriter, r *http.Request, enabled bool) error {
	k, err := h.ownDevKey(r)
	if err != nil {
		return err
	}
	if _, err := h.Keys.SetEnabled(r.Context(), k, enabled, origin(r)); err != nil {
		return err
	}
	return succeed(w, nil)
}

func (h *Handler) deleteDevKey(w http.ResponseWriter, r *http.Request) error {
	k, err := h.ownDevKey(r)
	if err != nil {
		return err
	}
	if err := h.Keys.Delete(r.Context(), k, origin(r)); err != nil {
		return err
	}
	return succeed(w, nil)
}

// ownDevKey returns the caller's own key that the query names.
func (h *Handler) ownDevKey(r *http.Request) (identity.APIKey, error) {
	id, err := queryID(r, "id", errIDFormat)
	if err != nil {
		return identity.APIKey{}, err
	}
	return h.Keys.Of(r.Context(), who(r).User.ID, identity.KeyDev, identity.APIKeyID(id))
}

// span is n units of time, and of numbers beyond all limits one that is beyond
// them too: more would not fit into a Duration.
func span(n int64, unit time.Duration) time.Duration {
	const most = apikey.MaxLife + time.Hour
	return time.Duration(min(max(n, -1), int64(most/unit))) * unit
}

// proof is what the body shows: the password, if it was sent, and the code.
func (r proofFields) proof() account.Proof {
	return account.Proof{Password: shown{r.Password, r.PasswordHash}.digest(), Code: r.OTPCode}
}
