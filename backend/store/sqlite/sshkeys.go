package sqlite

import (
	"context"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

const selectSSHKeys = `
	SELECT id, user_id, title, type, authorized_key, fingerprint, added_at, last_used_at,
		expires_at, allowed_from, read_only, folder FROM ssh_keys `

const (
	sshKeyByID          = selectSSHKeys + "WHERE id = ?"
	sshKeyByFingerprint = selectSSHKeys + "WHERE user_id = ? AND fingerprint = ?"
	sshKeyByTitle       = selectSSHKeys + "WHERE user_id = ? AND title = ?"
	sshKeyPage          = selectSSHKeys + `WHERE id IN (
			SELECT id FROM ssh_keys WHERE user_id = ? ORDER BY id LIMIT ? OFFSET ?)
		ORDER BY id`
	sshKeyTotal = "SELECT ssh_keys FROM users WHERE id = ?"
)

// CreateSSHKey implements store.SSHKeys.
func (s *Store) CreateSSHKey(ctx context.Context, k identity.SSHKey, limit int) (made identity.SSHKey, err error) {
	err = s.write(ctx, "create ssh key", func(t *tx) error {
		if err := roomFor(t, k, limit); err != nil {
			return err
		}
		var id identity.SSHKeyID
		err := t.row(`INSERT INTO ssh_keys (user_id, title, type, authorized_key, fingerprint, added_at, last_used_at,
				expires_at, allowed_from, read_only, folder)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
			k.User, k.Title, k.Type, k.AuthorizedKey, k.Fingerprint, micros(k.AddedAt), micros(k.LastUsedAt),
			micros(k.Rules.ExpiresAt), k.Rules.From, k.Rules.ReadOnly, k.Rules.Folder).Scan(&id)
		if err != nil {
			return err
		}
		made, err = scanSSHKey(t.row(sshKeyByID, id))
		return err
	})
	if err != nil {
		return identity.SSHKey{}, err
	}
	return made, nil
}

// roomFor looks for what stands in the way of a new key. Nobody can come in
// between: the transaction is the only one that writes.
func roomFor(t *tx, k identity.SSHKey, limit int) error {
	var total int
	if err := t.row(sshKeyTotal, k.User).Scan(&total); err != nil {
		return err
	}
	if total >= limit {
		return store.ErrLimit
	}
	for _, unique := range []struct {
		field, query string
		value        any
	}{
		{"fingerprint", sshKeyByFingerprint, k.Fingerprint},
		{"title", sshKeyByTitle, k.Title},
	} {
		same, err := collect(t, scanSSHKey, unique.query, k.User, unique.value)
		if err != nil {
			return err
		}
		if len(same) > 0 {
			return &store.ExistsError{Field: unique.field}
		}
	}
	return nil
}

// SSHKey implements store.SSHKeys.
func (s *Store) SSHKey(ctx context.Context, id identity.SSHKeyID) (identity.SSHKey, error) {
	return s.sshKey(ctx, sshKeyByID, id)
}

// SSHKeyByFingerprint implements store.SSHKeys.
func (s *Store) SSHKeyByFingerprint(ctx context.Context, user identity.UserID, f identity.Fingerprint) (identity.SSHKey, error) {
	return s.sshKey(ctx, sshKeyByFingerprint, user, f)
}

func (s *Store) sshKey(ctx context.Context, query string, args ...any) (k identity.SSHKey, err error) {
	err = s.find(ctx, "find ssh key", func(t *tx) (err error) {
		k, err = scanSSHKey(t.row(query, args...))
		return err
	})
	return k, err
}

// SSHKeysOf implements store.SSHKeys.
func (s *Store) SSHKeysOf(ctx context.Context, user identity.UserID, p identity.Page) (list []identity.SSHKey, total int, err error) {
	err = s.snapshot(ctx, "list ssh keys", func(t *tx) (err error) {
		limit, offset := bounds(p)
		if list, err = collect(t, scanSSHKey, sshKeyPage, user, limit, offset); err != nil {
			return err
		}
		return t.row("SELECT coalesce(max(ssh_keys), 0) FROM users WHERE id = ?", user).Scan(&total)
	})
	return list, total, err
}

// TouchSSHKeys implements store.SSHKeys.
func (s *Store) TouchSSHKeys(ctx context.Context, used map[identity.SSHKeyID]time.Time) error {
	if len(used) == 0 {
		return nil
	}
	return s.write(ctx, "record use of ssh keys", func(t *tx) error {
		for id, at := range used {
			_, err := t.exec("UPDATE ssh_keys SET last_used_at = ? WHERE id = ? AND last_used_at < ?",
				micros(at), id, micros(at))
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// UpdateSSHKey implements store.SSHKeys.
func (s *Store) UpdateSSHKey(ctx context.Context, id identity.SSHKeyID,
	change func(identity.SSHKey) (identity.SSHKey, error),
) (k identity.SSHKey, err error) {
	err = s.write(ctx, "update ssh key", func(t *tx) error {
		t.changed = true
		old, err := scanSSHKey(t.row(sshKeyByID, id))
		if err != nil {
			return err
		}
		if k, err = change(old); err != nil {
			return err
		}
		_, err = t.exec("UPDATE ssh_keys SET expires_at = ?, allowed_from = ?, read_only = ?, folder = ? WHERE id = ?",
			micros(k.Rules.ExpiresAt), k.Rules.From, k.Rules.ReadOnly, k.Rules.Folder, id)
		if err != nil {
			return err
		}
		k, err = scanSSHKey(t.row(sshKeyByID, id))
		return err
	})
	if err != nil {
		return identity.SSHKey{}, err
	}
	return k, nil
}

// DeleteSSHKey implements store.SSHKeys.
func (s *Store) DeleteSSHKey(ctx context.Context, id identity.SSHKeyID) error {
	return s.write(ctx, "delete ssh key", func(t *tx) error {
		t.changed = true
		n, err := t.exec("DELETE FROM ssh_keys WHERE id = ?", id)
		if err == nil && n == 0 {
			return store.ErrNotFound
		}
		return err
	})
}

func scanSSHKey(r scanner) (k identity.SSHKey, err error) {
	err = r.Scan(&k.ID, &k.User, &k.Title, &k.Type, &k.AuthorizedKey, &k.Fingerprint,
		(*stamp)(&k.AddedAt), (*stamp)(&k.LastUsedAt),
		(*stamp)(&k.Rules.ExpiresAt), &k.Rules.From, &k.Rules.ReadOnly, &k.Rules.Folder)
	return k, err
}
