package session

import (
	"context"
	"errors"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/store"
	"latchkey/backend/token"
)

const (
	// renewGrace is how long after an exchange the token that was exchanged
	// still gets the same answer: for a client that lost it, and for two that
	// asked at once. Where it is the access token, it is good for as long.
	renewGrace = 10 * time.Second
	// maxRenew is how long after signing in a sign-in can be renewed at most.
	maxRenew = 90 * 24 * time.Hour
)

// ErrReused ends a sign-in of which an old token was exchanged again.
var ErrReused = identity.NewError(identity.Unauthenticated, "refresh_token_reused",
	"This sign-in was renewed before with the same token, so somebody else may have it. It was ended; sign in again.")

// Renew exchanges a refresh token for new tokens of the same sign-in (RFC
// 9700, 4.14.2). Each is good once: for ten seconds it gets the same answer
// again, after that it ends the sign-in for whoever holds it. Returns
// token.ErrInvalid, token.ErrExpired, ErrReused, and what Authenticate does of
// sessions and users.
func (s *Service) Renew(ctx context.Context, raw string, audience identity.Audience, c Client, o identity.Origin) (SignedIn, error) {
	claims, err := s.tokens.ParseRefresh(raw, audience)
	if err != nil {
		return SignedIn{}, err
	}
	return s.renew(ctx, claims, c, o)
}

// RenewAccess is Renew for dialects without refresh tokens: there the access
// token is exchanged itself, also after it has expired.
func (s *Service) RenewAccess(ctx context.Context, raw string, audience identity.Audience, c Client, o identity.Origin) (SignedIn, error) {
	claims, err := s.tokens.ParseRenewable(raw, audience)
	if err != nil {
		return SignedIn{}, err
	}
	return s.renew(ctx, claims, c, o)
}

func (s *Service) renew(ctx context.Context, claims token.Claims, c Client, o identity.Origin) (SignedIn, error) {
	p, err := s.admitted(ctx, claims.User, c)
	if err != nil {
		return SignedIn{}, err
	}
	t, err := s.store.UpdateAccessToken(ctx, claims.Token, func(t identity.AccessToken) (identity.AccessToken, error) {
		return exchange(t, claims, s.env.Now())
	})
	switch {
	case errors.Is(err, store.ErrNotFound):
		return SignedIn{}, s.whyEnded(ctx, claims)
	case errors.Is(err, ErrReused):
		o.Actor = claims.User
		return SignedIn{}, errors.Join(err, s.endReused(ctx, claims, o))
	case err != nil:
		return SignedIn{}, err
	}
	opened, err := s.Find(ctx, t.Session)
	if err != nil {
		return SignedIn{}, err
	}
	s.note(t.Session, c)
	in := SignedIn{Principal: with(p, t), Session: opened, ExpiresAt: token.EndOf(t)}
	return s.sign(in, t, claims.Use)
}

// exchange makes the next generation of a token out of the one that claims
// name.
func exchange(t identity.AccessToken, claims token.Claims, now time.Time) (identity.AccessToken, error) {
	since := now.Sub(t.IssuedAt)
	switch {
	case t.Session != claims.Session || t.User != claims.User || t.Generation == 0:
		return t, token.ErrInvalid
	case !now.Before(t.ExpiresAt):
		return t, token.ErrExpired
	case claims.Generation == t.Generation-1 && since.Abs() <= renewGrace:
		return t, nil
	case claims.Generation != t.Generation:
		return t, ErrReused
	}
	last := t.SignedInAt.Add(maxRenew)
	t.ExpiresAt = now.Add(t.ExpiresAt.Sub(t.IssuedAt)).Truncate(time.Second)
	if t.ExpiresAt.After(last) {
		t.ExpiresAt = last.Truncate(time.Second)
	}
	t.IssuedAt = now
	t.Generation++
	return t, nil
}

// endReused ends a sign-in that two hold tokens of.
func (s *Service) endReused(ctx context.Context, claims token.Claims, o identity.Origin) error {
	err := s.store.EndAccessToken(context.WithoutCancel(ctx), claims.Token, identity.EndedByReuse, s.env.Now())
	if errors.Is(err, store.ErrNotFound) {
		return nil // ended at the same moment
	}
	s.audit.Record(o.Event(identity.AuditTokenReused, "session "+string(claims.Session)))
	return err
}
