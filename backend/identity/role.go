package identity

import (
	"slices"
	"strings"
	"time"
)

// A Scope grants a PathPermission at a path and everything below it.
type Scope struct {
	Path       string // absolute, cleaned slash path
	Permission PathPermission
}

// top is the path of a scope that covers all files.
const top = "/"

// Covers reports whether path is the scope's path or lies below it. Both must
// be cleaned; "/team/a" does not cover "/team/ab".
func (s Scope) Covers(path string) bool {
	return s.Path == top || path == s.Path || strings.HasPrefix(path, s.Path+"/")
}

// A Role is a named set of permissions that users are given.
type Role struct {
	ID          RoleID
	Name        string
	Description string
	Default     bool // given to users who are made without a role
	Scopes      []Scope
	Grants      []Permission // beyond what the scopes say; see Permissions
	Users       int          // how many have it; kept by the store
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// IsBuiltIn reports whether the role exists from the first start and cannot be
// deleted or renamed.
func (r Role) IsBuiltIn() bool { return r.ID <= RoleGeneral }

// Permissions returns the names of what the role allows: all of the built-in
// ones for the administrator's; otherwise Read if it has a scope at the top,
// the names of that scope's bits, and its grants. What it allows further down
// has no name.
func (r Role) Permissions() []Permission {
	var out []Permission
	if r.ID == RoleAdmin {
		for _, p := range BuiltInPermissions() {
			out = append(out, p.Name)
		}
		return out
	}
	if i := r.topScope(); i >= 0 {
		out = append(out, Read)
		for _, b := range pathBits() {
			if r.Scopes[i].Permission.Has(b.bit) {
				out = append(out, b.name)
			}
		}
	}
	return append(out, r.Grants...)
}

// WithPermissions returns the role with just the permissions named: those of
// files become the scope at the top, the others its grants. Scopes further
// down stay. A bit at the top needs no Read beside it, as a scope is that.
func (r Role) WithPermissions(names []Permission) Role {
	r.Scopes, r.Grants = slices.Clone(r.Scopes), nil
	var bits PathPermission
	reads := false
	for _, p := range names {
		switch bit := bitOf(p); {
		case bit != 0:
			bits, reads = bits|bit, true
		case p == Read:
			reads = true
		case !slices.Contains(r.Grants, p):
			r.Grants = append(r.Grants, p)
		}
	}
	i := r.topScope()
	switch {
	case reads && i >= 0:
		r.Scopes[i].Permission = bits
	case reads:
		r.Scopes = append([]Scope{{top, bits}}, r.Scopes...)
	case i >= 0:
		r.Scopes = slices.Delete(r.Scopes, i, i+1)
	}
	return r
}

func (r Role) topScope() int {
	return slices.IndexFunc(r.Scopes, func(s Scope) bool { return s.Path == top })
}

// CheckGrants returns an error if the grants hold what no role can grant by
// name, or something twice.
func (r Role) CheckGrants() error {
	for i, p := range r.Grants {
		switch {
		case p == Admin:
			return errAdminGrant
		case !grantable(p) || slices.Contains(r.Grants[:i], p):
			return errGrant
		}
	}
	return nil
}

var (
	errAdminGrant = InvalidField("permissions", "permission_reserved",
		"Only the administrator's role has the permission admin. Give people that role instead.")
	errGrant = InvalidField("permissions", "permission_unknown",
		"There is no such permission. Look at the list of permissions, or make it first.")
)
