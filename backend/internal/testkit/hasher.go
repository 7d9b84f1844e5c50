package testkit

import (
	"context"
	"sync/atomic"

	"latchkey/backend/credential/password"
	"latchkey/backend/identity"
)

// A Hasher is the real one, and counts what it is asked.
type Hasher struct {
	*password.Hasher
	// During, if it is set before the core is used, runs inside each
	// verification, before the real one.
	During func()

	verified, hashed atomic.Int64
}

// Verified says how often a password was checked.
func (h *Hasher) Verified() int { return int(h.verified.Load()) }

// Hashed says how often a password was hashed to be stored.
func (h *Hasher) Hashed() int { return int(h.hashed.Load()) }

// Verify counts and checks.
func (h *Hasher) Verify(ctx context.Context, stored identity.PasswordHash, d password.Digest) (password.Verdict, error) {
	h.verified.Add(1)
	if h.During != nil {
		h.During()
	}
	return h.Hasher.Verify(ctx, stored, d)
}

// Hash counts and hashes.
func (h *Hasher) Hash(ctx context.Context, d password.Digest) (identity.PasswordHash, error) {
	h.hashed.Add(1)
	return h.Hasher.Hash(ctx, d)
}
