package iam

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"latchkey/backend/account"
	"latchkey/backend/identity"
)

var (
	errEmailMissing = identity.InvalidField("email", "email_missing", "Enter an e-mail address.")
	errRolesMissing = identity.InvalidField("roles", "role_missing", "Give the user at least one role.")
	errRoleUnknown  = identity.InvalidField("roles", "role_unknown", "There is no such role.")
)

func (h *Handler) users(w http.ResponseWriter, r *http.Request) error {
	q, err := readQuery(r)
	if err != nil {
		return err
	}
	list, total, err := h.Accounts.Users(r.Context(), identity.UserFilter{
		Username: q.Get("username"), Email: q.Get("email"), Status: identity.UserStatus(q.Get("status")),
	}, q.part())
	if err != nil {
		return err
	}
	roles, err := h.Accounts.Roles(r.Context())
	if err != nil {
		return err
	}
	bases, err := h.bases(r.Context(), list, roles)
	if err != nil {
		return err
	}
	out := userPage{pageHead: q.head(total), Users: make([]wireUser, len(list))}
	for i, u := range list {
		out.Users[i] = wireUser{userBase: bases[i], CreatedAt: stamp(u.CreatedAt), LastLogin: stampOrNull(u.LastLoginAt)}
	}
	return succeed(w, found, out)
}

// bases returns what every answer tells of some users, in their order.
func (h *Handler) bases(ctx context.Context, users []identity.User, roles []identity.Role) ([]userBase, error) {
	statuses, err := h.Accounts.Statuses(ctx, users)
	if err != nil {
		return nil, err
	}
	out := make([]userBase, len(users))
	for i, u := range users {
		out[i] = userBase{
			ID: idText(u.ID), Username: u.Username, Email: u.Email, Status: statuses[i], Roles: roleNames(rolesOf(u, roles)),
		}
	}
	return out, nil
}

// changedUser returns what is told of somebody who was made or changed.
func (h *Handler) changedUser(ctx context.Context, u identity.User) (userBase, error) {
	roles, err := h.Accounts.Roles(ctx)
	if err != nil {
		return userBase{}, err
	}
	all, err := h.bases(ctx, []identity.User{u}, roles)
	if err != nil {
		return userBase{}, err
	}
	return all[0], nil
}

// user shows somebody. Who may see themselves only is told of others what they
// are told of nobody.
func (h *Handler) user(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID[identity.UserID](r, "user_id", account.ErrUserNotFound)
	if err != nil {
		return err
	}
	if id != who(r).User.ID && !who(r).Can(identity.UserRead) {
		return account.ErrUserNotFound
	}
	u, roles := who(r).User, who(r).Roles // one's own are at hand
	if id != u.ID {
		if u, err = h.Accounts.User(r.Context(), id); err != nil {
			return err
		}
		if roles, err = h.Accounts.Roles(r.Context()); err != nil {
			return err
		}
	}
	b, err := h.bases(r.Context(), []identity.User{u}, roles)
	if err != nil {
		return err
	}
	return succeed(w, found, fromUser(identity.Principal{User: u, Roles: rolesOf(u, roles)}, b[0]))
}

func (h *Handler) createUser(w http.ResponseWriter, r *http.Request) error {
	body, err := decode[newUserRequest](w, r)
	switch {
	case err != nil:
		return err
	case strings.TrimSpace(body.Email) == "":
		return errEmailMissing
	case len(body.Roles) == 0:
		return errRolesMissing
	}
	n := account.NewUser{
		Username: body.Username, Email: body.Email, Password: body.Password, Profile: body.Profile.toChange(),
		ExpiresAt: body.ExpiresAt.at, MustChange: body.MustChange,
	}
	if n.Roles, err = h.toRoles(r.Context(), body.Roles); err != nil {
		return err
	}
	if n.AllowedFrom, err = toNetworks(body.AllowedFrom); err != nil {
		return err
	}
	u, err := h.Accounts.CreateUser(r.Context(), n, origin(r))
	if err != nil {
		return err
	}
	b, err := h.changedUser(r.Context(), u)
	if err != nil {
		return err
	}
	return succeed(w, "用户创建成功", userCreated{userBase: b, CreatedAt: stamp(u.CreatedAt)})
}

func (h *Handler) updateUser(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID[identity.UserID](r, "user_id", account.ErrUserNotFound)
	if err != nil {
		return err
	}
	body, err := decode[userRequest](w, r)
	if err != nil {
		return err
	}
	change, err := h.toChange(r.Context(), body)
	if err != nil {
		return err
	}
	u, err := h.Accounts.UpdateUser(r.Context(), id, change, origin(r))
	if err != nil {
		return err
	}
	b, err := h.changedUser(r.Context(), u)
	if err != nil {
		return err
	}
	return succeed(w, "用户信息更新成功", userUpdated{userBase: b, UpdatedAt: changed(u.UpdatedAt, u.CreatedAt)})
}

func (h *Handler) toChange(ctx context.Context, body userRequest) (account.UserChange, error) {
	change := account.UserChange{
		Email: body.Email, Status: body.Status, Profile: body.Profile.toChange(), MustChange: body.MustChange,
	}
	if body.ExpiresAt.sent {
		change.ExpiresAt = &body.ExpiresAt.at
	}
	if body.Roles != nil {
		roles, err := h.toRoles(ctx, *body.Roles)
		if err != nil {
			return change, err
		}
		change.Roles = &roles
	}
	if body.AllowedFrom != nil {
		networks, err := toNetworks(*body.AllowedFrom)
		if err != nil {
			return change, err
		}
		change.AllowedFrom = &networks
	}
	return change, nil
}

func (h *Handler) deleteUser(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID[identity.UserID](r, "user_id", account.ErrUserNotFound)
	if err != nil {
		return err
	}
	if err := h.Accounts.DeleteUser(r.Context(), id, origin(r)); err != nil {
		return err
	}
	return done(w, "用户删除成功")
}

// toRoles finds roles by what this API calls them.
func (h *Handler) toRoles(ctx context.Context, names []string) ([]identity.RoleID, error) {
	all, err := h.Accounts.Roles(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]identity.RoleID, len(names))
	for i, wanted := range names {
		at := slices.IndexFunc(all, func(r identity.Role) bool { return roleName(r) == wanted })
		if at < 0 {
			return nil, errRoleUnknown
		}
		out[i] = all[at].ID
	}
	return out, nil
}

// rolesOf picks a user's roles from all of them.
func rolesOf(u identity.User, all []identity.Role) []identity.Role {
	var out []identity.Role
	for _, r := range all {
		if slices.Contains(u.Roles, r.ID) {
			out = append(out, r)
		}
	}
	return out
}
