package identity

import (
	"slices"
	"time"
)

// A FactorKind is one way of proving who one is, by its RFC 8176 word where
// there is one.
type FactorKind string

// The kinds of factor.
const (
	FactorPassword FactorKind = "pwd"
	FactorOTP      FactorKind = "otp"
	FactorSSHKey   FactorKind = "swk"
	FactorKey      FactorKind = "key" // one made for programs; RFC 8176 has no word for it
)

// A Principal is who is acting now, and how that was proven.
type Principal struct {
	User       User
	Roles      []Role
	Session    SessionID // empty for the guest, for SSH, for keys and for the command line
	Token      TokenID
	Key        KeyAct // which key made for programs they act with, if it is one
	Factors    []FactorKind
	SignedInAt time.Time // when they showed their password or key
}

// IsGuest reports whether nobody has signed in.
func (p Principal) IsGuest() bool { return p.User.ID == GuestID }

// Can reports whether the principal holds a permission. A guest holds only
// what is open to guests, and somebody who must change their password only
// what lets them do so. An API key holds what its owner does and it is made
// for, at this moment.
func (p Principal) Can(perm Permission) bool {
	switch {
	case perm == Public:
		return true
	case p.User.ID == 0 || p.User.Disabled:
		return false
	case p.Key.Kind == KeyAPI && !p.Key.allows(perm):
		return false
	case p.IsGuest():
		return perm == AnyAccount || perm == AnyAccountLimited
	case perm == OwnAccountLimited || perm == AnyAccountLimited:
		return true
	case p.User.MustChangePassword:
		return false
	}
	if perm == OwnAccount || perm == AnyAccount || perm == OwnAccountRead || perm == OwnAccountWrite {
		return true
	}
	return p.User.IsAdmin() || slices.ContainsFunc(p.Roles, func(r Role) bool { return r.allows(perm) })
}

// allows reports whether a key is made for what a route needs.
func (k KeyAct) allows(perm Permission) bool {
	switch {
	case perm == OwnAccountRead:
		perm = Read
	case perm == OwnAccountWrite:
		perm = Write
	case perm == "" || perm.IsReserved():
		return false
	}
	return slices.ContainsFunc(k.Limit, func(held Permission) bool {
		return held == perm || held == Admin || implied(held) == perm
	})
}

// bits returns the path permissions that a key is made for; without a key they
// are all.
func (k KeyAct) bits() PathPermission {
	if k.Kind != KeyAPI || slices.Contains(k.Limit, Admin) {
		return PathKnown
	}
	var out PathPermission
	for _, name := range k.Limit {
		out |= bitOf(name)
	}
	return out
}

// allows reports whether the role grants a permission by name.
func (r Role) allows(perm Permission) bool {
	return perm != "" && slices.ContainsFunc(r.Grants, func(held Permission) bool { return held == perm || implied(held) == perm })
}

// Permissions returns the names of all that the principal may do, each once:
// those of their roles, as far as the key that they act with is made for them.
func (p Principal) Permissions() []Permission {
	out := []Permission{}
	add := func(name Permission) {
		limited := p.Key.Kind == KeyAPI && !slices.Contains(p.Key.Limit, name) && !slices.Contains(p.Key.Limit, Admin)
		if !limited && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	for _, r := range p.Roles {
		for _, name := range r.Permissions() {
			add(name)
			if more := implied(name); more != "" {
				add(more)
			}
		}
	}
	return out
}

// PathPermission returns what the principal may do at an absolute, cleaned
// path below the files folder: everything for an administrator, otherwise the
// union of all scopes of all their roles that cover the path. A key has of it
// what it is made for.
func (p Principal) PathPermission(path string) PathPermission {
	if p.User.IsAdmin() {
		return PathAll & p.Key.bits()
	}
	var got PathPermission
	for _, r := range p.Roles {
		for _, s := range r.Scopes {
			if s.Covers(path) {
				got |= s.Permission
			}
		}
	}
	return got & p.Key.bits()
}

// Sees reports whether the principal may see what is at a path, as for
// PathPermission: a role of theirs has a scope that covers it, whatever else
// that allows.
func (p Principal) Sees(path string) bool {
	if p.Key.Kind == KeyAPI && !p.Key.allows(Read) {
		return false
	}
	return p.User.IsAdmin() || slices.ContainsFunc(p.Roles, func(r Role) bool {
		return slices.ContainsFunc(r.Scopes, func(s Scope) bool { return s.Covers(path) })
	})
}

// Scopes returns what the principal may do by path: one entry for each path
// that a role of theirs names, permissions merged, in order of path.
func (p Principal) Scopes() []Scope {
	if p.User.IsAdmin() {
		return []Scope{{Path: top, Permission: PathAll & p.Key.bits()}}
	}
	merged := map[string]PathPermission{}
	for _, r := range p.Roles {
		for _, s := range r.Scopes {
			merged[s.Path] |= s.Permission & p.Key.bits()
		}
	}
	out := make([]Scope, 0, len(merged))
	for path, perm := range merged {
		out = append(out, Scope{path, perm})
	}
	slices.SortFunc(out, func(a, b Scope) int {
		if a.Path < b.Path {
			return -1
		}
		return 1
	})
	return out
}

// RoleNames returns the names of the principal's roles, in their order.
func (p Principal) RoleNames() []string {
	names := make([]string, len(p.Roles))
	for i, r := range p.Roles {
		names[i] = r.Name
	}
	return names
}
