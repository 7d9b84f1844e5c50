package account

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

// Bounds of a role.
const (
	maxRoleName        = 64  // characters
	maxRoleDescription = 500 // characters
	maxScopes          = 100
)

// The refusals about roles.
var (
	ErrAdminRole    = identity.NewError(identity.PermissionDenied, "role_admin", "The administrator's role cannot be changed.")
	ErrBuiltInRole  = identity.NewError(identity.PermissionDenied, "role_built_in", "The built-in roles cannot be deleted or renamed.")
	ErrRoleInUse    = identity.NewError(identity.Conflict, "role_in_use", "Somebody still has this role. Give them another one first.")
	errReserved     = conflict("name", "role_name_taken", "There is a role of that name. Choose another.")
	errRoleChanged  = identity.NewError(identity.Conflict, "role_changed", "Somebody changed that role just now. Look at it again.")
	errRoleName     = identity.InvalidField("name", "role_name_invalid", "A role's name has 1 to 64 characters, without control characters.")
	errDescription  = identity.InvalidField("description", "role_description_invalid", "A role's description has at most 500 characters.")
	errScopes       = identity.InvalidField("permission_scopes", "scopes_too_many", "A role has at most 100 paths.")
	errScopeTwice   = identity.InvalidField("permission_scopes", "scope_twice", "Each path can stand in a role only once.")
	errScopeUnknown = identity.InvalidField("permission_scopes", "permission_unknown", "That permission has bits that mean nothing.")
)

// Roles lists all roles by id.
func (s *Service) Roles(ctx context.Context) ([]identity.Role, error) { return s.Store.Roles(ctx) }

// Role returns a role, or ErrRoleNotFound.
func (s *Service) Role(ctx context.Context, id identity.RoleID) (identity.Role, error) {
	r, err := s.Store.Role(ctx, id)
	return r, translate(err, ErrRoleNotFound)
}

// Members lists the users who have a role by id, and how many there are in
// all. Returns ErrRoleNotFound.
func (s *Service) Members(ctx context.Context, id identity.RoleID, p identity.Page) ([]identity.Member, int, error) {
	if _, err := s.Role(ctx, id); err != nil {
		return nil, 0, err
	}
	return s.Store.Members(ctx, id, p)
}

// CreateRole makes a role from r, whose id is ignored. Returns Invalid,
// Conflict and ErrMoreThanYou.
func (s *Service) CreateRole(ctx context.Context, r identity.Role, o identity.Origin) (identity.Role, error) {
	r.ID, r.CreatedAt, r.UpdatedAt = 0, s.Env.Now(), s.Env.Now()
	r, err := checkRole(r)
	if err != nil {
		return r, err
	}
	if err := s.checkGrants(ctx, r, o); err != nil {
		return r, err
	}
	if r.Default && !o.Rights.IsEverything() {
		return r, ErrMoreThanYou // it is for everybody who comes
	}
	if r, err = s.Store.CreateRole(ctx, r); err != nil {
		return r, translate(err, ErrRoleNotFound)
	}
	s.Audit.Record(o.Event(identity.AuditRoleCreated, roleTarget(r.ID)))
	return r, nil
}

// UpdateRole replaces a role by what change makes of it. The administrator's
// role does not change, and the other built-in ones keep their names.
func (s *Service) UpdateRole(ctx context.Context, id identity.RoleID, change func(identity.Role) identity.Role, o identity.Origin) (identity.Role, error) {
	if id == identity.RoleAdmin {
		return identity.Role{}, ErrAdminRole
	}
	old, err := s.Role(ctx, id)
	if err != nil {
		return old, err
	}
	wanted, err := checkRole(change(old))
	if err != nil {
		return old, err
	}
	for _, r := range []identity.Role{old, wanted} {
		if err := s.checkGrants(ctx, r, o); err != nil {
			return old, err
		}
	}
	if (old.Default || wanted.Default) && !sameRights(old, wanted) && !o.Rights.IsEverything() {
		return old, ErrMoreThanYou // it is for everybody who comes
	}
	r, err := s.Store.UpdateRole(ctx, id, func(now identity.Role) (identity.Role, error) {
		if !o.Rights.IsEverything() && !sameRights(now, old) {
			return now, errRoleChanged // what was asked for was judged by what it was
		}
		r, err := checkRole(change(now))
		if err == nil && now.IsBuiltIn() && now.Name != r.Name {
			err = ErrBuiltInRole
		}
		r.UpdatedAt = s.Env.Now()
		return r, err
	})
	if err != nil {
		return r, translate(err, ErrRoleNotFound)
	}
	s.Audit.Record(o.Event(identity.AuditRoleUpdated, roleTarget(id)))
	return r, nil
}

// DeleteRole removes a role that nobody has.
func (s *Service) DeleteRole(ctx context.Context, id identity.RoleID, o identity.Origin) error {
	if (identity.Role{ID: id}).IsBuiltIn() {
		return ErrBuiltInRole
	}
	if err := s.mayGive(ctx, []identity.RoleID{id}, o); err != nil {
		return err
	}
	err := s.Store.DeleteRole(ctx, id)
	if errors.Is(err, store.ErrReferenced) {
		return ErrRoleInUse
	}
	if err != nil {
		return translate(err, ErrRoleNotFound)
	}
	s.Audit.Record(o.Event(identity.AuditRoleDeleted, roleTarget(id)))
	return nil
}

// checkGrants makes sure that what a role grants by name exists, and that who
// acts may do all that it allows.
func (s *Service) checkGrants(ctx context.Context, r identity.Role, o identity.Origin) error {
	names := make([]string, len(r.Grants))
	for i, p := range r.Grants {
		names[i] = string(p)
	}
	if _, err := s.ReadPermissions(ctx, names); err != nil {
		return err
	}
	if !o.Rights.Cover([]identity.Role{r}) {
		return ErrMoreThanYou
	}
	return nil
}

func sameRights(a, b identity.Role) bool {
	return a.Default == b.Default && slices.Equal(a.Scopes, b.Scopes) && slices.Equal(a.Grants, b.Grants)
}

// isReserved reports whether a dialect calls a built-in role so.
func isReserved(name string) bool {
	switch identity.FoldUsername(name) { // also in full-width letters
	case "admin", "user", "general", "guest":
		return true
	}
	return false
}

func checkRole(r identity.Role) (identity.Role, error) {
	r.Name = strings.TrimSpace(r.Name)
	if err := r.CheckGrants(); err != nil {
		return r, err
	}
	switch {
	case (r.ID == 0 || !r.IsBuiltIn()) && isReserved(r.Name):
		return r, errReserved
	case !plainText(r.Name, maxRoleName) || r.Name == "":
		return r, errRoleName
	case !plainText(r.Description, maxRoleDescription):
		return r, errDescription
	case len(r.Scopes) > maxScopes:
		return r, errScopes
	}
	r.Scopes = slices.Clone(r.Scopes)
	seen := map[string]bool{}
	for i, sc := range r.Scopes {
		path, err := identity.ParsePath(sc.Path)
		switch {
		case err != nil:
			return r, err
		case sc.Permission&^identity.PathKnown != 0:
			return r, errScopeUnknown
		case seen[path]:
			return r, errScopeTwice
		}
		seen[path], r.Scopes[i].Path = true, path
	}
	return r, nil
}

func plainText(s string, most int) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= most && !strings.ContainsFunc(s, unicode.IsControl)
}

func roleTarget(id identity.RoleID) string { return "role " + strconv.FormatInt(int64(id), 10) }
