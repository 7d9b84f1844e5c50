package sqlite

import (
	"context"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

// SaveRecoveryCodes implements store.TOTPs.
func (s *Store) SaveRecoveryCodes(ctx context.Context, user identity.UserID, recovery []store.RecoveryHash) error {
	return s.write(ctx, "save recovery codes", func(t *tx) error {
		t.changed = true
		if _, err := t.exec("DELETE FROM recovery_codes WHERE user_id = ?", user); err != nil {
			return err
		}
		return addRecoveryCodes(t, user, recovery)
	})
}

func addRecoveryCodes(t *tx, user identity.UserID, recovery []store.RecoveryHash) error {
	for _, h := range recovery {
		_, err := t.exec("INSERT INTO recovery_codes (user_id, hash) VALUES (?, ?) ON CONFLICT DO NOTHING", user, h[:])
		if err != nil {
			return referring(store.ErrNotFound, err)
		}
	}
	return nil
}

// SpendRecoveryCode implements store.TOTPs.
func (s *Store) SpendRecoveryCode(ctx context.Context, user identity.UserID, h store.RecoveryHash) error {
	return s.write(ctx, "spend recovery code", func(t *tx) error {
		n, err := t.exec("DELETE FROM recovery_codes WHERE user_id = ? AND hash = ?", user, h[:])
		if err == nil && n == 0 {
			return store.ErrNotFound
		}
		return err
	})
}

// RecoveryCodesLeft implements store.TOTPs.
func (s *Store) RecoveryCodesLeft(ctx context.Context, user identity.UserID) (n int, err error) {
	err = s.find(ctx, "count recovery codes", func(t *tx) error {
		return t.row("SELECT count(*) FROM recovery_codes WHERE user_id = ?", user).Scan(&n)
	})
	return n, err
}
