package iam

import (
	"net/http"
	"slices"
	"strings"

	"latchkey/backend/account"
	"latchkey/backend/identity"
)

var errPermissionsMissing = identity.InvalidField("permissions", "permissions_missing", "Send the list permissions; it may be empty.")

// roleBase is what every answer tells of a role.
type roleBase struct {
	ID          string                `json:"id"`
	Name        string                `json:"name"`
	Description string                `json:"description"`
	Permissions []identity.Permission `json:"permissions"`
}

type rolePage struct {
	pageHead
	Roles []wireRole `json:"roles"`
}

type wireRole struct {
	roleBase
	CreatedAt string `json:"created_at" format:"date-time"`
	UserCount int    `json:"user_count"`
}

type roleDetail struct {
	roleBase
	CreatedAt string `json:"created_at" format:"date-time"`
	UpdatedAt string `json:"updated_at" format:"date-time"`
	UserCount int    `json:"user_count"`
}

type roleCreated struct {
	roleBase
	CreatedAt string `json:"created_at" format:"date-time"`
}

type roleUpdated struct {
	roleBase
	UpdatedAt string `json:"updated_at" format:"date-time"`
}

type newRoleRequest struct {
	Name        string    `json:"name" required:"true"`
	Description string    `json:"description"`
	Permissions *[]string `json:"permissions" required:"true"`
}

type roleRequest struct {
	Name        *string   `json:"name"`
	Description *string   `json:"description"`
	Permissions *[]string `json:"permissions"`
}

type memberPage struct {
	pageHead
	Users []wireMember `json:"users"`
}

type wireMember struct {
	ID       string              `json:"id"`
	Username identity.Username   `json:"username"`
	Email    identity.Email      `json:"email"`
	Status   identity.UserStatus `json:"status" enum:"active,inactive,locked"`
	AddedAt  string              `json:"added_at" format:"date-time"`
}

// What this API calls the built-in roles.
const (
	guestRole = "guest"
	adminRole = "admin"
	userRole  = "user"
)

// roleName returns what this API calls a role.
func roleName(r identity.Role) string {
	switch r.ID {
	case identity.RoleGuest:
		return guestRole
	case identity.RoleAdmin:
		return adminRole
	case identity.RoleGeneral:
		return userRole
	}
	return r.Name
}

func roleNames(roles []identity.Role) []string {
	out := make([]string, len(roles))
	for i, r := range roles {
		out[i] = roleName(r)
	}
	return out
}

func fromRole(r identity.Role) roleBase {
	permissions := r.Permissions()
	if permissions == nil {
		permissions = []identity.Permission{}
	}
	return roleBase{ID: idText(r.ID), Name: roleName(r), Description: r.Description, Permissions: permissions}
}

func (h *Handler) roles(w http.ResponseWriter, r *http.Request) error {
	q, err := readQuery(r)
	if err != nil {
		return err
	}
	all, err := h.Accounts.Roles(r.Context())
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(r identity.Role) bool { return !contains(roleName(r), q.Get("name")) })
	part := cut(all, q.part())
	out := rolePage{pageHead: q.head(len(all)), Roles: make([]wireRole, len(part))}
	for i, role := range part {
		out.Roles[i] = wireRole{roleBase: fromRole(role), CreatedAt: stamp(role.CreatedAt), UserCount: role.Users}
	}
	return succeed(w, found, out)
}

// contains reports whether a text holds another, whatever the case of letters.
func contains(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}

func (h *Handler) role(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID[identity.RoleID](r, "role_id", account.ErrRoleNotFound)
	if err != nil {
		return err
	}
	role, err := h.Accounts.Role(r.Context(), id)
	if err != nil {
		return err
	}
	return succeed(w, found, roleDetail{
		roleBase: fromRole(role), CreatedAt: stamp(role.CreatedAt), UpdatedAt: changed(role.UpdatedAt, role.CreatedAt),
		UserCount: role.Users,
	})
}

func (h *Handler) createRole(w http.ResponseWriter, r *http.Request) error {
	body, err := decode[newRoleRequest](w, r)
	switch {
	case err != nil:
		return err
	case body.Permissions == nil:
		return errPermissionsMissing
	}
	permissions, err := h.Accounts.ReadPermissions(r.Context(), *body.Permissions)
	if err != nil {
		return err
	}
	role := identity.Role{Name: body.Name, Description: body.Description}.WithPermissions(permissions)
	if role, err = h.Accounts.CreateRole(r.Context(), role, origin(r)); err != nil {
		return err
	}
	return succeed(w, "角色创建成功", roleCreated{roleBase: fromRole(role), CreatedAt: stamp(role.CreatedAt)})
}

func (h *Handler) updateRole(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID[identity.RoleID](r, "role_id", account.ErrRoleNotFound)
	if err != nil {
		return err
	}
	body, err := decode[roleRequest](w, r)
	if err != nil {
		return err
	}
	var permissions []identity.Permission
	if body.Permissions != nil {
		if permissions, err = h.Accounts.ReadPermissions(r.Context(), *body.Permissions); err != nil {
			return err
		}
	}
	role, err := h.Accounts.UpdateRole(r.Context(), id, func(old identity.Role) identity.Role {
		role := body.renamed(old)
		if body.Permissions != nil {
			role = role.WithPermissions(permissions)
		}
		return role
	}, origin(r))
	if err != nil {
		return err
	}
	return succeed(w, "角色更新成功", roleUpdated{roleBase: fromRole(role), UpdatedAt: changed(role.UpdatedAt, role.CreatedAt)})
}

// renamed returns the role with the name and description that were sent. A
// built-in one that is called as ever keeps its own name.
func (r roleRequest) renamed(role identity.Role) identity.Role {
	if r.Name != nil && *r.Name != roleName(role) {
		role.Name = *r.Name
	}
	if r.Description != nil {
		role.Description = *r.Description
	}
	return role
}

func (h *Handler) deleteRole(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID[identity.RoleID](r, "role_id", account.ErrRoleNotFound)
	if err != nil {
		return err
	}
	if err := h.Accounts.DeleteRole(r.Context(), id, origin(r)); err != nil {
		return err
	}
	return done(w, "角色删除成功")
}

func (h *Handler) members(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID[identity.RoleID](r, "role_id", account.ErrRoleNotFound)
	if err != nil {
		return err
	}
	q, err := readQuery(r)
	if err != nil {
		return err
	}
	list, total, err := h.Accounts.Members(r.Context(), id, q.part())
	if err != nil {
		return err
	}
	users := make([]identity.User, len(list))
	for i, m := range list {
		users[i] = m.User
	}
	statuses, err := h.Accounts.Statuses(r.Context(), users)
	if err != nil {
		return err
	}
	out := memberPage{pageHead: q.head(total), Users: make([]wireMember, len(list))}
	for i, m := range list {
		out.Users[i] = wireMember{
			ID: idText(m.User.ID), Username: m.User.Username, Email: m.User.Email, Status: statuses[i], AddedAt: stamp(m.AddedAt),
		}
	}
	return succeed(w, found, out)
}
