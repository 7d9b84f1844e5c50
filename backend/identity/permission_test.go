package identity

import (
	"slices"
	"strings"
	"testing"
)

func TestParsePermission(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"read", "read"},
		{" Export ", "export"},
		{"user.manage", "user.manage"},
		{"a:b_c-d.9", "a:b_c-d.9"},
		{strings.Repeat("a", 64), strings.Repeat("a", 64)},
		{strings.Repeat("a", 65), ""},
		{"", ""},
		{"9lives", ""},
		{".hidden", ""},
		{"a b", ""},
		{"a\nb", ""},
		{"导出", ""},
		{"a,b", ""},
	} {
		got, err := ParsePermission(tc.in)
		if string(got) != tc.want || (err == nil) != (tc.want != "") {
			t.Errorf("ParsePermission(%.40q) = %q, %v; want %q", tc.in, got, err, tc.want)
		}
	}
}

func FuzzParsePermission(f *testing.F) {
	for _, s := range []string{"read", "A.b", "x:y", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name, err := ParsePermission(s)
		if err != nil {
			return
		}
		if again, err := ParsePermission(string(name)); err != nil || again != name || strings.ContainsAny(string(name), " \t\n,") {
			t.Errorf("ParsePermission(%q) = %q, but parsing that gives %q, %v", s, name, again, err)
		}
	})
}

// The ids and names of the built-in permissions are kept by clients.
func TestBuiltInPermissions(t *testing.T) {
	seen := map[Permission]bool{}
	for i, p := range BuiltInPermissions() {
		name, err := ParsePermission(string(p.Name))
		if p.ID != PermissionID(i+1) || p.ID > LastBuiltInPermission || err != nil || name != p.Name || seen[name] || p.Name.IsReserved() || p.Category == "" || p.Description == "" {
			t.Errorf("%+v", p)
		}
		seen[name] = true
	}
	for _, name := range []Permission{Read, Write, Admin, UserManage, "sftp.read", "file.delete"} {
		if !seen[name] {
			t.Errorf("%s is not listed", name)
		}
	}
}

// AList's bits at the top and the names are one model: what is set as the one
// shows as the other.
func TestRolePermissions(t *testing.T) {
	r := Role{ID: 4, Scopes: []Scope{{"/team", PathDelete}, {"/", PathWrite | PathSFTPRead}}, Grants: []Permission{UserRead, "report"}}
	want := []Permission{Read, Write, "sftp.read", UserRead, "report"}
	if got := r.Permissions(); !slices.Equal(got, want) {
		t.Errorf("permissions are %q, want %q", got, want)
	}
	same := r.WithPermissions(r.Permissions())
	if !slices.Equal(same.Scopes, r.Scopes) || !slices.Equal(same.Grants, r.Grants) {
		t.Errorf("setting what there is gives %+v", same)
	}
	none := r.WithPermissions(nil)
	if len(none.Permissions()) != 0 || !slices.Equal(none.Scopes, []Scope{{"/team", PathDelete}}) {
		t.Errorf("without permissions: %+v", none)
	}
	if got := none.WithPermissions([]Permission{Read}).Scopes; !slices.Equal(got, []Scope{{"/", 0}, {"/team", PathDelete}}) {
		t.Errorf("read alone: %v", got)
	}
	if got := none.WithPermissions([]Permission{"file.copy"}).Permissions(); !slices.Equal(got, []Permission{Read, "file.copy"}) {
		t.Errorf("a bit brings read along: %q", got)
	}
	if !slices.Equal(r.Scopes, []Scope{{"/team", PathDelete}, {"/", PathWrite | PathSFTPRead}}) {
		t.Error("the role itself was changed")
	}
	if got := (Role{ID: RoleAdmin}).Permissions(); len(got) != len(BuiltInPermissions()) {
		t.Errorf("the administrator's role has %d permissions", len(got))
	}
}

func TestCheckGrants(t *testing.T) {
	for _, tc := range []struct {
		grants []Permission
		code   string
	}{
		{nil, ""},
		{[]Permission{UserManage, "report"}, ""},
		{[]Permission{Admin}, "permission_reserved"},
		{[]Permission{Read}, "permission_unknown"},
		{[]Permission{"sftp.read"}, "permission_unknown"},
		{[]Permission{OwnAccount}, "permission_unknown"},
		{[]Permission{Public}, "permission_unknown"},
		{[]Permission{"a", "a"}, "permission_unknown"},
	} {
		err := Role{Grants: tc.grants}.CheckGrants()
		if (err == nil) != (tc.code == "") || err != nil && AsError(err).Code != tc.code {
			t.Errorf("%q: %v, want %q", tc.grants, err, tc.code)
		}
	}
}

func TestRights(t *testing.T) {
	helper := Principal{User: User{ID: 3, Roles: []RoleID{4}}, Roles: []Role{{
		ID: 4, Scopes: []Scope{{"/", PathWrite}, {"/team", PathDelete}}, Grants: []Permission{UserManage},
	}}}
	for _, tc := range []struct {
		name  string
		roles []Role
		want  bool
	}{
		{"nothing", nil, true},
		{"the same", helper.Roles, true},
		{"less", []Role{{ID: 5, Scopes: []Scope{{"/", 0}}}}, true},
		{"what managing brings along", []Role{{ID: 5, Grants: []Permission{UserRead}}}, true},
		{"further down", []Role{{ID: 5, Scopes: []Scope{{"/team/a", PathDelete | PathWrite}}}}, true},
		{"a bit elsewhere", []Role{{ID: 5, Scopes: []Scope{{"/teams", PathDelete}}}}, false},
		{"a name", []Role{{ID: 5, Grants: []Permission{RoleRead}}}, false},
		{"one of several", []Role{{ID: 5}, {ID: RoleAdmin}}, false},
	} {
		if got := helper.Rights().Cover(tc.roles); got != tc.want {
			t.Errorf("%s: %v", tc.name, got)
		}
		if !Everything().Cover(tc.roles) {
			t.Errorf("%s is not part of everything", tc.name)
		}
	}
	for name, none := range map[string]Rights{
		"zero":         {},
		"nobody":       Principal{}.Rights(),
		"disabled":     Principal{User: User{ID: 1, Disabled: true, Roles: []RoleID{RoleAdmin}}}.Rights(),
		"must change":  Principal{User: User{ID: 1, MustChangePassword: true, Roles: []RoleID{RoleAdmin}}}.Rights(),
		"without more": Principal{User: User{ID: 3}}.Rights(),
	} {
		if none.Has(Read) || none.IsEverything() || none.Cover([]Role{{ID: RoleAdmin}}) || none.Cover([]Role{{ID: 5, Scopes: []Scope{{"/", 0}}}}) {
			t.Errorf("%s has rights", name)
		}
	}
	admin := Principal{User: User{ID: 1, Roles: []RoleID{RoleAdmin}}, Roles: []Role{{ID: RoleAdmin}}}
	if !admin.Rights().IsEverything() {
		t.Error("the administrator lacks rights")
	}
	admin.Key = KeyAct{ID: 1, Kind: KeyAPI, Limit: []Permission{RoleManage}}
	if r := admin.Rights(); r.IsEverything() || r.Has(UserManage) || r.Cover([]Role{{ID: RoleAdmin}}) || !r.Has(RoleManage) {
		t.Error("an administrator's key has more rights than it is made for")
	}
}
