package token

import (
	"crypto/sha256"
	"sync"
	"time"
)

// maxVerified bounds the tokens that are remembered as genuine.
const maxVerified = 10_000

// verified remembers, by their hash, tokens whose signature and claims were
// found good under one ring of keys. Reading a JWT is most of what a request
// would cost otherwise; BenchmarkParse shows how much. Time goes on, so when a
// token expires is kept and asked each time.
type verified struct {
	mu     sync.RWMutex
	key    string // id of the newest key of that ring
	tokens map[verifiedKey]genuine
}

// verifiedKey is a hash of audience and token, so that memory holds no token.
type verifiedKey [sha256.Size]byte

type genuine struct {
	claims          Claims
	issued, expires time.Time
}

// inTime returns ErrExpired for a token whose time has run out, and ErrInvalid
// for one from the future: a token that was issued before the clock was set
// back must not live longer for it.
func (g genuine) inTime(now time.Time) error {
	switch {
	case !now.Before(g.expires):
		return ErrExpired
	case g.issued.After(now.Add(maxAhead)):
		return ErrInvalid
	}
	return nil
}

func keyOf(raw, audience string) verifiedKey {
	return sha256.Sum256([]byte(audience + "\x00" + raw))
}

func (v *verified) find(r *ring, k verifiedKey) (genuine, bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if v.key != r.current.id {
		return genuine{}, false
	}
	g, ok := v.tokens[k]
	return g, ok
}

func (v *verified) add(r *ring, k verifiedKey, g genuine) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.key != r.current.id || len(v.tokens) >= maxVerified {
		v.key, v.tokens = r.current.id, map[verifiedKey]genuine{}
	}
	v.tokens[k] = g
}
