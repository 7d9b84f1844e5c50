package storetest

import (
	"errors"
	"testing"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

func roles() []test {
	return []test{
		{"create", createRole},
		{"list", listRoles},
		{"update", updateRole},
		{"update refused", updateRoleRefused},
		{"one default", oneDefaultRole},
		{"delete", deleteRole},
	}
}

func fullRole() identity.Role {
	return identity.Role{
		Name: "family", Description: "The family", Default: true, CreatedAt: now(), UpdatedAt: now().Add(time.Minute),
		Scopes: []identity.Scope{
			{Path: "/photos", Permission: identity.PathAll},
			{Path: "/", Permission: identity.PathSFTPRead | identity.PathMCPWrite},
		},
		Grants: []identity.Permission{identity.UserManage, "recipes.write"},
	}
}

func createRole(t *testing.T, s store.Store) {
	r := fullRole()
	r.ID, r.Users = 7, 3 // how many have it is not for the caller to say
	got := try(s.CreateRole(t.Context(), r))(t)
	r.Users, r.CreatedAt, r.UpdatedAt = 0, after(0), after(time.Minute)
	same(t, "created", got, r)
	same(t, "found", try(s.Role(t.Context(), 7))(t), r)

	next := try(s.CreateRole(t.Context(), identity.Role{Name: "bare"}))(t)
	same(t, "bare role", next, identity.Role{ID: next.ID, Name: "bare", Scopes: []identity.Scope{}, Grants: []identity.Permission{}})
	if next.ID <= 7 {
		t.Errorf("the id after 7 is %d", next.ID)
	}
	_, err := s.CreateRole(t.Context(), identity.Role{Name: "family", Default: true})
	exists(t, "name taken", err, "name")
	_, err = s.CreateRole(t.Context(), identity.Role{ID: 7, Name: "seven"})
	exists(t, "id taken", err, "id")
	_, err = s.Role(t.Context(), 99)
	is(t, "unknown", err, store.ErrNotFound)
	same(t, "after refusals", try(s.Role(t.Context(), 7))(t), r)
}

func listRoles(t *testing.T, s store.Store) {
	same(t, "no roles", try(s.Roles(t.Context()))(t), []identity.Role{})
	want := make([]identity.Role, 3)
	for _, i := range []int{2, 0, 1} {
		r := fullRole()
		r.ID, r.Name, r.Default = identity.RoleID(i+1), hexID('r', i), false
		want[i] = try(s.CreateRole(t.Context(), r))(t)
	}
	same(t, "roles", try(s.Roles(t.Context()))(t), want)
}

func updateRole(t *testing.T, s store.Store) {
	r := try(s.CreateRole(t.Context(), fullRole()))(t)
	got, err := s.UpdateRole(t.Context(), r.ID, func(old identity.Role) (identity.Role, error) {
		same(t, "given to change", old, r)
		return identity.Role{
			ID: 9, Name: "kin", Scopes: old.Scopes[1:], Grants: old.Grants[1:], Users: 9,
			CreatedAt: now().Add(time.Hour), UpdatedAt: now().Add(2 * time.Hour),
		}, nil
	})
	must(t, err)
	want := identity.Role{
		ID: r.ID, Name: "kin", Scopes: r.Scopes[1:], Grants: r.Grants[1:], CreatedAt: r.CreatedAt, UpdatedAt: after(2 * time.Hour),
	}
	same(t, "returned", got, want)
	same(t, "kept", try(s.Role(t.Context(), r.ID))(t), want)
}

func updateRoleRefused(t *testing.T, s store.Store) {
	try(s.CreateRole(t.Context(), identity.Role{Name: "kin"}))(t)
	r := try(s.CreateRole(t.Context(), fullRole()))(t)
	errChange := errors.New("no")
	to := func(name string, err error) func(identity.Role) (identity.Role, error) {
		return func(identity.Role) (identity.Role, error) { return identity.Role{Name: name}, err }
	}
	_, err := s.UpdateRole(t.Context(), r.ID, to("kin", nil))
	exists(t, "name taken", err, "name")
	_, err = s.UpdateRole(t.Context(), r.ID, to("new", errChange))
	is(t, "error of change", err, errChange)
	_, err = s.UpdateRole(t.Context(), 99, to("new", nil))
	is(t, "unknown role", err, store.ErrNotFound)
	same(t, "role", try(s.Role(t.Context(), r.ID))(t), r)
}

func oneDefaultRole(t *testing.T, s store.Store) {
	wantDefault := func(want ...identity.RoleID) {
		t.Helper()
		got := []identity.RoleID{}
		for _, r := range try(s.Roles(t.Context()))(t) {
			if r.Default {
				got = append(got, r.ID)
			}
		}
		same(t, "default roles", got, append([]identity.RoleID{}, want...))
	}
	set := func(id identity.RoleID, to bool) {
		t.Helper()
		_, err := s.UpdateRole(t.Context(), id, func(r identity.Role) (identity.Role, error) {
			r.Default = to
			return r, nil
		})
		must(t, err)
	}
	a := try(s.CreateRole(t.Context(), identity.Role{Name: "a", Default: true}))(t)
	wantDefault(a.ID)
	b := try(s.CreateRole(t.Context(), identity.Role{Name: "b", Default: true}))(t)
	wantDefault(b.ID)
	set(a.ID, true)
	wantDefault(a.ID)
	set(a.ID, true)
	wantDefault(a.ID)
	set(a.ID, false)
	wantDefault()
}

func deleteRole(t *testing.T, s store.Store) {
	threeRoles(t, s)
	u := try(s.CreateUser(t.Context(), identity.User{Username: "ann", Roles: []identity.RoleID{2, 3}}))(t)
	is(t, "role of a user", s.DeleteRole(t.Context(), 3), store.ErrReferenced)
	must(t, s.DeleteRole(t.Context(), 1))
	is(t, "again", s.DeleteRole(t.Context(), 1), store.ErrNotFound)
	must(t, s.DeleteUser(t.Context(), u.ID))
	must(t, s.DeleteRole(t.Context(), 3))
	left := try(s.Roles(t.Context()))(t)
	same(t, "left", ids(left, func(r identity.Role) identity.RoleID { return r.ID }), []identity.RoleID{2})
}
