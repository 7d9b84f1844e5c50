package storetest

import (
	"testing"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

func permissions() []test {
	return []test{
		{"create and list", createPermission},
		{"refused", createPermissionRefused},
	}
}

func createPermission(t *testing.T, s store.Store) {
	same(t, "none", try(s.Permissions(t.Context()))(t), []identity.PermissionInfo{})
	var want []identity.PermissionInfo
	for _, name := range []identity.Permission{"recipes.write", "recipes.read"} {
		p := identity.PermissionInfo{ID: 7, Name: name, Category: "kitchen", Description: "Say what is for dinner", CreatedAt: now()}
		got := try(s.CreatePermission(t.Context(), p, 10))(t)
		if got.ID <= identity.LastBuiltInPermission {
			t.Errorf("%s has the id %d of a built-in permission", name, got.ID)
		}
		p.ID, p.CreatedAt = got.ID, after(0)
		same(t, "created", got, p)
		want = append(want, p)
	}
	same(t, "by id", try(s.Permissions(t.Context()))(t), want)
	if want[0].ID >= want[1].ID {
		t.Errorf("the id after %d is %d", want[0].ID, want[1].ID)
	}
}

func createPermissionRefused(t *testing.T, s store.Store) {
	create := func(name identity.Permission, limit int) error {
		_, err := s.CreatePermission(t.Context(), identity.PermissionInfo{Name: name}, limit)
		return err
	}
	is(t, "none allowed", create("a", 0), store.ErrLimit)
	must(t, create("a", 1))
	exists(t, "name taken", create("a", 10), "name")
	is(t, "one too many", create("b", 1), store.ErrLimit)
	must(t, create("b", 2))
	if n := len(try(s.Permissions(t.Context()))(t)); n != 2 {
		t.Errorf("%d permissions, want 2", n)
	}
}
