package sqlite

import (
	"context"
	"slices"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

const (
	memberRows  = "FROM user_roles WHERE role_id = ? ORDER BY user_id LIMIT ? OFFSET ?"
	memberPage  = selectUsers + "WHERE u.id IN (SELECT user_id " + memberRows + ") ORDER BY u.id, r.position"
	memberTimes = "SELECT added_at " + memberRows
)

// Members implements store.Roles.
func (s *Store) Members(ctx context.Context, id identity.RoleID, p identity.Page) (list []identity.Member, total int, err error) {
	err = s.snapshot(ctx, "list members", func(t *tx) error {
		limit, offset := bounds(p)
		users, err := usersIn(t, memberPage, id, limit, offset)
		if err != nil {
			return err
		}
		since, err := collect(t, scanStamp, memberTimes, id, limit, offset)
		if err != nil {
			return err
		}
		list = make([]identity.Member, len(users))
		for i, u := range users {
			list[i] = identity.Member{User: u, AddedAt: since[i]}
		}
		return t.row("SELECT coalesce(max(users), 0) FROM roles WHERE id = ?", id).Scan(&total)
	})
	return list, total, err
}

func scanStamp(r scanner) (at time.Time, err error) {
	err = r.Scan((*stamp)(&at))
	return at, err
}

// giveRoles makes roles those of a user, in their order and each once. The
// user has had since then those that they have already, and since a time the others.
func giveRoles(t *tx, user identity.UserID, roles []identity.RoleID, now time.Time) error {
	since, err := rolesSince(t, user)
	if err != nil {
		return err
	}
	if _, err := t.exec("DELETE FROM user_roles WHERE user_id = ?", user); err != nil {
		return err
	}
	for i, role := range roles {
		if slices.Contains(roles[:i], role) {
			continue
		}
		at, kept := since[role]
		if !kept {
			at = micros(now)
		}
		_, err := t.exec("INSERT INTO user_roles (user_id, position, role_id, added_at) VALUES (?, ?, ?, ?)", user, i, role, at)
		if err != nil {
			return referring(store.ErrNotFound, err)
		}
	}
	return nil
}

// rolesSince returns the roles of a user with the microsecond of their giving.
func rolesSince(t *tx, user identity.UserID) (map[identity.RoleID]int64, error) {
	since := map[identity.RoleID]int64{}
	_, err := collect(t, func(r scanner) (role identity.RoleID, err error) {
		var at int64
		err = r.Scan(&role, &at)
		since[role] = at
		return role, err
	}, "SELECT role_id, added_at FROM user_roles WHERE user_id = ?", user)
	return since, err
}
