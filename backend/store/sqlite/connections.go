package sqlite

import (
	"context"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

// OpenConnection implements store.Sessions. A connection is no device that
// could come back, so its own id stands for one.
func (s *Store) OpenConnection(ctx context.Context, c identity.Session) error {
	return s.write(ctx, "open connection", func(t *tx) error {
		if err := countLiveAt(t, micros(c.CreatedAt)); err != nil {
			return err
		}
		_, err := t.exec(`INSERT INTO sessions (id, user_id, kind, ssh_key, device, client_id, user_agent, address,
				created_at, last_active, expires_at, ended_at, end_reason)
			VALUES (?, ?, ?, ?, ?, FALSE, ?, ?, ?, ?, ?, 0, '')`,
			c.ID, c.User, c.Kind, c.SSHKey, c.ID, c.UserAgent, addrText(c.Address),
			micros(c.CreatedAt), micros(c.LastActive), micros(c.ExpiresAt))
		return referring(store.ErrNotFound, taken("id", err))
	})
}

// CloseConnection implements store.Sessions.
func (s *Store) CloseConnection(ctx context.Context, id identity.SessionID) error {
	return s.write(ctx, "close connection", func(t *tx) error {
		_, err := t.exec("DELETE FROM sessions WHERE id = ? AND kind <> ''", id)
		return err
	})
}

// CloseConnectionsUntil implements store.Sessions.
func (s *Store) CloseConnectionsUntil(ctx context.Context, at time.Time) error {
	return s.write(ctx, "close connections", func(t *tx) error {
		_, err := t.exec("DELETE FROM sessions WHERE kind <> '' AND created_at <= ?", micros(at))
		return err
	})
}
