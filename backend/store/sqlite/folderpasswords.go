package sqlite

import (
	"context"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

const selectFolders = "SELECT id, path, password_hash, subfolders, created_at, updated_at FROM folder_passwords "

// FolderPasswords implements store.FolderPasswords.
func (s *Store) FolderPasswords(ctx context.Context) (list []identity.FolderPassword, err error) {
	err = s.find(ctx, "list folder passwords", func(t *tx) (err error) {
		list, err = collect(t, scanFolder, selectFolders+"ORDER BY path")
		return err
	})
	return list, err
}

// CreateFolderPassword implements store.FolderPasswords.
func (s *Store) CreateFolderPassword(ctx context.Context, f identity.FolderPassword, limit int) (made identity.FolderPassword, err error) {
	err = s.write(ctx, "create folder password", func(t *tx) error {
		t.changed = true
		var id identity.FolderPasswordID
		err := t.row(`INSERT INTO folder_passwords (path, password_hash, subfolders, created_at, updated_at)
			VALUES (?, ?, ?, ?, ?) RETURNING id`,
			f.Path, f.Hash, f.Subfolders, micros(f.CreatedAt), micros(f.UpdatedAt)).Scan(&id)
		if err != nil {
			return taken("path", err)
		}
		if err := fewFolders(t, limit); err != nil {
			return err
		}
		made, err = folderIn(t, id)
		return err
	})
	if err != nil {
		return identity.FolderPassword{}, err
	}
	return made, nil
}

func fewFolders(t *tx, limit int) error {
	var total int
	if err := t.row("SELECT count(*) FROM folder_passwords").Scan(&total); err != nil {
		return err
	}
	if total > limit {
		return store.ErrLimit
	}
	return nil
}

// UpdateFolderPassword implements store.FolderPasswords.
func (s *Store) UpdateFolderPassword(ctx context.Context, id identity.FolderPasswordID,
	change func(identity.FolderPassword) (identity.FolderPassword, error),
) (f identity.FolderPassword, err error) {
	err = s.write(ctx, "update folder password", func(t *tx) error {
		t.changed = true
		old, err := folderIn(t, id)
		if err != nil {
			return err
		}
		if f, err = change(old); err != nil {
			return err
		}
		_, err = t.exec("UPDATE folder_passwords SET path = ?, password_hash = ?, subfolders = ?, updated_at = ? WHERE id = ?",
			f.Path, f.Hash, f.Subfolders, micros(f.UpdatedAt), id)
		if err != nil {
			return taken("path", err)
		}
		f, err = folderIn(t, id)
		return err
	})
	if err != nil {
		return identity.FolderPassword{}, err
	}
	return f, nil
}

// DeleteFolderPassword implements store.FolderPasswords.
func (s *Store) DeleteFolderPassword(ctx context.Context, id identity.FolderPasswordID) error {
	return s.write(ctx, "delete folder password", func(t *tx) error {
		t.changed = true
		n, err := t.exec("DELETE FROM folder_passwords WHERE id = ?", id)
		if err == nil && n == 0 {
			return store.ErrNotFound
		}
		return err
	})
}

// CopyFolderPasswords implements store.FolderPasswords.
func (s *Store) CopyFolderPasswords(ctx context.Context, copies []store.FolderPasswordCopy, limit int) error {
	return s.write(ctx, "copy folder passwords", func(t *tx) error {
		t.changed = true
		for _, c := range copies {
			at := micros(c.At)
			_, err := t.exec(`INSERT INTO folder_passwords (path, password_hash, subfolders, created_at, updated_at)
				SELECT ?, password_hash, ?, ?, ? FROM folder_passwords WHERE path = ?
				ON CONFLICT (path) DO UPDATE SET
				password_hash = excluded.password_hash, subfolders = excluded.subfolders, updated_at = excluded.updated_at`,
				c.To, c.Subfolders, at, at, c.From)
			if err != nil {
				return err
			}
		}
		return fewFolders(t, limit)
	})
}

// DropFolderPasswords implements store.FolderPasswords.
func (s *Store) DropFolderPasswords(ctx context.Context, paths []string) error {
	return s.write(ctx, "drop folder passwords", func(t *tx) error {
		t.changed = true
		for _, p := range paths {
			if _, err := t.exec("DELETE FROM folder_passwords WHERE path = ?", p); err != nil {
				return err
			}
		}
		return nil
	})
}

func folderIn(t *tx, id identity.FolderPasswordID) (identity.FolderPassword, error) {
	return scanFolder(t.row(selectFolders+"WHERE id = ?", id))
}

func scanFolder(r scanner) (f identity.FolderPassword, err error) {
	err = r.Scan(&f.ID, &f.Path, &f.Hash, &f.Subfolders, (*stamp)(&f.CreatedAt), (*stamp)(&f.UpdatedAt))
	return f, err
}
