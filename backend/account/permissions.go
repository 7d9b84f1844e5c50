package account

import (
	"context"
	"errors"
	"slices"
	"strings"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

// Bounds of the permissions that people make.
const (
	maxPermissions = 500
	maxCategory    = 64 // characters
)

// The refusals about permissions.
var (
	errPermissionTaken = conflict("name", "permission_taken", "There is a permission of that name.")
	errPermissionLimit = identity.NewError(identity.Conflict, "permission_limit", "There are 500 permissions beside the built-in ones, which is the most.")
	errCategory        = identity.InvalidField("category", "category_invalid", "A category has at most 64 characters, without control characters.")
)

// Permissions lists all permissions that roles and API keys can have, by id.
func (s *Service) Permissions(ctx context.Context) ([]identity.PermissionInfo, error) {
	made, err := s.Store.Permissions(ctx)
	return append(identity.BuiltInPermissions(), made...), err
}

// CreatePermission makes a permission, whose id and time are ignored. It means
// nothing to Latchkey; other programs can ask who has it.
func (s *Service) CreatePermission(ctx context.Context, p identity.PermissionInfo, o identity.Origin) (identity.PermissionInfo, error) {
	name, err := identity.ParsePermission(string(p.Name))
	if err != nil {
		return p, err
	}
	p.Name, p.CreatedAt = name, s.Env.Now()
	p.Category, p.Description = strings.TrimSpace(p.Category), strings.TrimSpace(p.Description)
	switch {
	case !plainText(p.Category, maxCategory):
		return p, errCategory
	case !plainText(p.Description, maxRoleDescription):
		return p, errDescription
	case name.IsReserved() || slices.ContainsFunc(identity.BuiltInPermissions(), func(i identity.PermissionInfo) bool { return i.Name == name }):
		return p, errPermissionTaken
	}
	p, err = s.Store.CreatePermission(ctx, p, maxPermissions)
	switch {
	case errors.Is(err, store.ErrExists):
		return p, errPermissionTaken
	case errors.Is(err, store.ErrLimit):
		return p, errPermissionLimit
	case err == nil:
		s.Audit.Record(o.Event(identity.AuditPermissionMade, "permission "+string(p.Name)))
	}
	return p, err
}

// UnknownPermission is the refusal of a permission that there is not, by name
// where what was sent could be one.
func UnknownPermission(text string) *identity.Error {
	what := "There is no such permission."
	if name, err := identity.ParsePermission(text); err == nil {
		what = "There is no permission " + string(name) + "."
	}
	return identity.InvalidField("permissions", "permission_unknown", what+" Look at the list of permissions, or make it first.")
}

// ReadPermissions reads names of permissions that there are.
func (s *Service) ReadPermissions(ctx context.Context, names []string) ([]identity.Permission, error) {
	all, err := s.Permissions(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]identity.Permission, 0, len(names))
	for _, text := range names {
		name, err := identity.ParsePermission(text)
		if err != nil || !slices.ContainsFunc(all, func(i identity.PermissionInfo) bool { return i.Name == name }) {
			return nil, UnknownPermission(text)
		}
		out = append(out, name)
	}
	return out, nil
}
