package session

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/netip"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/store"
	"latchkey/backend/token"
)

// maxLive bounds the tokens whose state is held in memory.
const maxLive = 10_000

// live is a token that was good for an audience at a version of the store.
type live struct {
	version  uint64
	audience identity.Audience
	asked    time.Time            // when the store was
	token    identity.AccessToken // its ExpiresAt is the end of the text, or of what is known of it
}

// good reports whether the token is still known to be good.
func (l live) good(version uint64, audience identity.Audience, now time.Time) bool {
	return l.version == version && l.audience == audience && !now.Before(l.asked) && now.Before(l.token.ExpiresAt)
}

// Authenticate tells who acts with an access token, and notes their activity.
// Returns token.ErrInvalid, token.ErrExpired, ErrEnded, ErrPasswordChanged,
// ErrUserDisabled, ErrUserExpired, ErrAddressRefused or ErrUserGone.
func (s *Service) Authenticate(ctx context.Context, raw string, audience identity.Audience, c Client) (identity.Principal, error) {
	t, err := s.check(ctx, raw, audience)
	if err != nil {
		return identity.Principal{}, err
	}
	p, err := s.admitted(ctx, t.User, c)
	if err != nil {
		return identity.Principal{}, err
	}
	s.note(t.Session, c)
	return with(p, t), nil
}

// admitted returns a user whose account can be used now and from where the
// client is.
func (s *Service) admitted(ctx context.Context, id identity.UserID, c Client) (identity.Principal, error) {
	p, err := s.Principal(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return identity.Principal{}, ErrUserGone
	}
	if err == nil {
		err = Admit(p.User, s.env.Now(), c.Address)
	}
	return p, err
}

// Admit returns nil if an account can be used at a time and from an address,
// otherwise ErrUserDisabled, ErrUserExpired or ErrAddressRefused.
func Admit(u identity.User, at time.Time, from netip.Addr) error {
	switch {
	case u.Admits(at, from):
		return nil
	case u.Disabled:
		return ErrUserDisabled
	case !u.Admits(at, netip.Addr{}):
		return ErrUserExpired
	}
	return ErrAddressRefused
}

// check makes sure that a token is genuine and has not been ended. What it
// found out holds as long as nothing changes, so it is kept under a hash of
// the whole token.
func (s *Service) check(ctx context.Context, raw string, audience identity.Audience) (identity.AccessToken, error) {
	version, now := s.store.Version(), s.env.Now() // before reading, so that a change in between is seen
	key := sha256.Sum256([]byte(raw))
	s.mu.RLock()
	found, ok := s.live[key]
	s.mu.RUnlock()
	if ok && found.good(version, audience, now) {
		return found.token, nil
	}
	t, err := s.read(ctx, raw, audience, now)
	if err != nil {
		return t, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.live) >= maxLive {
		clear(s.live)
	}
	s.live[key] = live{version, audience, now, t}
	return t, nil
}

// read checks a token that is not in memory.
func (s *Service) read(ctx context.Context, raw string, audience identity.Audience, now time.Time) (identity.AccessToken, error) {
	if id, ok := token.OpaqueID(raw, audience); ok {
		return s.readOpaque(ctx, id, now)
	}
	c, err := s.tokens.Parse(raw, audience)
	if err != nil {
		return identity.AccessToken{}, err
	}
	t, err := s.store.AccessToken(ctx, c.Token)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return t, s.whyEnded(ctx, c)
	case err != nil:
		return t, err
	case t.Session != c.Session || t.User != c.User:
		return t, token.ErrInvalid
	}
	until := c.ExpiresAt
	if c.Exchange {
		until, err = unexchanged(t, c, now)
	}
	t.ExpiresAt = until
	return t, err
}

// unexchanged makes sure that a text which is itself exchanged for the next one
// was not, and says until when that is known. An exchange does not change the
// store's version, and another process may make it, so the store is asked
// again before the time is up in which an exchanged text is still taken. So
// whoever copied one has it no longer than its owner uses it.
func unexchanged(t identity.AccessToken, c token.Claims, now time.Time) (time.Time, error) {
	until := now.Add(renewGrace)
	switch {
	case c.Generation >= t.Generation:
	case c.Generation == t.Generation-1 && now.Sub(t.IssuedAt).Abs() <= renewGrace:
		until = t.IssuedAt.Add(renewGrace)
	default:
		return until, token.ErrInvalid
	}
	if until.After(c.ExpiresAt) {
		until = c.ExpiresAt
	}
	return until, nil
}

// readOpaque is read for an opaque token, of which nothing but its id is known.
func (s *Service) readOpaque(ctx context.Context, id identity.TokenID, now time.Time) (identity.AccessToken, error) {
	t, err := s.store.AccessToken(ctx, id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return t, token.ErrInvalid
	case err != nil:
		return t, err
	case !now.Before(t.ExpiresAt):
		return t, token.ErrExpired
	}
	return t, nil
}

// whyEnded explains why a genuine token is no longer kept.
func (s *Service) whyEnded(ctx context.Context, c token.Claims) error {
	found, err := s.store.Session(ctx, c.Session)
	if errors.Is(err, store.ErrNotFound) {
		if _, err := s.store.User(ctx, c.User); errors.Is(err, store.ErrNotFound) {
			return ErrUserGone
		}
		return token.ErrInvalid
	}
	if err != nil {
		return err
	}
	switch found.EndReason {
	case identity.EndedByEviction, identity.EndedByLimit:
		return ErrEnded
	case identity.EndedByPassword:
		return ErrPasswordChanged
	case identity.EndedByReuse:
		return ErrReused
	case identity.EndedByLogout:
	}
	return token.ErrInvalid
}

func with(p identity.Principal, t identity.AccessToken) identity.Principal {
	p.Session, p.Token, p.Factors, p.SignedInAt = t.Session, t.ID, t.Factors, t.SignedInAt
	return p
}
