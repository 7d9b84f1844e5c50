package apikey

import (
	"context"
	"errors"

	"latchkey/backend/identity"
	"latchkey/backend/session"
	"latchkey/backend/store"
)

// maxKnown bounds the keys that are held in memory.
const maxKnown = 10_000

// known is a key as it was at a version of the store.
type known struct {
	version uint64
	key     identity.APIKey
}

// Find returns the key of a kind that a text is, if it can be used now.
// Returns ErrInvalid, ErrExpired or ErrDisabled.
func (s *Service) Find(ctx context.Context, kind identity.KeyKind, text string) (identity.APIKey, error) {
	if is, err := ParseText(text); err != nil || is != kind {
		return identity.APIKey{}, ErrInvalid
	}
	k, err := s.lookUp(ctx, hashOf(text))
	switch {
	case errors.Is(err, store.ErrNotFound) || err == nil && k.Kind != kind:
		return identity.APIKey{}, ErrInvalid
	case err != nil:
		return identity.APIKey{}, err
	}
	switch k.Status(s.Env.Now()) {
	case identity.KeyExpired:
		return k, ErrExpired
	case identity.KeyInactive:
		return k, ErrDisabled
	case identity.KeyActive:
	}
	return k, nil
}

// lookUp finds a key by the hash of its text, which is the proof of holding
// it: nobody can make a text for a hash, so a look-up by index tells nothing.
func (s *Service) lookUp(ctx context.Context, hash identity.SecretHash) (identity.APIKey, error) {
	version := s.Store.Version() // before reading, so that a change in between is seen
	s.mu.RLock()
	found, ok := s.known[hash]
	s.mu.RUnlock()
	if ok && found.version == version {
		return found.key, nil
	}
	k, err := s.Store.APIKeyByHash(ctx, hash)
	if err != nil {
		return k, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.known) >= maxKnown {
		clear(s.known)
	}
	s.known[hash] = known{version, k}
	return k, nil
}

// Authenticate tells who acts with a key of a kind: its owner as they are now,
// limited to what an API key is for. Returns what Find does, and
// session.ErrUserDisabled, ErrUserExpired, ErrAddressRefused or ErrUserGone.
func (s *Service) Authenticate(ctx context.Context, kind identity.KeyKind, text string, c session.Client) (identity.Principal, error) {
	k, err := s.Find(ctx, kind, text)
	if err != nil {
		return identity.Principal{}, err
	}
	p, err := s.People.Principal(ctx, k.User)
	if errors.Is(err, store.ErrNotFound) {
		return identity.Principal{}, session.ErrUserGone
	}
	if err == nil {
		err = session.Admit(p.User, s.Env.Now(), c.Address)
	}
	p.Key = identity.KeyAct{ID: k.ID, Kind: k.Kind, Limit: k.Permissions}
	p.Factors, p.SignedInAt = s.factors, k.CreatedAt
	return p, err
}
