package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

// OpenSession implements store.Sessions. What has expired is judged by
// o.New.CreatedAt. MaxDevices and MaxTokens bound nothing if they are 0.
func (s *Store) OpenSession(ctx context.Context, o store.OpenSession) (out identity.Session, err error) {
	err = s.write(ctx, "open session", func(t *tx) error {
		if err := countLiveAt(t, micros(o.New.CreatedAt)); err != nil {
			return err
		}
		id, err := findDevice(t, o)
		if err != nil {
			return err
		}
		if err := addToken(t, id, o); err != nil {
			return err
		}
		if err := limitDevices(t, id, o); err != nil {
			return err
		}
		if err := countSignIn(t, o.New); err != nil {
			return err
		}
		out, err = scanSession(t.row(sessionByID, id))
		return err
	})
	if err != nil {
		return identity.Session{}, err
	}
	return out, nil
}

// findDevice returns the device's open session, now seen again, or a new one.
func findDevice(t *tx, o store.OpenSession) (id identity.SessionID, err error) {
	var expires int64
	err = t.row("SELECT id, expires_at FROM sessions WHERE user_id = ? AND device = ? AND ended_at = 0",
		o.New.User, o.Device).Scan(&id, &expires)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return o.New.ID, addSession(t, o)
	case err != nil:
		return "", err
	case expires > micros(o.New.CreatedAt):
		return id, seeDevice(t, id, o.New)
	}
	if _, err := t.exec("DELETE FROM sessions WHERE id = ?", id); err != nil {
		return "", err
	}
	return o.New.ID, addSession(t, o)
}

// seeDevice notes where an open session was seen, however late it is told.
func seeDevice(t *tx, id identity.SessionID, seen identity.Session) error {
	_, err := t.exec(`UPDATE sessions SET user_agent = ?, address = ?,
			last_active = CASE WHEN last_active < ? THEN ? ELSE last_active END
		WHERE id = ?`,
		seen.UserAgent, addrText(seen.Address), micros(seen.LastActive), micros(seen.LastActive), id)
	return err
}

func addSession(t *tx, o store.OpenSession) error {
	_, err := t.exec(`INSERT INTO sessions (id, user_id, device, client_id, user_agent, address,
			created_at, last_active, expires_at, ended_at, end_reason)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '')`,
		o.New.ID, o.New.User, o.Device, o.New.ClientID, o.New.UserAgent, addrText(o.New.Address),
		micros(o.New.CreatedAt), micros(o.New.LastActive), micros(o.Token.ExpiresAt))
	return referring(store.ErrNotFound, taken("id", err))
}

// addToken gives the session its token and ends the oldest ones beyond the limit.
func addToken(t *tx, id identity.SessionID, o store.OpenSession) error {
	_, err := t.exec(`INSERT INTO access_tokens (id, session_id, user_id, factors,
			signed_in_at, issued_at, expires_at, life, generation)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		o.Token.ID, id, o.New.User, wordText(o.Token.Factors), micros(o.Token.SignedInAt), micros(o.Token.IssuedAt),
		micros(o.Token.ExpiresAt), o.Token.Life.Microseconds(), o.Token.Generation)
	if err != nil {
		return taken("id", err)
	}
	if o.MaxTokens > 0 {
		ended, err := t.exec(`DELETE FROM access_tokens WHERE id IN (
				SELECT id FROM access_tokens WHERE session_id = ? AND id <> ?
				ORDER BY issued_at DESC, id DESC LIMIT ? OFFSET ?)`,
			id, o.Token.ID, int64(all), o.MaxTokens-1)
		if err != nil {
			return err
		}
		t.changed = t.changed || ended > 0
	}
	return renewExpiry(t, id)
}

// limitDevices ends the user's longest idle devices beyond the limit, but
// never the one that was just opened.
func limitDevices(t *tx, id identity.SessionID, o store.OpenSession) error {
	if o.MaxDevices <= 0 {
		return nil
	}
	now := micros(o.New.CreatedAt)
	_, err := endSessions(t, `id IN (
			SELECT id FROM sessions WHERE user_id = ? AND kind = '' AND ended_at = 0 AND expires_at > ? AND id <> ?
			ORDER BY last_active DESC, created_at DESC, id DESC LIMIT ? OFFSET ?)`,
		[]any{o.New.User, now, id, int64(all), o.MaxDevices - 1}, identity.EndedByLimit, now)
	return err
}

// countSignIn notes on the user that they signed in, however late it is told.
func countSignIn(t *tx, seen identity.Session) error {
	_, err := t.exec(`UPDATE users SET login_count = login_count + 1,
			last_login_at = CASE WHEN last_login_at < ? THEN ? ELSE last_login_at END
		WHERE id = ?`,
		micros(seen.CreatedAt), micros(seen.CreatedAt), seen.User)
	return err
}

// renewExpiry sets a session's expiry to that of its last token.
func renewExpiry(t *tx, id identity.SessionID) error {
	_, err := t.exec(`UPDATE sessions SET expires_at =
		(SELECT max(expires_at) FROM access_tokens WHERE session_id = ?) WHERE id = ?`, id, id)
	return err
}
