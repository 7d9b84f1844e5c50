package account_test

import (
	"slices"
	"strings"
	"testing"

	"latchkey/backend/identity"
	"latchkey/backend/internal/testkit"
)

func TestCreatePermission(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	made, err := c.Accounts.CreatePermission(t.Context(), identity.PermissionInfo{Name: " Export ", Category: "data", Description: "导出数据权限"}, testkit.Origin())
	must(t, err)
	if made.ID != 51 || made.Name != "export" || made.CreatedAt.IsZero() {
		t.Errorf("made %+v", made)
	}
	all, err := c.Accounts.Permissions(t.Context())
	if err != nil || len(all) != len(identity.BuiltInPermissions())+1 || all[len(all)-1].Name != "export" {
		t.Errorf("listed %+v, %v", all, err)
	}
	for _, tc := range []struct {
		code string
		p    identity.PermissionInfo
	}{
		{"permission_taken", identity.PermissionInfo{Name: "EXPORT"}},
		{"permission_taken", identity.PermissionInfo{Name: "admin"}},
		{"permission_taken", identity.PermissionInfo{Name: "sftp.read"}},
		{"permission_taken", identity.PermissionInfo{Name: "account.own"}},
		{"permission_taken", identity.PermissionInfo{Name: "public"}},
		{"permission_name_invalid", identity.PermissionInfo{}},
		{"permission_name_invalid", identity.PermissionInfo{Name: "a b"}},
		{"category_invalid", identity.PermissionInfo{Name: "x", Category: strings.Repeat("x", 65)}},
		{"role_description_invalid", identity.PermissionInfo{Name: "x", Description: "a\x00b"}},
	} {
		_, err := c.Accounts.CreatePermission(t.Context(), tc.p, testkit.Origin())
		wantCode(t, string(tc.p.Name), err, tc.code)
	}
}

func TestRoleGrants(t *testing.T) {
	c := testkit.Open(t, testkit.Options{})
	_, err := c.Accounts.CreatePermission(t.Context(), identity.PermissionInfo{Name: "report"}, testkit.Origin())
	must(t, err)
	names, err := c.Accounts.ReadPermissions(t.Context(), []string{"read", "Report", "sftp.read"})
	must(t, err)
	r, err := c.Accounts.CreateRole(t.Context(), identity.Role{Name: "analyst"}.WithPermissions(names), testkit.Origin())
	must(t, err)
	if !slices.Equal(r.Permissions(), []identity.Permission{"read", "sftp.read", "report"}) {
		t.Errorf("made with %q", r.Permissions())
	}
	if _, err := c.Accounts.ReadPermissions(t.Context(), []string{"read", "made.up"}); err == nil {
		t.Error("a permission that there is not is read")
	}
	for _, tc := range []struct {
		code string
		r    identity.Role
	}{
		{"permission_unknown", identity.Role{Name: "x", Grants: []identity.Permission{"made.up"}}},
		{"permission_unknown", identity.Role{Name: "x", Grants: []identity.Permission{"account.own"}}},
		{"permission_reserved", identity.Role{Name: "x", Grants: []identity.Permission{"admin"}}},
		{"role_name_taken", identity.Role{Name: "User"}},
		{"role_name_taken", identity.Role{Name: "ADMIN"}},
		{"role_name_taken", identity.Role{Name: "analyst"}},
	} {
		_, err := c.Accounts.CreateRole(t.Context(), tc.r, testkit.Origin())
		wantCode(t, tc.r.Name, err, tc.code)
	}
}
