package identity

import (
	"slices"
	"testing"
)

// The whole table of who may what.
func TestCan(t *testing.T) {
	all := []Permission{
		Public, OwnAccount, OwnAccountRead, OwnAccountWrite, OwnAccountLimited, AnyAccount, AnyAccountLimited,
		SessionManage, UserManage, RoleManage, "", "made.up",
	}
	own := []Permission{Public, OwnAccount, OwnAccountRead, OwnAccountWrite, OwnAccountLimited, AnyAccount, AnyAccountLimited}
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
		{"plain", User{ID: 3, Roles: []RoleID{RoleGeneral}}, own},
		{"disabled", User{ID: 3, Disabled: true}, []Permission{Public}},
		{"must change the password", User{ID: 3, MustChangePassword: true}, []Permission{Public, OwnAccountLimited, AnyAccountLimited}},
		{"administrator", User{ID: AdminID, Roles: admin}, all},
		{"another administrator", User{ID: 3, Roles: admin}, all},
		{"administrator without the role", User{ID: AdminID}, own},
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

// What roles grant by name, and what a key is limited to.
func TestCanByRoleAndKey(t *testing.T) {
	helper := Principal{User: User{ID: 3, Roles: []RoleID{4}}, Roles: []Role{{ID: 4, Grants: []Permission{UserManage, "report"}}}}
	admin := Principal{User: User{ID: 3, Roles: []RoleID{RoleAdmin}}, Roles: []Role{{ID: RoleAdmin}}}
	with := func(p Principal, kind KeyKind, limit ...Permission) Principal {
		p.Key = KeyAct{ID: 1, Kind: kind, Limit: limit}
		return p
	}
	asked := []Permission{Public, OwnAccount, OwnAccountRead, OwnAccountWrite, OwnAccountLimited, UserRead, UserManage, RoleRead, "report"}
	for _, tc := range []struct {
		name string
		who  Principal
		may  []Permission
	}{
		{"role", helper, []Permission{Public, OwnAccount, OwnAccountRead, OwnAccountWrite, OwnAccountLimited, UserRead, UserManage, "report"}},
		{"key to read", with(helper, KeyAPI, Read), []Permission{Public, OwnAccountRead}},
		{"key to write", with(helper, KeyAPI, Write), []Permission{Public, OwnAccountWrite}},
		{"key to manage users", with(helper, KeyAPI, UserManage), []Permission{Public, UserRead, UserManage}},
		{"key for all that its owner may", with(helper, KeyAPI, Admin), []Permission{Public, OwnAccountRead, OwnAccountWrite, UserRead, UserManage, "report"}},
		{"key for more than its owner may", with(helper, KeyAPI, RoleManage), []Permission{Public}},
		{"key without a limit", with(admin, KeyAPI), []Permission{Public}},
		{"administrator's key to read users", with(admin, KeyAPI, UserRead), []Permission{Public, UserRead}},
		{"developer key", with(helper, KeyDev), []Permission{Public, OwnAccount, OwnAccountRead, OwnAccountWrite, OwnAccountLimited, UserRead, UserManage, "report"}},
	} {
		for _, perm := range asked {
			if got, want := tc.who.Can(perm), slices.Contains(tc.may, perm); got != want {
				t.Errorf("%s, %q: %v, want %v", tc.name, perm, got, want)
			}
		}
	}
	locked := with(admin, KeyAPI, Admin)
	locked.User.Disabled = true
	if locked.Can(UserRead) || locked.Can(OwnAccountRead) {
		t.Error("a key of a disabled user opens something")
	}
}

func TestPathPermissionOfKey(t *testing.T) {
	p := Principal{User: User{ID: 3, Roles: []RoleID{RoleAdmin}}, Key: KeyAct{ID: 1, Kind: KeyAPI, Limit: []Permission{Write, "sftp.read"}}}
	if got := p.PathPermission("/x"); got != PathWrite|PathSFTPRead {
		t.Errorf("key to write: %b", got)
	}
	if got := p.Scopes(); !slices.Equal(got, []Scope{{"/", PathWrite | PathSFTPRead}}) {
		t.Errorf("key to write: %v", got)
	}
	p.Key.Limit = []Permission{Admin}
	if got := p.PathPermission("/x"); got != PathAll {
		t.Errorf("key for everything: %b", got)
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
