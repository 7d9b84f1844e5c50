package identity

import "slices"

// Rights is what somebody may do, and so may give to others: never more. The
// zero Rights is nothing.
type Rights struct {
	everything bool
	names      []Permission
	scopes     []Scope
	base       string // below which all files lie that they reach
}

// Everything is the rights of the administrator, and of whoever sits at the
// server's own machine.
func Everything() Rights { return Rights{everything: true} }

// Rights returns what the principal may do.
func (p Principal) Rights() Rights {
	switch {
	case p.User.ID == 0 || p.User.Disabled || p.User.MustChangePassword:
		return Rights{}
	case p.User.IsAdmin() && p.Key.IsZero():
		return Everything()
	}
	return Rights{names: p.Permissions(), scopes: p.Scopes(), base: p.User.BasePath}
}

// Base returns the path below which all files lie that the rights reach; ""
// where nothing is withheld.
func (r Rights) Base() string { return r.base }

// CoverBase reports whether the rights reach as far as those of somebody with
// a base path, which must be cleaned.
func (r Rights) CoverBase(base string) bool {
	return r.everything || r.base != "" && Scope{Path: r.base}.Covers(base)
}

// IsEverything reports whether nothing is withheld.
func (r Rights) IsEverything() bool { return r.everything }

// Has reports whether a permission is among the rights.
func (r Rights) Has(p Permission) bool {
	return r.everything || slices.Contains(r.names, p) || slices.Contains(r.names, Admin)
}

// Cover reports whether the rights hold all that roles allow together.
func (r Rights) Cover(roles []Role) bool {
	if r.everything {
		return true
	}
	for _, role := range roles {
		if role.ID == RoleAdmin {
			return false
		}
		for _, p := range role.Permissions() {
			if !r.Has(p) {
				return false
			}
		}
		for _, s := range role.Scopes {
			if !r.coverScope(s) {
				return false
			}
		}
	}
	return true
}

func (r Rights) coverScope(want Scope) bool {
	var got PathPermission
	covered := false
	for _, s := range r.scopes {
		if s.Covers(want.Path) {
			got, covered = got|s.Permission, true
		}
	}
	return covered && got.Has(want.Permission)
}
