package sqlite

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

const few, many = 1_000, 1_000_000

// seedSQL makes ? rows of everything that is listed: users, sessions with
// their tokens, SSH keys of one user, API keys, counters and events. Half of
// the sessions have ended and a quarter has expired. Half of the users are
// disabled; 60 more have expired, 60 are locked and 200 are called special,
// however many there are.
const seedSQL = `
	CREATE TEMP TABLE n AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT i FROM n;
	INSERT INTO users (id, username, email, password_hash, must_change_password, disabled, expires_at, base_path, sso_id,
			created_at, password_changed_at)
		SELECT i, who || i, who || i || '@example.com', printf('$argon2id$%0100d', i), 0, i % 2, i % 4 = 2 AND i < 240, '/home/' || i,
			'', i, i FROM (SELECT i, CASE WHEN i % 4 = 0 AND i <= 800 THEN 'special' ELSE 'user' END AS who FROM n) AS n;
	INSERT INTO roles (id, name, description, is_default, created_at) VALUES (1, 'role', '', 0, 0);
	INSERT INTO user_roles SELECT i, 0, 1, i FROM n;
	INSERT INTO sessions (id, user_id, device, client_id, user_agent, address, created_at, last_active, expires_at, ended_at, end_reason)
		SELECT printf('%032x', i * 7919), i, 'device', 1, printf('Mozilla/5.0 %080d', i),
		'192.0.2.' || (i % 256), i, i, CASE WHEN i % 4 = 1 THEN 1 ELSE 4000000 END, i % 2 * (i % 4 = 3), '' FROM n;
	INSERT INTO access_tokens SELECT printf('t%031x', i * 7919), printf('%032x', i * 7919), i, 'pwd', i, 4000000,
		i, 4000000 - i, 1 FROM n;
	INSERT INTO ssh_keys (id, user_id, title, type, authorized_key, fingerprint, added_at, last_used_at)
		SELECT i, 1, 'key ' || i, 'ssh-ed25519', printf('ssh-ed25519 %068d', i), 'SHA256:' || i, i, 0 FROM n;
	INSERT INTO api_keys SELECT i, i, 'api', 'Key', CASE WHEN i % 4 = 0 AND i <= 800 THEN 'special' ELSE 'key' END || i, 'for a program', 'lk_' || i, CAST(printf('%032d', i) AS BLOB), 'read',
		i, i % 4 = 2 AND i < 240, i % 4 = 1 AND i < 240, 0, 0, '' FROM n;
	INSERT INTO throttles SELECT i, 'pair', 'user' || i, '192.0.2.1', 1, 0, 0, 0, 0, i FROM n;
	INSERT INTO throttles SELECT NULL, 'account', username, '', 1, 0, 0, 0, 1, id FROM users WHERE id % 4 = 0 AND id <= 240;
	INSERT INTO audit_events SELECT i, i, i, 'sign_in', 'user' || i, 'alist', '192.0.2.1', 'done', '' FROM n;
	DROP TABLE n`

// seededAt is the time of the seed, in microseconds.
const seededAt = 2

