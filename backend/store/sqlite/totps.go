package sqlite

import (
	"context"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

// TOTP implements store.TOTPs.
func (s *Store) TOTP(ctx context.Context, user identity.UserID) (f identity.TOTP, err error) {
	err = s.find(ctx, "find second factor", func(t *tx) error {
		return t.row("SELECT user_id, sealed_secret, last_used_step, enabled_at FROM totps WHERE user_id = ?", user).
			Scan(&f.User, &f.SealedSecret, &f.LastUsedStep, (*stamp)(&f.EnabledAt))
	})
	return f, err
}

// SaveTOTP implements store.TOTPs.
func (s *Store) SaveTOTP(ctx context.Context, f identity.TOTP, recovery []store.RecoveryHash) error {
	return s.write(ctx, "save second factor", func(t *tx) error {
		t.changed = true
		if err := removeFactor(t, f.User); err != nil {
			return err
		}
		_, err := t.exec("INSERT INTO totps (user_id, sealed_secret, last_used_step, enabled_at) VALUES (?, ?, ?, ?)",
			f.User, f.SealedSecret, f.LastUsedStep, micros(f.EnabledAt))
		if err != nil {
			return referring(store.ErrNotFound, err)
		}
		return addRecoveryCodes(t, f.User, recovery)
	})
}

// SpendTOTPStep implements store.TOTPs.
func (s *Store) SpendTOTPStep(ctx context.Context, user identity.UserID, step int64) error {
	return s.write(ctx, "spend time step", func(t *tx) error {
		n, err := t.exec("UPDATE totps SET last_used_step = ? WHERE user_id = ? AND last_used_step < ?", step, user, step)
		if err != nil || n == 1 {
			return err
		}
		var newest int64
		if err := t.row("SELECT last_used_step FROM totps WHERE user_id = ?", user).Scan(&newest); err != nil {
			return err
		}
		return store.ErrExists
	})
}

// DeleteTOTP implements store.TOTPs.
func (s *Store) DeleteTOTP(ctx context.Context, user identity.UserID) error {
	return s.write(ctx, "delete second factor", func(t *tx) error {
		t.changed = true
		return removeFactor(t, user)
	})
}

// removeFactor removes all that belongs to a user's second factor.
func removeFactor(t *tx, user identity.UserID) error {
	for _, query := range []string{
		"DELETE FROM totps WHERE user_id = ?",
		"DELETE FROM pending_totps WHERE user_id = ?",
		"DELETE FROM recovery_codes WHERE user_id = ?",
	} {
		if _, err := t.exec(query, user); err != nil {
			return err
		}
	}
	return nil
}

// SavePendingTOTP implements store.TOTPs.
func (s *Store) SavePendingTOTP(ctx context.Context, p identity.PendingTOTP) error {
	return s.write(ctx, "save pending second factor", func(t *tx) error {
		if _, err := t.exec("DELETE FROM pending_totps WHERE user_id = ?", p.User); err != nil {
			return err
		}
		_, err := t.exec("INSERT INTO pending_totps (user_id, sealed_secret, created_at) VALUES (?, ?, ?)",
			p.User, p.SealedSecret, micros(p.CreatedAt))
		return referring(store.ErrNotFound, err)
	})
}

// PendingTOTP implements store.TOTPs.
func (s *Store) PendingTOTP(ctx context.Context, user identity.UserID) (p identity.PendingTOTP, err error) {
	err = s.find(ctx, "find pending second factor", func(t *tx) error {
		return t.row("SELECT user_id, sealed_secret, created_at FROM pending_totps WHERE user_id = ?", user).
			Scan(&p.User, &p.SealedSecret, (*stamp)(&p.CreatedAt))
	})
	return p, err
}
