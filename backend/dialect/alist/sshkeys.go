package alist

import (
	"net/http"

	"latchkey/backend/account"
	"latchkey/backend/identity"
)

func (h *Handler) sshKeys(w http.ResponseWriter, r *http.Request) error {
	return h.listSSHKeys(w, r, who(r).User.ID)
}

func (h *Handler) userSSHKeys(w http.ResponseWriter, r *http.Request) error {
	id, err := queryID(r, "uid", errUIDInval)
	if err != nil {
		return err
	}
	if _, err := h.Accounts.User(r.Context(), identity.UserID(id)); err != nil {
		return err
	}
	return h.listSSHKeys(w, r, identity.UserID(id))
}

func (h *Handler) listSSHKeys(w http.ResponseWriter, r *http.Request, owner identity.UserID) error {
	part, err := queryPage(r, account.MaxSSHKeys)
	if err != nil {
		return err
	}
	keys, total, err := h.Accounts.SSHKeys(r.Context(), owner, part)
	if err != nil {
		return err
	}
	out := page[wireSSHKey]{Content: make([]wireSSHKey, len(keys)), Total: total}
	for i, k := range keys {
		out.Content[i] = fromSSHKey(k)
	}
	return succeed(w, out)
}

func (h *Handler) addSSHKey(w http.ResponseWriter, r *http.Request) error {
	body, err := decode[sshKeyRequest](w, r)
	if err != nil {
		return err
	}
	rules, err := body.parse()
	if err != nil {
		return err
	}
	if _, err := h.Accounts.AddSSHKey(r.Context(), who(r), account.NewSSHKey{Title: body.Title, Line: body.Key, Rules: rules}, origin(r)); err != nil {
		return err
	}
	return succeed(w, nil)
}

func (h *Handler) limitSSHKey(w http.ResponseWriter, r *http.Request) error {
	return h.changeKeyRules(w, r, who(r).User.ID)
}

func (h *Handler) limitUserSSHKey(w http.ResponseWriter, r *http.Request) error {
	return h.changeKeyRules(w, r, 0)
}

func (h *Handler) changeKeyRules(w http.ResponseWriter, r *http.Request, owner identity.UserID) error {
	id, err := queryID(r, "id", errIDFormat)
	if err != nil {
		return err
	}
	body, err := decode[keyRules](w, r)
	if err != nil {
		return err
	}
	rules, err := body.parse()
	if err != nil {
		return err
	}
	if err := h.Accounts.LimitSSHKey(r.Context(), owner, identity.SSHKeyID(id), rules, origin(r)); err != nil {
		return err
	}
	return succeed(w, nil)
}

func (h *Handler) deleteSSHKey(w http.ResponseWriter, r *http.Request) error {
	return h.removeSSHKey(w, r, who(r).User.ID)
}

func (h *Handler) deleteUserSSHKey(w http.ResponseWriter, r *http.Request) error {
	return h.removeSSHKey(w, r, 0)
}

func (h *Handler) removeSSHKey(w http.ResponseWriter, r *http.Request, owner identity.UserID) error {
	id, err := queryID(r, "id", errIDFormat)
	if err != nil {
		return err
	}
	if err := h.Accounts.DeleteSSHKey(r.Context(), owner, identity.SSHKeyID(id), origin(r)); err != nil {
		return err
	}
	return succeed(w, nil)
}
