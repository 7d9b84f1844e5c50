package sqlite

import (
	"context"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

// CreatePermission implements store.Permissions. The numbering of the table
// begins after the built-in ones.
func (s *Store) CreatePermission(ctx context.Context, p identity.PermissionInfo, limit int) (made identity.PermissionInfo, err error) {
	err = s.write(ctx, "create permission", func(t *tx) error {
		var id identity.PermissionID
		err := t.row("INSERT INTO permissions (name, category, description, created_at) VALUES (?, ?, ?, ?) RETURNING id",
			p.Name, p.Category, p.Description, micros(p.CreatedAt)).Scan(&id)
		if err != nil {
			return taken("name", err)
		}
		var total int
		if err := t.row("SELECT count(*) FROM permissions").Scan(&total); err != nil {
			return err
		}
		if total > limit {
			return store.ErrLimit
		}
		made, err = scanPermission(t.row(selectPermissions+"WHERE id = ?", id))
		return err
	})
	if err != nil {
		return identity.PermissionInfo{}, err
	}
	return made, nil
}

const selectPermissions = "SELECT id, name, category, description, created_at FROM permissions "

// Permissions implements store.Permissions.
func (s *Store) Permissions(ctx context.Context) (list []identity.PermissionInfo, err error) {
	err = s.find(ctx, "list permissions", func(t *tx) (err error) {
		list, err = collect(t, scanPermission, selectPermissions+"ORDER BY id")
		return err
	})
	return list, err
}

func scanPermission(r scanner) (p identity.PermissionInfo, err error) {
	err = r.Scan(&p.ID, &p.Name, &p.Category, &p.Description, (*stamp)(&p.CreatedAt))
	return p, err
}
