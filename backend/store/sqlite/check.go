package sqlite

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Check reads every page, compares tables with their indexes, follows every
// reference and counts what the totals say. It returns ErrDamaged with what
// it found as its cause.
func (s *Store) Check(ctx context.Context) error {
	var found []string
	err := s.snapshot(ctx, "check database", func(t *tx) error {
		for _, look := range []func(*tx) ([]string, error){integrity, references, totals} {
			problems, err := look(t)
			if err != nil {
				return err
			}
			found = append(found, problems...)
		}
		return nil
	})
	if err != nil {
		return refuseFor(s.path, err)
	}
	if len(found) > 0 {
		return refuse(ErrDamaged, s.path, errors.New(strings.Join(found, "; ")))
	}
	return nil
}

func integrity(t *tx) ([]string, error) {
	problems, err := collect(t, func(r scanner) (line string, err error) {
		err = r.Scan(&line)
		return line, err
	}, "PRAGMA integrity_check(20)")
	if len(problems) == 1 && problems[0] == "ok" {
		problems = nil
	}
	return problems, err
}

func references(t *tx) ([]string, error) {
	return collect(t, func(r scanner) (string, error) {
		var table, parent string
		var row, key any
		err := r.Scan(&table, &row, &parent, &key)
		return fmt.Sprintf("row %v of %s refers to nothing in %s", row, table, parent), err
	}, "PRAGMA foreign_key_check")
}

func totals(t *tx) ([]string, error) {
	return collect(t, func(r scanner) (string, error) {
		var what string
		var said, counted int
		err := r.Scan(&what, &said, &counted)
		return fmt.Sprintf("the total of %s is %d, not %d", what, counted, said), err
	}, `SELECT what, said, counted FROM (
			SELECT 'users' AS what, users AS said, (SELECT count(*) FROM users) AS counted FROM totals
			UNION ALL
			SELECT 'disabled users', disabled_users, (SELECT count(*) FROM users WHERE disabled) FROM totals
			UNION ALL
			SELECT 'users to search in', (SELECT count(*) FROM users_search_docsize), users FROM totals
			UNION ALL
			SELECT 'keys', api_keys + dev_keys, (SELECT count(*) FROM api_keys) FROM totals
			UNION ALL
			SELECT 'API keys', api_keys, (SELECT count(*) FROM api_keys WHERE kind = 'api') FROM totals
			UNION ALL
			SELECT 'keys to search in', (SELECT count(*) FROM api_keys_search_docsize), api_keys + dev_keys FROM totals
			UNION ALL
			SELECT 'live sessions', live_sessions,
				(SELECT count(*) FROM sessions WHERE ended_at = 0 AND expires_at > counted_at) FROM totals
			UNION ALL
			SELECT 'SSH keys of user ' || id, ssh_keys,
				(SELECT count(*) FROM ssh_keys WHERE user_id = users.id) FROM users
			UNION ALL
			SELECT 'API keys of user ' || id, api_keys,
				(SELECT count(*) FROM api_keys WHERE user_id = users.id AND kind = 'api') FROM users
			UNION ALL
			SELECT 'dev keys of user ' || id, dev_keys,
				(SELECT count(*) FROM api_keys WHERE user_id = users.id AND kind = 'dev') FROM users
			UNION ALL
			SELECT 'users of role ' || id, users,
				(SELECT count(*) FROM user_roles WHERE role_id = roles.id) FROM roles
		) AS t WHERE said <> counted LIMIT 20`)
}
