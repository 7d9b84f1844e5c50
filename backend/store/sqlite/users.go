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
	SELECT u.id, u.username, u.email, u.nickname, u.avatar_url, u.real_name, u.phone, u.department, u.position,
		u.password_hash, u.password_expires_at, u.must_change_password, u.disabled, u.expires_at, u.allowed_from,
		u.base_path, u.sso_id, u.storage_limit, u.created_at, u.updated_at, u.password_changed_at, u.last_login_at, u.login_count,
		o.user_id IS NOT NULL, coalesce(r.role_id, 0)
	FROM users u
	LEFT JOIN totps o ON o.user_id = u.id
	LEFT JOIN user_roles r ON r.user_id = u.id `

const (
	userByID   = selectUsers + "WHERE u.id = ? ORDER BY r.position"
	userByName = selectUsers + "WHERE u.username = ? ORDER BY r.position"
	userByMail = selectUsers + "WHERE u.email = ? AND u.email <> '' ORDER BY r.position"
)

// CreateUser implements store.Users.
func (s *Store) CreateUser(ctx context.Context, u identity.User) (made identity.User, err error) {
	err = s.write(ctx, "create user", func(t *tx) error {
		t.changed = true
		var id identity.UserID
		if err := freeNames(t, u); err != nil {
			return err
		}
		err := t.row(`INSERT INTO users (id, username, email, nickname, avatar_url, real_name, phone, department, position,
				password_hash, password_expires_at, must_change_password, disabled, expires_at, allowed_from,
				base_path, sso_id, storage_limit, created_at, updated_at, password_changed_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
			slices.Concat([]any{given(int64(u.ID))}, ownValues(u),
				[]any{micros(u.CreatedAt), micros(u.UpdatedAt), micros(u.PasswordChangedAt)})...).Scan(&id)
		if err != nil {
			return taken("username", err)
		}
		if err := giveRoles(t, id, u.Roles, u.CreatedAt); err != nil {
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

// ownValues are the columns of users from username to storage_limit.
func ownValues(u identity.User) []any {
	p := u.Profile
	return []any{
		u.Username, u.Email, p.Nickname, p.AvatarURL, p.RealName, p.Phone, p.Department, p.Position,
		u.PasswordHash, micros(u.PasswordExpiresAt), u.MustChangePassword, u.Disabled, micros(u.ExpiresAt),
		networkText(u.AllowedFrom), u.BasePath, u.SSOID, u.StorageLimit,
	}
}

// freeNames looks for somebody else who has the name or the address of a user
// as either. Nobody can come in between: the transaction is the only one that
// writes.
func freeNames(t *tx, u identity.User) error {
	for _, unique := range []struct{ field, value string }{
		{"username", string(u.Username)},
		{"email", string(u.Email)},
	} {
		var others int
		err := t.row(othersNamed, unique.value, unique.value, u.ID).Scan(&others)
		if err != nil {
			return err
		}
		if others > 0 {
			return &store.ExistsError{Field: unique.field}
		}
	}
	return nil
}

const othersNamed = `
	SELECT count(*) FROM (
		SELECT id FROM users WHERE username = ?
		UNION ALL
		SELECT id FROM users WHERE email = ? AND email <> ''
	) AS named WHERE id <> ?`

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

// UserByEmail implements store.Users.
func (s *Store) UserByEmail(ctx context.Context, email identity.Email) (u identity.User, err error) {
	err = s.find(ctx, "find user by e-mail", func(t *tx) (err error) {
		u, err = userIn(t, userByMail, email)
		return err
	})
	return u, err
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
		u.ID = id
		if err := saveUser(t, old, u); err != nil {
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

func saveUser(t *tx, old, u identity.User) error {
	if err := freeNames(t, u); err != nil {
		return err
	}
	_, err := t.exec(`UPDATE users SET username = ?, email = ?, nickname = ?, avatar_url = ?, real_name = ?, phone = ?,
			department = ?, position = ?, password_hash = ?, password_expires_at = ?, must_change_password = ?,
			disabled = ?, expires_at = ?, allowed_from = ?, base_path = ?, sso_id = ?, storage_limit = ?,
			updated_at = ?, password_changed_at = ? WHERE id = ?`,
		slices.Concat(ownValues(u), []any{micros(u.UpdatedAt), micros(u.PasswordChangedAt), u.ID})...)
	if err != nil {
		return err
	}
	if err := renameThrottles(t, old.Username, u.Username); err != nil || slices.Equal(u.Roles, old.Roles) {
		return err
	}
	return giveRoles(t, u.ID, u.Roles, u.UpdatedAt)
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
	p := &u.Profile
	err = r.Scan(&u.ID, &u.Username, &u.Email, &p.Nickname, &p.AvatarURL, &p.RealName, &p.Phone, &p.Department, &p.Position,
		&u.PasswordHash, (*stamp)(&u.PasswordExpiresAt), &u.MustChangePassword, &u.Disabled, (*stamp)(&u.ExpiresAt),
		(*networks)(&u.AllowedFrom), &u.BasePath, &u.SSOID, &u.StorageLimit, (*stamp)(&u.CreatedAt), (*stamp)(&u.UpdatedAt),
		(*stamp)(&u.PasswordChangedAt), (*stamp)(&u.LastLoginAt), &u.LoginCount, &u.TOTPEnabled, &role)
	u.Roles = []identity.RoleID{}
	if role != 0 {
		u.Roles = append(u.Roles, role)
	}
	return u, err
}
