package sqlite

import (
	"context"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

const selectRoles = "SELECT id, name, description, is_default, grants, users, created_at, updated_at FROM roles "

// CreateRole implements store.Roles.
func (s *Store) CreateRole(ctx context.Context, r identity.Role) (made identity.Role, err error) {
	err = s.write(ctx, "create role", func(t *tx) error {
		t.changed = true
		if err := onlyDefault(t, r); err != nil {
			return err
		}
		made = r
		err := t.row(`INSERT INTO roles (id, name, description, is_default, grants, created_at, updated_at)
			VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`,
			given(int64(r.ID)), r.Name, r.Description, r.Default, wordText(r.Grants),
			micros(r.CreatedAt), micros(r.UpdatedAt)).Scan(&made.ID)
		if err != nil {
			return taken("name", err)
		}
		if err := saveScopes(t, made); err != nil {
			return err
		}
		made, err = roleIn(t, made.ID)
		return err
	})
	if err != nil {
		return identity.Role{}, err
	}
	return made, nil
}

// onlyDefault takes the default from the role that has it, if r is to have it.
func onlyDefault(t *tx, r identity.Role) error {
	if !r.Default {
		return nil
	}
	_, err := t.exec("UPDATE roles SET is_default = ? WHERE is_default", false)
	return err
}

func saveScopes(t *tx, r identity.Role) error {
	if _, err := t.exec("DELETE FROM role_scopes WHERE role_id = ?", r.ID); err != nil {
		return err
	}
	for i, sc := range r.Scopes {
		_, err := t.exec("INSERT INTO role_scopes (role_id, position, path, permission) VALUES (?, ?, ?, ?)",
			r.ID, i, sc.Path, sc.Permission)
		if err != nil {
			return err
		}
	}
	return nil
}

// Role implements store.Roles.
func (s *Store) Role(ctx context.Context, id identity.RoleID) (r identity.Role, err error) {
	err = s.snapshot(ctx, "find role", func(t *tx) (err error) {
		r, err = roleIn(t, id)
		return err
	})
	return r, err
}

// Roles implements store.Roles.
func (s *Store) Roles(ctx context.Context) (list []identity.Role, err error) {
	err = s.snapshot(ctx, "list roles", func(t *tx) (err error) {
		if list, err = collect(t, scanRole, selectRoles+"ORDER BY id"); err != nil {
			return err
		}
		for i := range list {
			if list[i].Scopes, err = scopesOf(t, list[i].ID); err != nil {
				return err
			}
		}
		return nil
	})
	return list, err
}

// UpdateRole implements store.Roles.
func (s *Store) UpdateRole(ctx context.Context, id identity.RoleID,
	change func(identity.Role) (identity.Role, error),
) (r identity.Role, err error) {
	err = s.write(ctx, "update role", func(t *tx) error {
		t.changed = true
		old, err := roleIn(t, id)
		if err != nil {
			return err
		}
		if r, err = change(old); err != nil {
			return err
		}
		r.ID = id
		if err := saveRole(t, r); err != nil {
			return err
		}
		r, err = roleIn(t, id)
		return err
	})
	if err != nil {
		return identity.Role{}, err
	}
	return r, nil
}

func saveRole(t *tx, r identity.Role) error {
	if err := onlyDefault(t, r); err != nil {
		return err
	}
	_, err := t.exec("UPDATE roles SET name = ?, description = ?, is_default = ?, grants = ?, updated_at = ? WHERE id = ?",
		r.Name, r.Description, r.Default, wordText(r.Grants), micros(r.UpdatedAt), r.ID)
	if err != nil {
		return taken("name", err)
	}
	return saveScopes(t, r)
}

// DeleteRole implements store.Roles.
func (s *Store) DeleteRole(ctx context.Context, id identity.RoleID) error {
	return s.write(ctx, "delete role", func(t *tx) error {
		t.changed = true
		n, err := t.exec("DELETE FROM roles WHERE id = ?", id)
		if err == nil && n == 0 {
			return store.ErrNotFound
		}
		return referring(store.ErrReferenced, err)
	})
}

func roleIn(t *tx, id identity.RoleID) (identity.Role, error) {
	r, err := scanRole(t.row(selectRoles+"WHERE id = ?", id))
	if err != nil {
		return identity.Role{}, err
	}
	r.Scopes, err = scopesOf(t, id)
	return r, err
}

func scanRole(row scanner) (r identity.Role, err error) {
	err = row.Scan(&r.ID, &r.Name, &r.Description, &r.Default, (*words[identity.Permission])(&r.Grants), &r.Users,
		(*stamp)(&r.CreatedAt), (*stamp)(&r.UpdatedAt))
	return r, err
}

func scopesOf(t *tx, id identity.RoleID) ([]identity.Scope, error) {
	return collect(t, func(row scanner) (sc identity.Scope, err error) {
		err = row.Scan(&sc.Path, &sc.Permission)
		return sc, err
	}, "SELECT path, permission FROM role_scopes WHERE role_id = ? ORDER BY position", id)
}
