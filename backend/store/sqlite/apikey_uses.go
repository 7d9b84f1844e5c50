package sqlite

import (
	"context"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

const (
	usageSums      = "SELECT coalesce(sum(requests), 0), coalesce(sum(errors), 0) FROM api_key_uses WHERE key_id = ? AND day >= ?"
	usageDays      = "SELECT day, sum(requests) FROM api_key_uses WHERE key_id = ? AND day >= ? GROUP BY day ORDER BY day"
	usageEndpoints = `SELECT endpoint, sum(requests) AS total FROM api_key_uses WHERE key_id = ? AND day >= ?
		GROUP BY endpoint ORDER BY total DESC, endpoint LIMIT ?`
	purgeUses    = "DELETE FROM api_key_uses WHERE day < ?"
	purgeDevKeys = "DELETE FROM api_keys WHERE kind = ? AND expires_at > 0 AND expires_at < ?"
)

// RecordKeyUses implements store.APIKeys.
func (s *Store) RecordKeyUses(ctx context.Context, counts []identity.KeyUse, last []store.KeyLastUse) error {
	if len(counts)+len(last) == 0 {
		return nil
	}
	return s.write(ctx, "record uses of api keys", func(t *tx) error {
		for _, c := range counts {
			_, err := t.exec(`INSERT INTO api_key_uses (key_id, day, endpoint, requests, errors)
				SELECT id, ?, ?, ?, ? FROM api_keys WHERE id = ?
				ON CONFLICT (key_id, day, endpoint) DO UPDATE SET
					requests = api_key_uses.requests + excluded.requests, errors = api_key_uses.errors + excluded.errors`,
				micros(c.Day), c.Endpoint, c.Requests, c.Errors, c.Key)
			if err != nil {
				return err
			}
		}
		for _, l := range last {
			_, err := t.exec("UPDATE api_keys SET last_used_at = ?, last_address = ? WHERE id = ? AND last_used_at <= ?",
				micros(l.At), addrText(l.Address), l.Key, micros(l.At))
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// KeyUsage implements store.APIKeys.
func (s *Store) KeyUsage(ctx context.Context, id identity.APIKeyID, from time.Time, endpoints int) (out identity.KeyUsage, err error) {
	err = s.snapshot(ctx, "sum up uses of api key", func(t *tx) (err error) {
		if err := t.row(usageSums, id, micros(from)).Scan(&out.Requests, &out.Errors); err != nil {
			return err
		}
		if out.Days, err = collect(t, scanDayCount, usageDays, id, micros(from)); err != nil {
			return err
		}
		out.Endpoints, err = collect(t, scanEndpointCount, usageEndpoints, id, micros(from), max(endpoints, 0))
		return err
	})
	return out, err
}

// PurgeKeyUses implements store.APIKeys.
func (s *Store) PurgeKeyUses(ctx context.Context, before time.Time) (n int, err error) {
	err = s.write(ctx, "purge uses of api keys", func(t *tx) error {
		uses, err := t.exec(purgeUses, micros(before))
		if err != nil {
			return err
		}
		keys, err := t.exec(purgeDevKeys, identity.KeyDev, micros(before))
		n = uses + keys
		t.changed = keys > 0
		return err
	})
	return n, err
}

func scanDayCount(r scanner) (c identity.DayCount, err error) {
	err = r.Scan((*stamp)(&c.Day), &c.Requests)
	return c, err
}

func scanEndpointCount(r scanner) (c identity.EndpointCount, err error) {
	err = r.Scan(&c.Endpoint, &c.Requests)
	return c, err
}
