package identity

import (
	"strings"
	"time"
)

// A Scope grants a PathPermission at a path and everything below it.
type Scope struct {
	Path       string // absolute, cleaned slash path
	Permission PathPermission
}

// Covers reports whether path is the scope's path or lies below it. Both must
// be cleaned; "/team/a" does not cover "/team/ab".
func (s Scope) Covers(path string) bool {
	return s.Path == "/" || path == s.Path || strings.HasPrefix(path, s.Path+"/")
}

// A Role is a named set of permissions that users are given.
type Role struct {
	ID          RoleID
	Name        string
	Description string
	Default     bool // given to users who are made without a role
	Scopes      []Scope
	CreatedAt   time.Time
}

// IsBuiltIn reports whether the role exists from the first start and cannot be
// deleted or renamed.
func (r Role) IsBuiltIn() bool { return r.ID <= RoleGeneral }
