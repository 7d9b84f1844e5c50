package account_test

import (
	"fmt"
	"strings"
	"testing"

	"latchkey/backend/account"
	"latchkey/backend/identity"
	"latchkey/backend/internal/testkit"
)

func TestRolesAreChecked(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	many := make([]identity.Scope, 101)
	for i := range many {
		many[i].Path = fmt.Sprintf("/%d", i)
	}
	for _, tc := range []struct {
		code string
		r    identity.Role
	}{
		{"", identity.Role{Name: " readers ", Scopes: []identity.Scope{{Path: "//a/", Permission: identity.PathKnown}}}},
		{"", identity.Role{Name: strings.Repeat("ü", 64), Scopes: many[:100]}},
		{"role_name_taken", identity.Role{Name: "readers"}},
		{"role_name_taken", identity.Role{Name: "admin"}},
		{"role_name_invalid", identity.Role{Name: " "}},
		{"role_name_invalid", identity.Role{Name: strings.Repeat("x", 65)}},
		{"role_name_invalid", identity.Role{Name: "a\nb"}},
		{"role_name_invalid", identity.Role{Name: "\xff"}},
		{"role_description_invalid", identity.Role{Name: "x", Description: strings.Repeat("x", 501)}},
		{"role_description_invalid", identity.Role{Name: "x", Description: "\x1b[31m"}},
		{"scopes_too_many", identity.Role{Name: "x", Scopes: many}},
		{"scope_twice", identity.Role{Name: "x", Scopes: []identity.Scope{{Path: "/a"}, {Path: "/a/./"}}}},
		{"path_invalid", identity.Role{Name: "x", Scopes: []identity.Scope{{Path: "/a/.."}}}},
		{"path_invalid", identity.Role{Name: "x", Scopes: []identity.Scope{{Path: "a"}}}},
		{"permission_unknown", identity.Role{Name: "x", Scopes: []identity.Scope{{Path: "/", Permission: 1 << 17}}}},
		{"permission_unknown", identity.Role{Name: "x", Scopes: []identity.Scope{{Path: "/", Permission: 1 << 31}}}},
	} {
		made, err := c.Accounts.CreateRole(t.Context(), tc.r, testkit.Origin())
		wantCode(t, fmt.Sprintf("%.20q", tc.r.Name), err, tc.code)
		if err == nil && (made.ID <= identity.RoleGeneral || made.Name != strings.TrimSpace(tc.r.Name)) {
			t.Errorf("made %d, %q", made.ID, made.Name)
		}
	}
	r, err := c.Accounts.Role(t.Context(), 4)
	if err != nil || r.Scopes[0].Path != "/a" {
		t.Errorf("kept %+v, %v", r, err)
	}
}

func TestBuiltInRolesStay(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	change := func(r identity.Role) error {
		_, err := c.Accounts.UpdateRole(t.Context(), r.ID, func(identity.Role) identity.Role { return r }, testkit.Origin())
		return err
	}
	want(t, "change the administrator's role", change(identity.Role{ID: identity.RoleAdmin, Name: "admin"}), account.ErrAdminRole)
	want(t, "rename", change(identity.Role{ID: identity.RoleGeneral, Name: "staff"}), account.ErrBuiltInRole)
	want(t, "no such role", change(identity.Role{ID: 4711, Name: "x"}), account.ErrRoleNotFound)
	must(t, change(identity.Role{ID: identity.RoleGeneral, Name: "general", Scopes: []identity.Scope{{Path: "/", Permission: 1}}}))
	for _, id := range []identity.RoleID{-1, 0, identity.RoleGuest, identity.RoleAdmin, identity.RoleGeneral} {
		want(t, "delete", c.Accounts.DeleteRole(t.Context(), id, testkit.Origin()), account.ErrBuiltInRole)
	}
	want(t, "delete none", c.Accounts.DeleteRole(t.Context(), 4711, testkit.Origin()), account.ErrRoleNotFound)
}

func TestRoleInUseStays(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	ann := c.User("ann")
	r, err := c.Accounts.CreateRole(t.Context(), identity.Role{Name: "readers"}, testkit.Origin())
	must(t, err)
	must(t, update(t, c, ann.ID, account.UserChange{Roles: &[]identity.RoleID{r.ID}}))
	want(t, "in use", c.Accounts.DeleteRole(t.Context(), r.ID, testkit.Origin()), account.ErrRoleInUse)
	must(t, update(t, c, ann.ID, account.UserChange{Roles: &[]identity.RoleID{identity.RoleGeneral}}))
	must(t, c.Accounts.DeleteRole(t.Context(), r.ID, testkit.Origin()))
	for _, action := range []identity.AuditAction{identity.AuditRoleCreated, identity.AuditRoleDeleted} {
		if events := c.Events(action); len(events) != 1 || events[0].Target != "role 4" {
			t.Errorf("%s is recorded as %+v", action, events)
		}
	}
}

// A new default role is for users who are made after it.
func TestDefaultRole(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	before := c.User("before")
	r, err := c.Accounts.CreateRole(t.Context(), identity.Role{Name: "readers", Default: true}, testkit.Origin())
	must(t, err)
	after := c.User("after")
	if before.Roles[0] != identity.RoleGeneral || after.Roles[0] != r.ID {
		t.Errorf("roles are %v and %v", before.Roles, after.Roles)
	}
}
