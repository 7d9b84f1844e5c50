package alist

import (
	"net/http"
	"slices"

	"latchkey/backend/account"
	"latchkey/backend/identity"
)

// maxUsers bounds one answer of the user list.
const maxUsers = 1000

// AList's words for what its API does not let an administrator do.
var (
	errRoleOnCreate = identity.NewError(identity.Invalid, "role_reserved", "admin or guest user can not be created")
	errRoleAssign   = identity.NewError(identity.Invalid, "role_reserved", "cannot assign admin or guest role to user")
	errAdminRole    = identity.NewError(identity.PermissionDenied, "role_fixed", "cannot change role of admin user")
	errGuestRole    = identity.NewError(identity.PermissionDenied, "role_fixed", "cannot change role of guest user")
)

func (h *Handler) users(w http.ResponseWriter, r *http.Request) error {
	part, err := queryPage(r, maxUsers)
	if err != nil {
		return err
	}
	users, total, err := h.Accounts.Users(r.Context(), identity.UserFilter{}, part)
	if err != nil {
		return err
	}
	roles, err := h.Accounts.Roles(r.Context())
	if err != nil {
		return err
	}
	out := page[wireUser]{Content: make([]wireUser, len(users)), Total: total}
	for i, u := range users {
		out.Content[i] = fromPrincipal(identity.Principal{User: u, Roles: rolesOf(u, roles)})
	}
	return succeed(w, out)
}

func (h *Handler) user(w http.ResponseWriter, r *http.Request) error {
	id, err := queryID(r, "id", errIDFormat)
	if err != nil {
		return err
	}
	u, err := h.Accounts.User(r.Context(), identity.UserID(id))
	if err != nil {
		return err
	}
	roles, err := h.Accounts.Roles(r.Context())
	if err != nil {
		return err
	}
	return succeed(w, fromPrincipal(identity.Principal{User: u, Roles: rolesOf(u, roles)}))
}

func (h *Handler) createUser(w http.ResponseWriter, r *http.Request) error {
	body, err := decode[userRequest](w, r)
	if err != nil {
		return err
	}
	n := account.NewUser{
		Username: value(body.Username), Password: body.Password, BasePath: value(body.BasePath),
		Disabled: value(body.Disabled), SSOID: value(body.SSOID), MustChange: value(body.MustChange),
		StorageLimit: value(body.Storage),
	}
	if body.Role != nil {
		n.Roles = *body.Role
	}
	if reserved(n.Roles) {
		return errRoleOnCreate
	}
	if _, err := h.Accounts.CreateUser(r.Context(), n, origin(r)); err != nil {
		return err
	}
	return succeed(w, nil)
}

func (h *Handler) updateUser(w http.ResponseWriter, r *http.Request) error {
	body, err := decode[userRequest](w, r)
	if err != nil {
		return err
	}
	change := account.UserChange{
		Username: body.Username, BasePath: body.BasePath, Disabled: body.Disabled, SSOID: body.SSOID, MustChange: body.MustChange,
		StorageLimit: body.Storage,
	}
	if body.Password != "" {
		change.Password = &body.Password
	}
	if body.Role != nil {
		if change.Roles, err = h.rolesToSet(r, body.ID, *body.Role); err != nil {
			return err
		}
	}
	if _, err := h.Accounts.UpdateUser(r.Context(), body.ID, change, origin(r)); err != nil {
		return err
	}
	return succeed(w, nil)
}

// rolesToSet refuses what AList's API refuses: giving out or taking away the
// roles of the administrator and the guest. Those a user has may stay.
func (h *Handler) rolesToSet(r *http.Request, id identity.UserID, roles []identity.RoleID) (*[]identity.RoleID, error) {
	u, err := h.Accounts.User(r.Context(), id)
	if err != nil {
		return nil, err
	}
	switch {
	case slices.Equal(u.Roles, roles):
		return nil, nil
	case u.ID == identity.AdminID:
		return nil, errAdminRole
	case u.ID == identity.GuestID:
		return nil, errGuestRole
	case reserved(roles):
		return nil, errRoleAssign
	}
	return &roles, nil
}

func (h *Handler) deleteUser(w http.ResponseWriter, r *http.Request) error {
	id, err := queryID(r, "id", errIDFormat)
	if err != nil {
		return err
	}
	if err := h.Accounts.DeleteUser(r.Context(), identity.UserID(id), origin(r)); err != nil {
		return err
	}
	return succeed(w, nil)
}

func (h *Handler) cancelTOTP(w http.ResponseWriter, r *http.Request) error {
	id, err := queryID(r, "id", errIDFormat)
	if err != nil {
		return err
	}
	if err := h.Accounts.CancelTOTP(r.Context(), identity.UserID(id), origin(r)); err != nil {
		return err
	}
	return succeed(w, nil)
}

func reserved(roles []identity.RoleID) bool {
	return slices.Contains(roles, identity.RoleAdmin) || slices.Contains(roles, identity.RoleGuest)
}

// rolesOf picks a user's roles from all of them.
func rolesOf(u identity.User, all []identity.Role) []identity.Role {
	return slices.Collect(func(yield func(identity.Role) bool) {
		for _, r := range all {
			if slices.Contains(u.Roles, r.ID) && !yield(r) {
				return
			}
		}
	})
}

// value returns what a pointer points to, or the zero value.
func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
