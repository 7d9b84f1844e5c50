package identity

import (
	"slices"
	"time"
)

// A FactorKind is one way of proving who one is, by its RFC 8176 word.
type FactorKind string

// The kinds of factor.
const (
	FactorPassword FactorKind = "pwd"
	FactorOTP      FactorKind = "otp"
	FactorSSHKey   FactorKind = "swk"
)

// A Principal is who is acting now, and how that was proven.
type Principal struct {
	User       User
	Roles      []Role
	Session    SessionID // empty for the guest, for SSH and for the command line
	Token      TokenID
	Factors    []FactorKind
	SignedInAt time.Time // when the token in use was issued
}

// IsGuest reports whether nobody has signed in.
func (p Principal) IsGuest() bool { return p.User.ID == GuestID }

// Can reports whether the principal holds a permission. A guest holds only
// what is open to guests, and somebody who must change their password only
// what lets them do so.
func (p Principal) Can(perm Permission) bool {
	switch {
	case perm == Public:
		return true
	case p.User.ID == 0 || p.User.Disabled:
		return false
	case p.IsGuest():
		return perm == AnyAccount || perm == AnyAccountLimited
	case perm == OwnAccountLimited || perm == AnyAccountLimited:
		return true
	case p.User.MustChangePassword:
		return false
	case perm == OwnAccount || perm == AnyAccount:
		return true
	}
	return p.User.IsAdmin()
}

// PathPermission returns what the principal may do at an absolute, cleaned
// path below the files folder: everything for an administrator, otherwise the
// union of all scopes of all their roles that cover the path.
func (p Principal) PathPermission(path string) PathPermission {
	if p.User.IsAdmin() {
		return PathAll
	}
	var got PathPermission
	for _, r := range p.Roles {
		for _, s := range r.Scopes {
			if s.Covers(path) {
				got |= s.Permission
			}
		}
	}
	return got
}

// Scopes returns what the principal may do by path: one entry for each path
// that a role of theirs names, permissions merged, in order of path.
func (p Principal) Scopes() []Scope {
	if p.User.IsAdmin() {
		return []Scope{{Path: "/", Permission: PathAll}}
	}
	merged := map[string]PathPermission{}
	for _, r := range p.Roles {
		for _, s := range r.Scopes {
			merged[s.Path] |= s.Permission
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