func seeded(tb testing.TB, rows int) *Store {
	tb.Helper()
	s, err := Open(tb.Context(), filepath.Join(tb.TempDir(), "latchkey.db"), Options{Create: true})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	err = s.write(tb.Context(), "seed", func(t *tx) error {
		if _, err := t.c.raw.ExecContext(t.ctx, seedSQL, rows); err != nil {
			return err
		}
		return countLiveAt(t, seededAt)
	})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// lists are the pages that a person opens first, and the last ones.
func lists() map[string]func(ctx context.Context, s *Store) (int, error) {
	const size = 50
	first := identity.Page{Limit: size}
	now := time.UnixMicro(seededAt)
	users := func(f identity.UserFilter) func(context.Context, *Store) (int, error) {
		f.At = now
		return func(ctx context.Context, s *Store) (int, error) {
			list, _, err := s.Users(ctx, f, first)
			return len(list), err
		}
	}
	apiKeys := func(f store.APIKeyFilter) func(context.Context, *Store) (int, error) {
		f.At = now
		return func(ctx context.Context, s *Store) (int, error) {
			list, _, err := s.APIKeys(ctx, f, first)
			return len(list), err
		}
	}
	return map[string]func(context.Context, *Store) (int, error){
		"users":                 users(identity.UserFilter{}),
		"users found by name":   users(identity.UserFilter{Username: "special"}),
		"users found by e-mail": users(identity.UserFilter{Email: "special"}),
		"one user found": func(ctx context.Context, s *Store) (int, error) {
			list, total, err := s.Users(ctx, identity.UserFilter{Email: "user999@"}, first)
			return len(list) * size / total, err
		},
		"active users":           users(identity.UserFilter{Status: identity.UserActive}),
		"inactive users":         users(identity.UserFilter{Status: identity.UserInactive}),
		"locked users":           users(identity.UserFilter{Status: identity.UserLocked}),
		"active users found":     users(identity.UserFilter{Username: "special", Status: identity.UserActive}),
		"API keys":               apiKeys(store.APIKeyFilter{}),
		"API keys of a kind":     apiKeys(store.APIKeyFilter{Kind: identity.KeyAPI}),
		"API keys found by name": apiKeys(store.APIKeyFilter{Name: "Special"}),
		"active API keys":        apiKeys(store.APIKeyFilter{Status: identity.KeyActive}),
		"inactive API keys":      apiKeys(store.APIKeyFilter{Status: identity.KeyInactive}),
		"expired API keys":       apiKeys(store.APIKeyFilter{Status: identity.KeyExpired}),
		"members": func(ctx context.Context, s *Store) (int, error) {
			list, _, err := s.Members(ctx, 1, first)
			return len(list), err
		},
		"sessions": func(ctx context.Context, s *Store) (int, error) {
			list, _, err := s.Sessions(ctx, now, first)
			return len(list), err
		},
		"sessions of a user": func(ctx context.Context, s *Store) (int, error) {
			list, err := s.SessionsOf(ctx, 2, now)
			return len(list) * size, err
		},
		"keys": func(ctx context.Context, s *Store) (int, error) {
			list, _, err := s.SSHKeysOf(ctx, 1, first)
			return len(list), err
		},
		"counters": func(ctx context.Context, s *Store) (int, error) {
			list, err := s.Throttles(ctx, first)
			return len(list), err
		},
		"events": func(ctx context.Context, s *Store) (int, error) {
			list, err := s.AuditEvents(ctx, 0, size)
			return len(list), err
		},
		"events further down": func(ctx context.Context, s *Store) (int, error) {
			list, err := s.AuditEvents(ctx, few/2, size)
			return len(list), err
		},
	}
}

// BenchmarkLists compares lists over a thousand rows with the same lists over
// a million. The bar is a ratio of 2. Finding one user among a million is
// above it: the lists of those who share some of the characters are longer,
// which is a millisecond or two.
func BenchmarkLists(b *testing.B) {
	small, large := seeded(b, few), seeded(b, many)
	for name, list := range lists() {
		b.Run(name, func(b *testing.B) {
			var fast, slow []time.Duration
			for b.Loop() {
				fast = append(fast, timed(b, small, list))
				slow = append(slow, timed(b, large, list))
			}
			b.ReportMetric(median(slow).Seconds()/median(fast).Seconds(), "ratio")
			b.ReportMetric(float64(median(fast).Microseconds()), "µs-at-1k")
			b.ReportMetric(float64(median(slow).Microseconds()), "µs-at-1M")
		})
	}
}

func timed(b *testing.B, s *Store, list func(context.Context, *Store) (int, error)) time.Duration {
	start := time.Now()
	n, err := list(b.Context(), s)
	took := time.Since(start)
	if err != nil || n != 50 {
		b.Fatalf("%d rows, %v", n, err)
	}
	return took
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}
