package testkit

import (
	"context"
	"sync"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

// A Store is a real one that counts the calls that signing in and acting make,
// by the name of the method, and can make them fail. Calls that it does not
// know go through uncounted.
type Store struct {
	store.Store

	mu    sync.Mutex
	calls map[string]int
	fail  func(method string) error
}

// FailWith makes each counted call ask fail first, which gets the name of the
// method; nil goes back to normal.
func (s *Store) FailWith(fail func(method string) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = fail
}

// Calls returns how often each method was called since the last time.
func (s *Store) Calls() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls := s.calls
	s.calls = nil
	return calls
}

func (s *Store) enter(method string) error {
	s.mu.Lock()
	fail := s.fail
	if s.calls == nil {
		s.calls = map[string]int{}
	}
	s.calls[method]++
	s.mu.Unlock()
	if fail == nil {
		return nil
	}
	return fail(method)
}

// ask makes a counted call that answers something.
func ask[T any](s *Store, method string, call func() (T, error)) (T, error) {
	if err := s.enter(method); err != nil {
		var none T
		return none, err
	}
	return call()
}

// do makes a counted call that answers nothing.
func do(s *Store, method string, call func() error) error {
	if err := s.enter(method); err != nil {
		return err
	}
	return call()
}

// User implements store.Users.
func (s *Store) User(ctx context.Context, id identity.UserID) (identity.User, error) {
	return ask(s, "User", func() (identity.User, error) { return s.Store.User(ctx, id) })
}

// UserByName implements store.Users.
func (s *Store) UserByName(ctx context.Context, name identity.Username) (identity.User, error) {
	return ask(s, "UserByName", func() (identity.User, error) { return s.Store.UserByName(ctx, name) })
}

// UpdateUser implements store.Users.
func (s *Store) UpdateUser(ctx context.Context, id identity.UserID, change func(identity.User) (identity.User, error)) (identity.User, error) {
	return ask(s, "UpdateUser", func() (identity.User, error) { return s.Store.UpdateUser(ctx, id, change) })
}

// Role implements store.Roles.
func (s *Store) Role(ctx context.Context, id identity.RoleID) (identity.Role, error) {
	return ask(s, "Role", func() (identity.Role, error) { return s.Store.Role(ctx, id) })
}

// OpenSession implements store.Sessions.
func (s *Store) OpenSession(ctx context.Context, o store.OpenSession) (identity.Session, error) {
	return ask(s, "OpenSession", func() (identity.Session, error) { return s.Store.OpenSession(ctx, o) })
}

// Session implements store.Sessions.
func (s *Store) Session(ctx context.Context, id identity.SessionID) (identity.Session, error) {
	return ask(s, "Session", func() (identity.Session, error) { return s.Store.Session(ctx, id) })
}

// AccessToken implements store.Sessions.
func (s *Store) AccessToken(ctx context.Context, id identity.TokenID) (identity.AccessToken, error) {
	return ask(s, "AccessToken", func() (identity.AccessToken, error) { return s.Store.AccessToken(ctx, id) })
}

// EndSession implements store.Sessions.
func (s *Store) EndSession(ctx context.Context, id identity.SessionID, why identity.EndReason, at time.Time) error {
	return do(s, "EndSession", func() error { return s.Store.EndSession(ctx, id, why, at) })
}

// EndAccessToken implements store.Sessions.
func (s *Store) EndAccessToken(ctx context.Context, id identity.TokenID, why identity.EndReason, at time.Time) error {
	return do(s, "EndAccessToken", func() error { return s.Store.EndAccessToken(ctx, id, why, at) })
}

// TouchSessions implements store.Sessions.
func (s *Store) TouchSessions(ctx context.Context, list []store.Activity) error {
	return do(s, "TouchSessions", func() error { return s.Store.TouchSessions(ctx, list) })
}

// UserByEmail implements store.Users.
func (s *Store) UserByEmail(ctx context.Context, email identity.Email) (identity.User, error) {
	return ask(s, "UserByEmail", func() (identity.User, error) { return s.Store.UserByEmail(ctx, email) })
}

// UpdateAccessToken implements store.Sessions.
func (s *Store) UpdateAccessToken(ctx context.Context, id identity.TokenID, change func(identity.AccessToken) (identity.AccessToken, error)) (identity.AccessToken, error) {
	return ask(s, "UpdateAccessToken", func() (identity.AccessToken, error) { return s.Store.UpdateAccessToken(ctx, id, change) })
}

// APIKeyByHash implements store.APIKeys.
func (s *Store) APIKeyByHash(ctx context.Context, hash identity.SecretHash) (identity.APIKey, error) {
	return ask(s, "APIKeyByHash", func() (identity.APIKey, error) { return s.Store.APIKeyByHash(ctx, hash) })
}

// RecordKeyUses implements store.APIKeys.
func (s *Store) RecordKeyUses(ctx context.Context, counts []identity.KeyUse, last []store.KeyLastUse) error {
	return do(s, "RecordKeyUses", func() error { return s.Store.RecordKeyUses(ctx, counts, last) })
}

// TOTP implements store.TOTPs.
func (s *Store) TOTP(ctx context.Context, user identity.UserID) (identity.TOTP, error) {
	return ask(s, "TOTP", func() (identity.TOTP, error) { return s.Store.TOTP(ctx, user) })
}

// SaveTOTP implements store.TOTPs.
func (s *Store) SaveTOTP(ctx context.Context, t identity.TOTP, recovery []store.RecoveryHash) error {
	return do(s, "SaveTOTP", func() error { return s.Store.SaveTOTP(ctx, t, recovery) })
}

// SpendTOTPStep implements store.TOTPs.
func (s *Store) SpendTOTPStep(ctx context.Context, user identity.UserID, step int64) error {
	return do(s, "SpendTOTPStep", func() error { return s.Store.SpendTOTPStep(ctx, user, step) })
}

// SpendRecoveryCode implements store.TOTPs.
func (s *Store) SpendRecoveryCode(ctx context.Context, user identity.UserID, code store.RecoveryHash) error {
	return do(s, "SpendRecoveryCode", func() error { return s.Store.SpendRecoveryCode(ctx, user, code) })
}

// UpdateThrottles implements store.Throttles.
func (s *Store) UpdateThrottles(ctx context.Context, keys []identity.ThrottleKey, change func([]identity.Throttle) error) error {
	return do(s, "UpdateThrottles", func() error { return s.Store.UpdateThrottles(ctx, keys, change) })
}

// AppendAudit implements store.Audit.
func (s *Store) AppendAudit(ctx context.Context, events []identity.AuditEvent) error {
	return do(s, "AppendAudit", func() error { return s.Store.AppendAudit(ctx, events) })
}

// Setting implements store.Settings.
func (s *Store) Setting(ctx context.Context, name string) ([]byte, error) {
	return ask(s, "Setting", func() ([]byte, error) { return s.Store.Setting(ctx, name) })
}
