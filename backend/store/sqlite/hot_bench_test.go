package sqlite

import (
	"context"
	"fmt"
	"testing"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

// BenchmarkHot measures what each request or sign-in does. Those that write
// wait for the disk.
func BenchmarkHot(b *testing.B) {
	s := seeded(b, few)
	session, token := identity.SessionID(fmt.Sprintf("%032x", 2*7919)), identity.TokenID(fmt.Sprintf("t%031x", 2*7919))
	keys := []identity.ThrottleKey{{Scope: identity.ThrottlePair, Account: "ann"}, {Scope: identity.ThrottleAccount, Account: "ann"}}
	for _, bench := range []struct {
		name string
		do   func(ctx context.Context, n int) error
	}{
		{"Version", func(context.Context, int) error { s.Version(); return nil }},
		{"AccessToken", func(ctx context.Context, _ int) error { _, err := s.AccessToken(ctx, token); return err }},
		{"Session", func(ctx context.Context, _ int) error { _, err := s.Session(ctx, session); return err }},
		{"User", func(ctx context.Context, n int) error { _, err := s.User(ctx, identity.UserID(1+n%9)); return err }},
		{"SSHKeyByFingerprint", func(ctx context.Context, n int) error {
			_, err := s.SSHKeyByFingerprint(ctx, 1, identity.Fingerprint(fmt.Sprint("SHA256:", 1+n%9)))
			return err
		}},
		{"UpdateThrottles", func(ctx context.Context, n int) error {
			return s.UpdateThrottles(ctx, keys, func(list []identity.Throttle) error {
				list[0].Failures, list[1].Reserved = n+1, n+1
				return nil
			})
		}},
		{"OpenSession", func(ctx context.Context, n int) error {
			_, err := s.OpenSession(ctx, store.OpenSession{
				New:    identity.Session{ID: identity.SessionID(fmt.Sprint("s", n)), User: 1, CreatedAt: time.UnixMicro(seededAt)},
				Device: fmt.Sprint(n),
				Token:  identity.AccessToken{ID: identity.TokenID(fmt.Sprint("t", n)), User: 1, ExpiresAt: time.UnixMicro(4)},
			})
			return err
		}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			ctx, cancel := context.WithCancel(b.Context()) // as a request's context is
			defer cancel()
			for n := 0; b.Loop(); n++ {
				if err := bench.do(ctx, n); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
