package password

import (
	"context"
	"crypto/subtle"
	"runtime/debug"
	"sync/atomic"

	"golang.org/x/crypto/argon2"

	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
)

// A Hasher makes and checks stored passwords, a few at a time. Its methods may
// be called from many goroutines.
type Hasher struct {
	env    env.Env
	gate   *gate
	params atomic.Pointer[Params]
}

// NewHasher returns a hasher that makes hashes with p and runs at most gate of
// them at once. Behind those it lets 64 callers wait for at most 5 s each.
// Parameters come from Floor, Tuned or ParseParams; tests may pass cheaper
// ones.
func NewHasher(e env.Env, p Params, gate int) *Hasher {
	// The memory of past hashes goes back to the operating system as soon as
	// there are no more, for which the runtime by itself takes minutes.
	h := &Hasher{env: e, gate: newGate(gate, debug.FreeOSMemory)}
	h.SetParams(p)
	return h
}

// Params returns what a new hash costs.
func (h *Hasher) Params() Params { return *h.params.Load() }

// SetParams changes what a new hash costs.
func (h *Hasher) SetParams(p Params) { h.params.Store(&p) }

// Hash returns a new stored form of a password. It returns an Unavailable
// error with code busy when too many hashes are under way; ctx ends the wait,
// not the hash.
func (h *Hasher) Hash(ctx context.Context, d Digest) (identity.PasswordHash, error) {
	if err := h.gate.enter(ctx); err != nil {
		return "", err
	}
	defer h.gate.leave()
	r := record{params: h.Params(), salt: h.env.Bytes(saltLen)}
	r.tag = r.params.tag(d, r.salt, tagLen)
	return r.encode(), nil
}

// A Verdict is the outcome of checking a password.
type Verdict struct {
	OK    bool
	Stale bool // it fits, but its hash costs other than what a new one does: hash it again
}

// Verify reports whether d fits a stored hash. Without one (an unknown user,
// or one without a password) it does the same work and finds no fit.
//
// An Unavailable error with code busy means that nothing was checked. The
// other error is ErrCorrupt, which is for the log only: the work was done and
// there is no fit.
func (h *Hasher) Verify(ctx context.Context, stored identity.PasswordHash, d Digest) (Verdict, error) {
	if err := h.gate.enter(ctx); err != nil {
		return Verdict{}, err
	}
	defer h.gate.leave()
	current := h.Params()
	r, err := parseRecord(stored)
	if err != nil || d.IsZero() {
		current.tag(d, make([]byte, saltLen), tagLen)
		if stored == "" {
			err = nil
		}
		return Verdict{}, err
	}
	ok := subtle.ConstantTimeCompare(r.params.tag(d, r.salt, len(r.tag)), r.tag) == 1
	stale := r.params != current || len(r.salt) != saltLen || len(r.tag) != tagLen
	return Verdict{OK: ok, Stale: ok && stale}, nil
}

// tag is where the time goes.
func (p Params) tag(d Digest, salt []byte, length int) []byte {
	return argon2.IDKey([]byte(d.Reveal()), salt, p.Passes, p.MemoryKiB, p.Lanes, uint32(length))
}
