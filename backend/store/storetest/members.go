package storetest

import (
	"fmt"
	"testing"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

func members() []test {
	return []test{
		{"list", listMembers},
		{"since when", memberSince},
		{"each role once", roleOnce},
	}
}

// giveRoles is a change of a user's roles at a time.
func giveRoles(at time.Time, roles ...identity.RoleID) func(identity.User) (identity.User, error) {
	return func(u identity.User) (identity.User, error) {
		u.Roles, u.UpdatedAt = roles, at
		return u, nil
	}
}

// wantHolders checks how many users each role says that it has.
func wantHolders(t *testing.T, s store.Store, want ...int) {
	t.Helper()
	same(t, "users of the roles", ids(try(s.Roles(t.Context()))(t), func(r identity.Role) int { return r.Users }), want)
}

func listMembers(t *testing.T, s store.Store) {
	threeRoles(t, s)
	var want []identity.Member
	for i := range 6 {
		u := named(identity.Username(fmt.Sprint("user", i)), "")
		u.CreatedAt, u.Roles = now().Add(time.Duration(i)*time.Minute), []identity.RoleID{2, 3}[:1+i%2]
		u = try(s.CreateUser(t.Context(), u))(t)
		if i%2 == 1 {
			want = append(want, identity.Member{User: u, AddedAt: u.CreatedAt})
		}
	}
	wantHolders(t, s, 0, 6, 3)
	for _, p := range []identity.Page{{}, {Limit: 2}, {Offset: 1, Limit: 1}, {Offset: 2, Limit: 5}, {Offset: 3}, {Offset: 9, Limit: 1}} {
		list, total := tryPage(s.Members(t.Context(), 3, p))(t)
		same(t, fmt.Sprint(p), list, cut(want, p))
		if total != 3 {
			t.Errorf("%v: total = %d, want 3", p, total)
		}
	}
	for _, role := range []identity.RoleID{1, 99} {
		list, total := tryPage(s.Members(t.Context(), role, identity.Page{}))(t)
		if len(list) != 0 || total != 0 {
			t.Errorf("role %d has %d of %d members", role, len(list), total)
		}
	}
	must(t, s.DeleteUser(t.Context(), want[0].User.ID))
	list, total := tryPage(s.Members(t.Context(), 3, identity.Page{}))(t)
	same(t, "after one was deleted", list, want[1:])
	if total != 2 {
		t.Errorf("total = %d, want 2", total)
	}
	wantHolders(t, s, 0, 5, 2)
}

// memberSince: a role that somebody keeps they have had since they got it,
// whatever else becomes of them.
func memberSince(t *testing.T, s store.Store) {
	threeRoles(t, s)
	u := named("ann", "")
	u.Roles, u.UpdatedAt = []identity.RoleID{1, 2}, now().Add(time.Second)
	u = try(s.CreateUser(t.Context(), u))(t)
	check := func(want map[identity.RoleID]time.Duration) {
		t.Helper()
		for role := identity.RoleID(1); role <= 3; role++ {
			list, total := tryPage(s.Members(t.Context(), role, identity.Page{}))(t)
			since, has := want[role]
			if !has {
				same(t, fmt.Sprint("members of role ", role), list, []identity.Member{})
				continue
			}
			same(t, fmt.Sprint("members of role ", role), list, []identity.Member{{User: try(s.User(t.Context(), u.ID))(t), AddedAt: after(since)}})
			if total != 1 {
				t.Errorf("role %d has %d members, want 1", role, total)
			}
		}
	}
	check(map[identity.RoleID]time.Duration{1: 0, 2: 0})
	for _, step := range []struct {
		at    time.Duration
		roles []identity.RoleID
		want  map[identity.RoleID]time.Duration
	}{
		{time.Minute, []identity.RoleID{1, 2}, map[identity.RoleID]time.Duration{1: 0, 2: 0}},
		{2 * time.Minute, []identity.RoleID{3, 2, 1}, map[identity.RoleID]time.Duration{3: 2 * time.Minute, 2: 0, 1: 0}},
		{3 * time.Minute, []identity.RoleID{1, 3}, map[identity.RoleID]time.Duration{3: 2 * time.Minute, 1: 0}},
		{4 * time.Minute, []identity.RoleID{2, 3}, map[identity.RoleID]time.Duration{3: 2 * time.Minute, 2: 4 * time.Minute}},
		{5 * time.Minute, nil, nil},
		{6 * time.Minute, []identity.RoleID{2}, map[identity.RoleID]time.Duration{2: 6 * time.Minute}},
	} {
		got := try(s.UpdateUser(t.Context(), u.ID, giveRoles(now().Add(step.at), step.roles...)))(t)
		same(t, "roles in their order", got.Roles, append([]identity.RoleID{}, step.roles...))
		check(step.want)
	}
	_, err := s.UpdateUser(t.Context(), u.ID, giveRoles(now(), 1, 99))
	is(t, "unknown role", err, store.ErrNotFound)
	check(map[identity.RoleID]time.Duration{2: 6 * time.Minute})
	wantHolders(t, s, 0, 1, 0)
}

func roleOnce(t *testing.T, s store.Store) {
	threeRoles(t, s)
	u := named("ann", "")
	u.Roles = []identity.RoleID{3, 1, 3}
	u = try(s.CreateUser(t.Context(), u))(t)
	same(t, "created", u.Roles, []identity.RoleID{3, 1})
	wantHolders(t, s, 1, 0, 1)
	u = try(s.UpdateUser(t.Context(), u.ID, giveRoles(now(), 2, 2, 1)))(t)
	same(t, "updated", u.Roles, []identity.RoleID{2, 1})
	wantHolders(t, s, 1, 1, 0)
}
