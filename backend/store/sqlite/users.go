package sqlite

import (
	"context"
	"database/sql"
	"slices"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

// selectUsers yields a row for each role of each user, or one with role 0.
const selectUsers = `
	SELECT u.id, u.username, u.password_hash, u.must_change_password, u.disabled, u.base_path,
		u.sso_id, u.created_at, u.password_changed_at, o.user_id IS NOT NULL, coalesce(r.role_id, 0)
	FROM users u
	LEFT JOIN totps o ON o.user_id = u.id
	LEFT JOIN user_roles r ON r.user_id = u.id `

const (
	userByID   = selectUsers + "WHERE u.id = ? ORDER BY r.position"
	userByName = selectUsers + "WHERE u.username = ? ORDER BY r.position"
	userPage   = selectUsers + `WHERE u.id IN (SELECT id FROM users ORDER BY id LIMIT ? OFFSET ?)
		ORDER BY u.id, r.position`
)

// CreateUser implements store.Users.
func (s *Store) CreateUser(ctx context.Context, u identity.User) (made identity.User, err error) {
	err = s.write(ctx, "create user", func(t *tx) error {
		t.changed = true
		var id identity.UserID
		err := t.row(`INSERT INTO users (id, username, password_hash, must_change_password, disabled,
				base_path, sso_id, created_at, password_changed_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
			given(int64(u.ID)), u.Username, u.PasswordHash, u.MustChangePassword, u.Disabled,
			u.BasePath, u.SSOID, micros(u.CreatedAt), micros(u.PasswordChangedAt)).Scan(&id)
		if err != nil {
			return taken("username", err)
		}
		if err := giveRoles(t, id, u.Roles); err != nil {
			return err
		}
		made, err = userIn(t, userByID, id)
		return err
	})
	if err != nil {
		return identity.User{}, err
	}
	return made, nil
}

// given returns an id that was asked for, or NULL to let the engine choose.
func given(id int64) sql.NullInt64 { return sql.NullInt64{Int64: id, Valid: id != 0} }

func giveRoles(t *tx, id identity.UserID, roles []identity.RoleID) error {
	for i, role := range roles {
		_, err := t.exec("INSERT INTO user_roles (user_id, position, role_id) VALUES (?, ?, ?)", id, i, role)
		if err != nil {
			return referring(store.ErrNotFound, err)
		}
	}
	return nil
}

// User implements store.Users.
func (s *Store) User(ctx context.Context, id identity.UserID) (u identity.User, err error) {
	err = s.find(ctx, "find user", func(t *tx) (err error) {
		u, err = userIn(t, userByID, id)
		return err
	})
	return u, err
}

// UserByName implements store.Users.
func (s *Store) UserByName(ctx context.Context, name identity.Username) (u identity.User, err error) {
	err = s.find(ctx, "find user by name", func(t *tx) (err error) {
		u, err = userIn(t, userByName, name)
		return err
	})
	return u, err
}

// Users implements store.Users.
func (s *Store) Users(ctx context.Context, p identity.Page) (list []identity.User, total int, err error) {
	err = s.snapshot(ctx, "list users", func(t *tx) (err error) {
		limit, offset := bounds(p)
		if list, err = usersIn(t, userPage, limit, offset); err != nil {
			return err
		}
		return t.row("SELECT users FROM totals").Scan(&total)
	})
	return list, total, err
}

// UpdateUser implements store.Users.
func (s *Store) UpdateUser(ctx context.Context, id identity.UserID,
	change func(identity.User) (identity.User, error),
) (u identity.User, err error) {
	err = s.write(ctx, "update user", func(t *tx) error {
		t.changed = true
		old, err := userIn(t, userByID, id)
		if err != nil {
			return err
		}
		if u, err = change(old); err != nil {
			return err
		}
		if err := saveUser(t, id, u); err != nil {
			return err
		}
		if !u.PasswordChangedAt.Equal(old.PasswordChangedAt) {
			if _, err := endSessions(t, "user_id = ?", []any{id}, identity.EndedByPassword, micros(u.PasswordChangedAt)); err != nil {
				return err
			}
		}
		u, err = userIn(t, userByID, id)
		return err
	})
	if err != nil {
		return identity.User{}, err
	}
	return u, nil
}

func saveUser(t *tx, id identity.UserID, u identity.User) error {
	_, err := t.exec(`UPDATE users SET username = ?, password_hash = ?, must_change_password = ?, disabled = ?,
			base_path = ?, sso_id = ?, password_changed_at = ? WHERE id = ?`,
		u.Username, u.PasswordHash, u.MustChangePassword, u.Disabled,
		u.BasePath, u.SSOID, micros(u.PasswordChangedAt), id)
	if err != nil {
		return taken("username", err)
	}
	if _, err := t.exec("DELETE FROM user_roles WHERE user_id = ?", id); err != nil {
		return err
	}
	return giveRoles(t, id, u.Roles)
}

// DeleteUser implements store.Users.
func (s *Store) DeleteUser(ctx context.Context, id identity.UserID) error {
	return s.write(ctx, "delete user", func(t *tx) error {
		t.changed = true
		n, err := t.exec("DELETE FROM users WHERE id = ?", id)
		if err == nil && n == 0 {
			return store.ErrNotFound
		}
		return err
	})
}

func userIn(t *tx, query string, key any) (identity.User, error) {
	list, err := usersIn(t, query, key)
	if err != nil {
		return identity.User{}, err
	}
	if len(list) == 0 {
		return identity.User{}, store.ErrNotFound
	}
	return list[0], nil
}

// usersIn joins the rows of each user into one.
func usersIn(t *tx, query string, args ...any) ([]identity.User, error) {
	rows, err := collect(t, scanUser, query, args...)
	if err != nil {
		return nil, err
	}
	list := rows[:0]
	for _, u := range rows {
		if n := len(list); n > 0 && list[n-1].ID == u.ID {
			list[n-1].Roles = append(list[n-1].Roles, u.Roles...)
			continue
		}
		list = append(list, u)
	}
	return slices.Clip(list), nil
}

func scanUser(r scanner) (u identity.User, err error) {
	var role identity.RoleID
	err = r.Scan(&u.ID, &u.Username, &u.PasswordHash, &u.MustChangePassword, &u.Disabled, &u.BasePath,
		&u.SSOID, (*stamp)(&u.CreatedAt), (*stamp)(&u.PasswordChangedAt), &u.TOTPEnabled, &role)
	u.Roles = []identity.RoleID{}
	if role != 0 {
		u.Roles = append(u.Roles, role)
	}
	return u, err
}
