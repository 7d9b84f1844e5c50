package sqlite

import (
	"context"
	"slices"
	"time"

	"latchkey/backend/identity"
)

// EndSession implements store.Sessions.
func (s *Store) EndSession(ctx context.Context, id identity.SessionID, why identity.EndReason, at time.Time) error {
	return s.write(ctx, "end session", func(t *tx) error {
		if _, err := scanSession(t.row(sessionByID, id)); err != nil {
			return err
		}
		_, err := endSessions(t, "id = ?", []any{id}, why, micros(at))
		return err
	})
}

// EndSessionsOf implements store.Sessions.
func (s *Store) EndSessionsOf(ctx context.Context, user identity.UserID, except identity.SessionID,
	why identity.EndReason, at time.Time,
) (n int, err error) {
	err = s.write(ctx, "end sessions of user", func(t *tx) (err error) {
		n, err = endSessions(t, "user_id = ? AND id <> ?", []any{user, except}, why, micros(at))
		return err
	})
	return n, err
}

// EndAllSessions implements store.Sessions.
func (s *Store) EndAllSessions(ctx context.Context, why identity.EndReason, at time.Time) (n int, err error) {
	err = s.write(ctx, "end all sessions", func(t *tx) (err error) {
		n, err = endSessions(t, "id <> ''", nil, why, micros(at))
		return err
	})
	return n, err
}

// EndAccessToken implements store.Sessions.
func (s *Store) EndAccessToken(ctx context.Context, id identity.TokenID, why identity.EndReason, at time.Time) error {
	return s.write(ctx, "end access token", func(t *tx) error { return endToken(t, id, why, at) })
}

// EndTokensBy implements store.Sessions.
func (s *Store) EndTokensBy(ctx context.Context, user identity.UserID, factor identity.FactorKind,
	why identity.EndReason, at time.Time,
) (n int, err error) {
	err = s.write(ctx, "end access tokens by factor", func(t *tx) error {
		ids, err := collect(t, func(r scanner) (id identity.TokenID, err error) { return id, r.Scan(&id) },
			`SELECT t.id FROM sessions s JOIN access_tokens t ON t.session_id = s.id
			WHERE s.user_id = ? AND s.ended_at = 0 AND t.factors = ?`, user, wordText([]identity.FactorKind{factor}))
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := endToken(t, id, why, at); err != nil {
				return err
			}
		}
		n = len(ids)
		return nil
	})
	return n, err
}

func endToken(t *tx, id identity.TokenID, why identity.EndReason, at time.Time) error {
	t.changed = true
	var session identity.SessionID
	err := t.row("DELETE FROM access_tokens WHERE id = ? RETURNING session_id", id).Scan(&session)
	if err != nil {
		return err
	}
	var left int
	err = t.row("SELECT count(*) FROM access_tokens WHERE session_id = ? AND expires_at > ?", session, micros(at)).
		Scan(&left)
	if err != nil {
		return err
	}
	if left > 0 {
		return renewExpiry(t, session)
	}
	_, err = endSessions(t, "id = ?", []any{session}, why, micros(at))
	return err
}

// endSessions ends the open sessions that match a condition, with their
// tokens, and says how many of them were live. Those that had expired end as
// well: a clock that is set back must not bring them to life.
func endSessions(t *tx, condition string, args []any, why identity.EndReason, at int64) (live int, err error) {
	if err := countLiveAt(t, at); err != nil {
		return 0, err
	}
	open := " FROM sessions WHERE ended_at = 0 AND " + condition
	if err := t.row("SELECT count(*)"+open+" AND expires_at > ?", slices.Concat(args, []any{at})...).Scan(&live); err != nil {
		return 0, err
	}
	if _, err := t.exec("DELETE FROM access_tokens WHERE session_id IN (SELECT id"+open+")", args...); err != nil {
		return 0, err
	}
	ended, err := t.exec("UPDATE sessions SET ended_at = ?, end_reason = ? WHERE ended_at = 0 AND "+condition,
		slices.Concat([]any{at, why}, args)...)
	t.changed = t.changed || ended > 0
	return live, err
}
