package sqlite

import (
	"context"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

const selectSessions = `
	SELECT id, user_id, kind, ssh_key, client_id, user_agent, address, created_at, last_active, expires_at, ended_at, end_reason
	FROM sessions `

const (
	sessionByID    = selectSessions + "WHERE id = ?"
	sessionsOfUser = selectSessions + `WHERE user_id = ? AND ended_at = 0 AND expires_at > ?
		ORDER BY last_active DESC, id DESC`
	sessionPage = selectSessions + `WHERE id IN (
			SELECT id FROM sessions WHERE ended_at = 0 AND expires_at > ?
			ORDER BY last_active DESC, id DESC LIMIT ? OFFSET ?)
		ORDER BY last_active DESC, id DESC`
)

// The number of live sessions is kept for the time counted_at. For another
// time, what expires between the two is taken off or added back; moving
// counted_at along keeps that little.
const (
	liveSessionsAt = `SELECT live_sessions
		- (SELECT count(*) FROM sessions WHERE ended_at = 0 AND expires_at > counted_at AND expires_at <= ?)
		+ (SELECT count(*) FROM sessions WHERE ended_at = 0 AND expires_at <= counted_at AND expires_at > ?)
		FROM totals`
	countLiveSessionsAt = `UPDATE totals SET counted_at = ?, live_sessions = live_sessions
		- (SELECT count(*) FROM sessions WHERE ended_at = 0 AND expires_at > counted_at AND expires_at <= ?)
		+ (SELECT count(*) FROM sessions WHERE ended_at = 0 AND expires_at <= counted_at AND expires_at > ?)`
)

// Session implements store.Sessions.
func (s *Store) Session(ctx context.Context, id identity.SessionID) (out identity.Session, err error) {
	err = s.find(ctx, "find session", func(t *tx) (err error) {
		out, err = scanSession(t.row(sessionByID, id))
		return err
	})
	return out, err
}

// SessionsOf implements store.Sessions.
func (s *Store) SessionsOf(ctx context.Context, user identity.UserID, at time.Time) (list []identity.Session, err error) {
	err = s.find(ctx, "list sessions of user", func(t *tx) (err error) {
		list, err = collect(t, scanSession, sessionsOfUser, user, micros(at))
		return err
	})
	return list, err
}

// Sessions implements store.Sessions.
func (s *Store) Sessions(ctx context.Context, at time.Time, p identity.Page) (list []identity.Session, total int, err error) {
	err = s.snapshot(ctx, "list sessions", func(t *tx) (err error) {
		limit, offset := bounds(p)
		if list, err = collect(t, scanSession, sessionPage, micros(at), limit, offset); err != nil {
			return err
		}
		return t.row(liveSessionsAt, micros(at), micros(at)).Scan(&total)
	})
	return list, total, err
}

// TouchSessions implements store.Sessions.
func (s *Store) TouchSessions(ctx context.Context, list []store.Activity) error {
	if len(list) == 0 {
		return nil
	}
	return s.write(ctx, "record activity", func(t *tx) error {
		var newest int64
		for _, a := range list {
			_, err := t.exec(`UPDATE sessions SET last_active = ?, user_agent = ?, address = ?
				WHERE id = ? AND ended_at = 0 AND last_active <= ?`,
				micros(a.At), a.UserAgent, addrText(a.Address), a.Session, micros(a.At))
			if err != nil {
				return err
			}
			newest = max(newest, micros(a.At))
		}
		return countLiveAt(t, newest)
	})
}

// PurgeSessions implements store.Sessions.
func (s *Store) PurgeSessions(ctx context.Context, before time.Time) (n int, err error) {
	err = s.write(ctx, "purge sessions", func(t *tx) error {
		n = 0
		tokens, err := t.exec("DELETE FROM access_tokens WHERE expires_at < ?", micros(before))
		if err != nil {
			return err
		}
		for _, query := range []string{
			"DELETE FROM sessions WHERE ended_at > 0 AND ended_at < ?",
			"DELETE FROM sessions WHERE ended_at = 0 AND expires_at < ?",
		} {
			removed, err := t.exec(query, micros(before))
			if err != nil {
				return err
			}
			n += removed
		}
		t.changed = tokens+n > 0
		return nil
	})
	return n, err
}

// countLiveAt moves the time for which live sessions are counted.
func countLiveAt(t *tx, at int64) error {
	_, err := t.exec(countLiveSessionsAt, at, at, at)
	return err
}

func scanSession(r scanner) (out identity.Session, err error) {
	err = r.Scan(&out.ID, &out.User, &out.Kind, &out.SSHKey, &out.ClientID, &out.UserAgent, (*addr)(&out.Address),
		(*stamp)(&out.CreatedAt), (*stamp)(&out.LastActive), (*stamp)(&out.ExpiresAt), (*stamp)(&out.EndedAt), &out.EndReason)
	return out, err
}
