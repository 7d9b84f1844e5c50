package alist

import (
	"net/http"

	"latchkey/backend/identity"
)

func (h *Handler) roles(w http.ResponseWriter, r *http.Request) error {
	roles, err := h.Accounts.Roles(r.Context())
	if err != nil {
		return err
	}
	part, err := queryPage(r, max(len(roles), 1))
	if err != nil {
		return err
	}
	return succeed(w, pageOf(roles, part, fromRole))
}

func (h *Handler) role(w http.ResponseWriter, r *http.Request) error {
	id, err := queryID(r, "id", errIDFormat)
	if err != nil {
		return err
	}
	role, err := h.Accounts.Role(r.Context(), identity.RoleID(id))
	if err != nil {
		return err
	}
	return succeed(w, fromRole(role))
}

func (h *Handler) createRole(w http.ResponseWriter, r *http.Request) error {
	body, err := decode[wireRole](w, r)
	if err != nil {
		return err
	}
	if _, err := h.Accounts.CreateRole(r.Context(), body.toRole(), origin(r)); err != nil {
		return err
	}
	return succeed(w, nil)
}

func (h *Handler) updateRole(w http.ResponseWriter, r *http.Request) error {
	body, err := decode[wireRole](w, r)
	if err != nil {
		return err
	}
	replace := func(old identity.Role) identity.Role {
		r := body.toRole()
		r.Grants = old.Grants // AList has no word for them
		return r
	}
	if _, err := h.Accounts.UpdateRole(r.Context(), body.ID, replace, origin(r)); err != nil {
		return err
	}
	return succeed(w, nil)
}

func (h *Handler) deleteRole(w http.ResponseWriter, r *http.Request) error {
	id, err := queryID(r, "id", errIDFormat)
	if err != nil {
		return err
	}
	if err := h.Accounts.DeleteRole(r.Context(), identity.RoleID(id), origin(r)); err != nil {
		return err
	}
	return succeed(w, nil)
}
