package alist

import (
	"net/http"

	"latchkey/backend/identity"
)

// maxSessions bounds the administrator's list where no page is asked for.
const maxSessions = 10_000

func (h *Handler) sessions(w http.ResponseWriter, r *http.Request) error {
	p := who(r)
	list, err := h.Sessions.List(r.Context(), p.User.ID)
	if err != nil {
		return err
	}
	out := make([]wireSession, len(list))
	for i, s := range list {
		out[i] = fromSession(s, p.Session)
	}
	return succeed(w, out)
}

func (h *Handler) evict(w http.ResponseWriter, r *http.Request) error {
	id, err := decodeSessionID(w, r)
	if err != nil {
		return err
	}
	if err := h.Sessions.End(r.Context(), who(r).User.ID, id, origin(r)); err != nil {
		return err
	}
	return succeed(w, nil)
}

func (h *Handler) evictOthers(w http.ResponseWriter, r *http.Request) error {
	p := who(r)
	n, err := h.Sessions.EndOthers(r.Context(), p.User.ID, p.Session, origin(r))
	if err != nil {
		return err
	}
	return succeed(w, evicted{n})
}

// allSessions lists everybody's devices. AList answers a bare array; so do we,
// and page and per_page, which it lacks, choose a part of it.
func (h *Handler) allSessions(w http.ResponseWriter, r *http.Request) error {
	part, err := queryPage(r, maxSessions)
	if err != nil {
		return err
	}
	list, _, err := h.Sessions.ListAll(r.Context(), part)
	if err != nil {
		return err
	}
	out := make([]wireSession, len(list))
	for i, s := range list {
		out[i] = fromSession(s, who(r).Session)
		out[i].UserID = s.User
	}
	return succeed(w, out)
}

func (h *Handler) evictAny(w http.ResponseWriter, r *http.Request) error {
	id, err := decodeSessionID(w, r)
	if err != nil {
		return err
	}
	found, err := h.Sessions.Find(r.Context(), id)
	if err != nil {
		return err
	}
	if err := h.Accounts.MayTouch(r.Context(), found.User, origin(r)); err != nil {
		return err
	}
	if err := h.Sessions.End(r.Context(), 0, id, origin(r)); err != nil {
		return err
	}
	return succeed(w, nil)
}

func decodeSessionID(w http.ResponseWriter, r *http.Request) (identity.SessionID, error) {
	body, err := decode[sessionRequest](w, r)
	if err != nil {
		return "", err
	}
	return identity.ParseSessionID(body.SessionID)
}
