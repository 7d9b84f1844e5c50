package sqlite

import (
	"context"
	"strings"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

const selectAPIKeys = `
	SELECT k.id, k.user_id, k.kind, k.name, k.description, k.prefix, k.hash, k.permissions,
		k.created_at, k.expires_at, k.disabled_at, k.enabled_at, k.last_used_at, k.last_address
	FROM api_keys AS k `

const (
	apiKeyByID   = selectAPIKeys + "WHERE k.id = ?"
	apiKeyByHash = selectAPIKeys + "WHERE k.hash = ?"
)

// CreateAPIKey implements store.APIKeys.
func (s *Store) CreateAPIKey(ctx context.Context, k identity.APIKey, limit int) (out identity.APIKey, err error) {
	err = s.write(ctx, "create api key", func(t *tx) error {
		var total int
		err := t.row("SELECT CASE WHEN ? = 'dev' THEN dev_keys ELSE api_keys END FROM users WHERE id = ?", k.Kind, k.User).
			Scan(&total)
		if err != nil {
			return err
		}
		if total >= limit {
			return store.ErrLimit
		}
		out, err = addAPIKey(t, k)
		return err
	})
	if err != nil {
		return identity.APIKey{}, err
	}
	return out, nil
}

// ReplaceAPIKey implements store.APIKeys.
func (s *Store) ReplaceAPIKey(ctx context.Context, old identity.APIKeyID, until time.Time, k identity.APIKey) (out identity.APIKey, err error) {
	err = s.write(ctx, "replace api key", func(t *tx) error {
		t.changed = true
		n, err := t.exec(`UPDATE api_keys SET
				expires_at = CASE WHEN expires_at > 0 AND expires_at < ? THEN expires_at ELSE ? END
			WHERE id = ?`, micros(until), micros(until), old)
		if err != nil {
			return err
		}
		if n == 0 {
			return store.ErrNotFound
		}
		out, err = addAPIKey(t, k)
		return err
	})
	if err != nil {
		return identity.APIKey{}, err
	}
	return out, nil
}

func addAPIKey(t *tx, k identity.APIKey) (identity.APIKey, error) {
	err := t.row(`INSERT INTO api_keys (user_id, kind, name, small_name, description, prefix, hash, permissions,
			created_at, expires_at, disabled_at, enabled_at, last_used_at, last_address)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		k.User, k.Kind, k.Name, strings.ToLower(k.Name), k.Description, k.Prefix, k.Hash[:], wordText(k.Permissions),
		micros(k.CreatedAt), micros(k.ExpiresAt), micros(k.DisabledAt), micros(k.EnabledAt),
		micros(k.LastUsedAt), addrText(k.LastAddress)).Scan(&k.ID)
	if err != nil {
		return identity.APIKey{}, referring(store.ErrNotFound, err)
	}
	return scanAPIKey(t.row(apiKeyByID, k.ID))
}

// APIKey implements store.APIKeys.
func (s *Store) APIKey(ctx context.Context, id identity.APIKeyID) (identity.APIKey, error) {
	return s.apiKey(ctx, apiKeyByID, id)
}

// APIKeyByHash implements store.APIKeys.
func (s *Store) APIKeyByHash(ctx context.Context, hash identity.SecretHash) (identity.APIKey, error) {
	return s.apiKey(ctx, apiKeyByHash, hash[:])
}

func (s *Store) apiKey(ctx context.Context, query string, arg any) (k identity.APIKey, err error) {
	err = s.find(ctx, "find api key", func(t *tx) (err error) {
		k, err = scanAPIKey(t.row(query, arg))
		return err
	})
	return k, err
}

// UpdateAPIKey implements store.APIKeys.
func (s *Store) UpdateAPIKey(ctx context.Context, id identity.APIKeyID,
	change func(identity.APIKey) (identity.APIKey, error),
) (k identity.APIKey, err error) {
	err = s.write(ctx, "update api key", func(t *tx) error {
		t.changed = true
		old, err := scanAPIKey(t.row(apiKeyByID, id))
		if err != nil {
			return err
		}
		if k, err = change(old); err != nil {
			return err
		}
		_, err = t.exec(`UPDATE api_keys SET name = ?, small_name = ?, description = ?, permissions = ?,
				expires_at = ?, disabled_at = ?, enabled_at = ? WHERE id = ?`,
			k.Name, strings.ToLower(k.Name), k.Description, wordText(k.Permissions),
			micros(k.ExpiresAt), micros(k.DisabledAt), micros(k.EnabledAt), id)
		if err != nil {
			return err
		}
		k, err = scanAPIKey(t.row(apiKeyByID, id))
		return err
	})
	if err != nil {
		return identity.APIKey{}, err
	}
	return k, nil
}

// DeleteAPIKey implements store.APIKeys.
func (s *Store) DeleteAPIKey(ctx context.Context, id identity.APIKeyID) error {
	return s.write(ctx, "delete api key", func(t *tx) error {
		t.changed = true
		n, err := t.exec("DELETE FROM api_keys WHERE id = ?", id)
		if err == nil && n == 0 {
			return store.ErrNotFound
		}
		return err
	})
}

func scanAPIKey(r scanner) (k identity.APIKey, err error) {
	err = r.Scan(&k.ID, &k.User, &k.Kind, &k.Name, &k.Description, &k.Prefix, (*hash)(&k.Hash),
		(*words[identity.Permission])(&k.Permissions), (*stamp)(&k.CreatedAt), (*stamp)(&k.ExpiresAt),
		(*stamp)(&k.DisabledAt), (*stamp)(&k.EnabledAt), (*stamp)(&k.LastUsedAt), (*addr)(&k.LastAddress))
	return k, err
}
