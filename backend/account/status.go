package account

import (
	"context"
	"net/netip"

	"latchkey/backend/identity"
)

// Statuses tells what has become of some accounts, in their order.
func (s *Service) Statuses(ctx context.Context, users []identity.User) ([]identity.UserStatus, error) {
	names := make([]string, len(users))
	for i, u := range users {
		names[i] = string(u.Username)
	}
	locked, err := s.Locks.Locked(ctx, names)
	out := make([]identity.UserStatus, len(users))
	for i, u := range users {
		switch {
		case !u.Admits(s.Env.Now(), netip.Addr{}):
			out[i] = identity.UserInactive
		case locked[names[i]]:
			out[i] = identity.UserLocked
		default:
			out[i] = identity.UserActive
		}
	}
	return out, err
}

// shuts reports whether the change keeps somebody out.
func (c UserChange) shuts() bool {
	return c.Disabled != nil && *c.Disabled || c.Status != nil && *c.Status != identity.UserActive
}

// lockAs locks an account, or clears its locks. Nobody clears their own: that
// would forget their failures, and whoever stole a token could go on guessing
// its owner's password.
func (s *Service) lockAs(ctx context.Context, u identity.User, want *identity.UserStatus, o identity.Origin) error {
	if want == nil || o.Actor == u.ID {
		return nil
	}
	var err error
	switch *want {
	case identity.UserLocked:
		if err = s.Locks.Lock(ctx, string(u.Username)); err == nil {
			s.Audit.Record(o.Event(identity.AuditLocked, target(u.ID)))
		}
	case identity.UserActive:
		var n int
		if n, err = s.Locks.Clear(ctx, string(u.Username)); err == nil && n > 0 {
			s.Audit.Record(o.Event(identity.AuditUnlocked, target(u.ID)))
		}
	case identity.UserInactive:
	}
	return err
}
