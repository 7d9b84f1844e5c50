package identity

import (
	"slices"
	"testing"
)

// The whole table of who may what.
func TestCan(t *testing.T) {
	all := []Permission{
		Public, OwnAccount, OwnAccountLimited, AnyAccount, AnyAccountLimited,
		SessionManage, UserManage, RoleManage, "", "made.up",
	}
	admin := []RoleID{RoleGeneral, RoleAdmin}
	for _, tc := range []struct {
		name string
		user User
		may  []Permission
	}{
		{"nobody", User{}, []Permission{Public}},
		{"nobody with the administrator's role", User{Roles: admin}, []Permission{Public}},
		{"guest", User{ID: GuestID}, []Permission{Public, AnyAccount, AnyAccountLimited}},
		{"guest with the administrator's role", User{ID: GuestID, Roles: admin}, []Permission{Public, AnyAccount, AnyAccountLimited}},
		{"disabled guest", User{ID: GuestID, Disabled: true}, []Permission{Public}},
		{"plain", User{ID: 3, Roles: []RoleID{RoleGeneral}}, []Permission{Public, OwnAccount, OwnAccountLimited, AnyAccount, AnyAccountLimited}},
		{"disabled", User{ID: 3, Disabled: true}, []Permission{Public}},
		{"must change the password", User{ID: 3, MustChangePassword: true}, []Permission{Public, OwnAccountLimited, AnyAccountLimited}},
		{"administrator", User{ID: AdminID, Roles: admin}, all},
		{"another administrator", User{ID: 3, Roles: admin}, all},
		{"administrator without the role", User{ID: AdminID}, []Permission{Public, OwnAccount, OwnAccountLimited, AnyAccount, AnyAccountLimited}},
		{"disabled administrator", User{ID: 3, Roles: admin, Disabled: true}, []Permission{Public}},
		{"administrator who must change the password", User{ID: 1, Roles: admin, MustChangePassword: true}, []Permission{Public, OwnAccountLimited, AnyAccountLimited}},
	} {
		for _, perm := range all {
			if got, want := (Principal{User: tc.user}).Can(perm), slices.Contains(tc.may, perm); got != want {
				t.Errorf("%s, %q: %v, want %v", tc.name, perm, got, want)
			}
		}
	}
}

func TestPathPermission(t *testing.T) {
	p := Principal{User: User{ID: 3, Roles: []RoleID{4, 5}}, Roles: []Role{
		{ID: 4, Scopes: []Scope{{"/", PathSFTPRead}, {"/team/a", PathWrite}}},
		{ID: 5, Scopes: []Scope{{"/team", PathDelete}}},
	}}
	for path, want := range map[string]PathPermission{
		"/":           PathSFTPRead,
		"/x":          PathSFTPRead,
		"/team":       PathSFTPRead | PathDelete,
		"/team/a":     PathSFTPRead | PathDelete | PathWrite,
		"/team/a/b/c": PathSFTPRead | PathDelete | PathWrite,
		"/team/ab":    PathSFTPRead | PathDelete,
		"/teams":      PathSFTPRead,
		"/Team":       PathSFTPRead,
	} {
		if got := p.PathPermission(path); got != want {
			t.Errorf("%s: %b, want %b", path, got, want)
		}
	}
	if got := (Principal{User: p.User}).PathPermission("/"); got != 0 {
		t.Errorf("without roles: %b", got)
	}
	p.User.Roles = append(p.User.Roles, RoleAdmin)
	if got := p.PathPermission("/anything"); got != PathAll {
		t.Errorf("administrator: %b", got)
	}
}

func TestScopes(t *testing.T) {
	p := Principal{User: User{ID: 3}, Roles: []Role{
		{ID: 4, Name: "four", Scopes: []Scope{{"/b", 1}, {"/", 2}}},
		{ID: 5, Name: "five", Scopes: []Scope{{"/b", 4}, {"/a", 8}}},
	}}
	want := []Scope{{"/", 2}, {"/a", 8}, {"/b", 5}}
	if got := p.Scopes(); !slices.Equal(got, want) {
		t.Errorf("scopes are %v, want %v", got, want)
	}
	if got := p.RoleNames(); !slices.Equal(got, []string{"four", "five"}) {
		t.Errorf("roles are %v", got)
	}
	if got := (Principal{}).Scopes(); got == nil || len(got) != 0 {
		t.Errorf("nobody's scopes are %v, want an empty list", got)
	}
}

// The bits are AList's numbers, which its clients test.
func TestPathPermissionBits(t *testing.T) {
	for bit, want := range map[PathPermission]PathPermission{
		PathSeeHidden: 0, PathNoPassword: 1, PathOfflineDownload: 2, PathWrite: 3, PathRename: 4, PathMove: 5,
		PathCopy: 6, PathDelete: 7, PathWebDAVRead: 8, PathWebDAVWrite: 9, PathSFTPRead: 10, PathSFTPWrite: 11,
		PathArchiveRead: 12, PathDecompress: 13, PathLimit: 14, PathMCPRead: 15, PathMCPWrite: 16,
	} {
		if bit != 1<<want {
			t.Errorf("%b is bit %d", bit, want)
		}
	}
	if PathAll != 0xFFFF || PathKnown != 0x1FFFF {
		t.Errorf("all is %x, known is %x", PathAll, PathKnown)
	}
	if !PathPermission(0).Has(0) || (PathWrite | PathMove).Has(PathWrite|PathCopy) || !(PathWrite | PathMove).Has(PathMove) {
		t.Error("Has")
	}
}
