package account

import (
	"context"
	"log/slog"
	"time"

	"latchkey/backend/credential/password"
	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
)

// TemporaryFor is how long a temporary password can be used.
const TemporaryFor = 24 * time.Hour

// A Reset is a temporary password, and whether it was sent to its owner.
type Reset struct {
	Password secret.Text
	Sent     bool
}

// ResetPassword gives a user a temporary password, which ends their sessions
// and must be changed before anything else works. It is sent to their e-mail
// address if that is asked for and can be done; it is returned in any case.
// Returns ErrUserNotFound, ErrOwnProfile, ErrGuestPassword, ErrMoreThanYou.
func (s *Service) ResetPassword(ctx context.Context, id identity.UserID, send bool, o identity.Origin) (Reset, error) {
	if o.Actor == id {
		return Reset{}, ErrOwnProfile
	}
	made := password.Make(s.Env)
	text, must, until := made.Reveal(), true, s.Env.Now().Add(TemporaryFor)
	u, err := s.UpdateUser(ctx, id, UserChange{Password: &text, MustChange: &must, temporary: until}, o)
	if err != nil {
		return Reset{}, err
	}
	s.Audit.Record(o.Event(identity.AuditPasswordReset, target(id)))
	return Reset{made, send && s.mail(ctx, u, made)}, nil
}

// mail sends a temporary password, and reports whether that was done.
func (s *Service) mail(ctx context.Context, u identity.User, made secret.Text) bool {
	if s.Mail == nil || u.Email == "" {
		return false
	}
	if err := s.Mail.SendTemporaryPassword(ctx, u.Email, u.Username, made); err != nil {
		s.Log.ErrorContext(ctx, "send temporary password", slog.Int64("user", int64(u.ID)), slog.Any("err", err))
		return false
	}
	return true
}
