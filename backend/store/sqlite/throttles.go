package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"latchkey/backend/identity"
)

const (
	selectThrottles = `
	SELECT scope, account, address, failures, reserved, locked_until, locked_for, needs_unlock, updated_at
	FROM throttles `
	throttleByKey = selectThrottles + "WHERE scope = ? AND account = ? AND address = ?"
	throttlePage  = selectThrottles + `WHERE id IN (
			SELECT id FROM throttles ORDER BY updated_at DESC, id DESC LIMIT ? OFFSET ?)
		ORDER BY updated_at DESC, id DESC`
)

// UpdateThrottles implements store.Throttles.
func (s *Store) UpdateThrottles(ctx context.Context, keys []identity.ThrottleKey, change func([]identity.Throttle) error) error {
	return s.write(ctx, "update failure counters", func(t *tx) error {
		list := make([]identity.Throttle, len(keys))
		for i, key := range keys {
			var err error
			if list[i], err = throttleOf(t, key); err != nil {
				return err
			}
		}
		before := append([]identity.Throttle(nil), list...)
		if err := change(list); err != nil {
			return err
		}
		for i, key := range keys {
			if list[i] == before[i] {
				continue
			}
			if err := saveThrottle(t, key, list[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// renameThrottles gives the counters of an account its new name. What was
// counted for the name while nobody had it is dropped.
func renameThrottles(t *tx, from, to identity.Username) error {
	if from == to {
		return nil
	}
	if _, err := t.exec("DELETE FROM throttles WHERE account = ?", to); err != nil {
		return err
	}
	_, err := t.exec("UPDATE throttles SET account = ? WHERE account = ?", to, from)
	return err
}

// throttleOf returns a counter, zero but for its key if there is none.
func throttleOf(t *tx, key identity.ThrottleKey) (identity.Throttle, error) {
	c, err := scanThrottle(t.row(throttleByKey, key.Scope, key.Account, key.Address))
	if errors.Is(err, sql.ErrNoRows) {
		return identity.Throttle{Key: key}, nil
	}
	return c, err
}

// saveThrottle keeps a counter that says something, and removes one that does not.
func saveThrottle(t *tx, key identity.ThrottleKey, c identity.Throttle) error {
	if c.Failures == 0 && c.Reserved == 0 && c.LockedUntil.IsZero() && !c.NeedsUnlock {
		_, err := t.exec("DELETE FROM throttles WHERE scope = ? AND account = ? AND address = ?",
			key.Scope, key.Account, key.Address)
		return err
	}
	_, err := t.exec(`INSERT INTO throttles (scope, account, address,
			failures, reserved, locked_until, locked_for, needs_unlock, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (scope, account, address) DO UPDATE SET
			failures = excluded.failures, reserved = excluded.reserved, locked_until = excluded.locked_until,
			locked_for = excluded.locked_for, needs_unlock = excluded.needs_unlock, updated_at = excluded.updated_at`,
		key.Scope, key.Account, key.Address, c.Failures, c.Reserved, micros(c.LockedUntil),
		c.LockedFor.Microseconds(), c.NeedsUnlock, micros(c.UpdatedAt))
	return err
}

// AccountThrottles implements store.Throttles. The counters do not depend on
// each other, so they need not be of one moment.
func (s *Store) AccountThrottles(ctx context.Context, accounts []string) (list []identity.Throttle, err error) {
	err = s.find(ctx, "find failure counters of accounts", func(t *tx) error {
		list = []identity.Throttle{}
		for _, account := range slices.Compact(slices.Sorted(slices.Values(accounts))) {
			found, err := collect(t, scanThrottle, throttleByKey, identity.ThrottleAccount, account, "")
			if err != nil {
				return err
			}
			list = append(list, found...)
		}
		return nil
	})
	return list, err
}

// Throttles implements store.Throttles.
func (s *Store) Throttles(ctx context.Context, p identity.Page) (list []identity.Throttle, err error) {
	err = s.snapshot(ctx, "list failure counters", func(t *tx) (err error) {
		limit, offset := bounds(p)
		list, err = collect(t, scanThrottle, throttlePage, limit, offset)
		return err
	})
	return list, err
}

// ClearThrottles implements store.Throttles.
func (s *Store) ClearThrottles(ctx context.Context, account string) (n int, err error) {
	err = s.write(ctx, "clear failure counters", func(t *tx) (err error) {
		if account == "" {
			n, err = t.exec("DELETE FROM throttles")
			return err
		}
		n, err = t.exec("DELETE FROM throttles WHERE account = ?", account)
		return err
	})
	return n, err
}

// SettleThrottles implements store.Throttles.
func (s *Store) SettleThrottles(ctx context.Context) error {
	return s.write(ctx, "settle failure counters", func(t *tx) error {
		_, err := t.exec("UPDATE throttles SET failures = failures + reserved, reserved = 0 WHERE reserved > 0")
		return err
	})
}

// PurgeThrottles implements store.Throttles. A counter is locked if it awaits
// an unlock or its lock reaches beyond before.
func (s *Store) PurgeThrottles(ctx context.Context, before time.Time, max int) (n int, err error) {
	err = s.write(ctx, "purge failure counters", func(t *tx) error {
		old, err := t.exec(`DELETE FROM throttles
			WHERE updated_at < ? AND needs_unlock = ? AND locked_until <= ?`, micros(before), false, micros(before))
		if err != nil {
			return err
		}
		surplus, err := t.exec(`DELETE FROM throttles WHERE id IN (
				SELECT id FROM throttles WHERE needs_unlock = ? AND locked_until <= ?
				ORDER BY updated_at DESC, id DESC LIMIT ? OFFSET ?)`,
			false, micros(before), int64(all), max)
		n = old + surplus
		return err
	})
	return n, err
}

func scanThrottle(r scanner) (c identity.Throttle, err error) {
	err = r.Scan(&c.Key.Scope, &c.Key.Account, &c.Key.Address, &c.Failures, &c.Reserved,
		(*stamp)(&c.LockedUntil), (*span)(&c.LockedFor), &c.NeedsUnlock, (*stamp)(&c.UpdatedAt))
	return c, err
}
