// Package token issues and checks what people sign in with after the first
// time: access tokens, short signed texts (JWT, RFC 7519, HS256) that name a
// session and one sign-in on it; refresh tokens of the same make, which are
// exchanged for new ones; and opaque tokens, random texts for dialects whose
// clients expect no more. Checking one here proves that this server issued it
// and that its time has not run out; whether the session still lives is for
// package session to say.
//
// The signing keys are made at first start, sealed in the store and can be
// rotated: new tokens get the new key while the one before it is still
// accepted.
package token

import (
	"errors"
	"strings"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
	"latchkey/backend/store"
)

// maxLen bounds a token in bytes; ours are about 400.
const maxLen = 2048

// maxAhead is how far in the future a token may have been issued: clocks are
// set back by seconds all the time.
const maxAhead = 30 * time.Second

// The types tell our tokens from each other and from any other JWT (RFC 8725,
// 3.11; RFC 9068, 2.1).
const (
	typeAccess  = "at+jwt"
	typeRefresh = "rt+jwt"
)

// The refusals of parsing. Both are Unauthenticated.
var (
	ErrInvalid = identity.NewError(identity.Unauthenticated, "token_invalid", "This sign-in is not valid. Sign in again.")
	ErrExpired = identity.NewError(identity.Unauthenticated, "token_expired", "This sign-in has expired. Sign in again.")
)

// A Use is what the tokens of a sign-in are there for.
type Use struct {
	Audiences []identity.Audience // whom they are good for; the first is the dialect that the sign-in was made in
	Exchange  bool                // the access token is exchanged itself, and is no longer good then
}

// Claims is what a token says.
type Claims struct {
	Token   identity.TokenID
	Session identity.SessionID
	User    identity.UserID
	Use
	Generation int
	ExpiresAt  time.Time
}

// settings is where the service keeps its keys; Version tells when another
// process has changed them.
type settings interface {
	store.Settings
	Version() uint64
}

// sealer protects the keys at rest.
type sealer interface {
	Seal(label string, plain []byte) []byte
	Open(label string, sealed []byte) ([]byte, error)
}

// A Service issues and checks tokens.
type Service struct {
	settings settings
	box      sealer
	env      env.Env
	ring     atomic.Pointer[ring]
}

// wireClaims is the payload. It names the user by id, so that a token never
// passes to another user who takes over a name.
type wireClaims struct {
	jwt.RegisteredClaims
	Session    identity.SessionID `json:"sid"`
	User       identity.UserID    `json:"uid"`
	Generation int                `json:"gen,omitempty"`
	Exchange   bool               `json:"xch,omitempty"`
}

// Issue signs the access token of a sign-in. One generation has one text,
// whenever it is issued.
func (s *Service) Issue(t identity.AccessToken, use Use) (string, error) {
	return s.issue(typeAccess, t, EndOf(t), use)
}

// IssueRefresh signs the refresh token of a sign-in's generation. Nothing is
// kept of it: the generation that it names is what makes it good once.
func (s *Service) IssueRefresh(t identity.AccessToken, use Use) (string, error) {
	return s.issue(typeRefresh, t, t.ExpiresAt, use)
}

// EndOf returns when the access token of the generation in use ends.
func EndOf(t identity.AccessToken) time.Time {
	end := t.IssuedAt.Add(t.Life)
	if end.After(t.ExpiresAt) {
		end = t.ExpiresAt
	}
	return end.Truncate(time.Second) // as finely as a token tells it
}

func (s *Service) issue(kind string, t identity.AccessToken, end time.Time, use Use) (string, error) {
	keys, err := s.keys()
	if err != nil {
		return "", err
	}
	names := make(jwt.ClaimStrings, len(use.Audiences))
	for i, a := range use.Audiences {
		names[i] = string(a)
	}
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, &wireClaims{
		RegisteredClaims: jwt.RegisteredClaims{
			ID:        string(t.ID),
			Issuer:    keys.issuer,
			Audience:  names,
			IssuedAt:  jwt.NewNumericDate(t.IssuedAt),
			ExpiresAt: jwt.NewNumericDate(end),
		},
		Session:    t.Session,
		User:       t.User,
		Generation: t.Generation,
		Exchange:   use.Exchange,
	})
	token.Header["typ"] = kind
	token.Header["kid"] = keys.current.id
	return token.SignedString(keys.current.secret)
}

// Parse checks an access token for an audience: signature, algorithm, type,
// issuer, audience, expiry and the form of what it says. Returns ErrInvalid or
// ErrExpired.
func (s *Service) Parse(raw string, audience identity.Audience) (Claims, error) {
	return s.parse(raw, wanted{kind: typeAccess, audience: audience, now: s.env.Now})
}

// ParseRefresh checks a refresh token, as Parse does an access token.
func (s *Service) ParseRefresh(raw string, audience identity.Audience) (Claims, error) {
	return s.parse(raw, wanted{kind: typeRefresh, audience: audience, now: s.env.Now})
}

// ParseRenewable is Parse for an access token that is to be renewed: it may
// have expired.
func (s *Service) ParseRenewable(raw string, audience identity.Audience) (Claims, error) {
	return s.parse(raw, wanted{kind: typeAccess, audience: audience, now: beforeAllEnds})
}

// Opener returns the dialect in which the sign-in was made that an access or
// refresh token of ours is about, whoever may use it and though it may have
// expired. It proves nothing about the sign-in.
func (s *Service) Opener(raw string) (identity.Audience, bool) {
	for _, kind := range []string{typeAccess, typeRefresh} {
		if c, err := s.parse(raw, wanted{kind: kind, anyone: true, now: beforeAllEnds}); err == nil && len(c.Audiences) > 0 {
			return c.Audiences[0], true
		}
	}
	return "", false
}

// beforeAllEnds is a time at which no token has expired.
func beforeAllEnds() time.Time { return time.Unix(0, 0) }

// wanted is what a token must be.
type wanted struct {
	kind     string
	audience identity.Audience
	anyone   bool // whatever the audience
	now      func() time.Time
}

func (s *Service) parse(raw string, w wanted) (Claims, error) {
	// Go's base64 reads over line breaks, and a token has one text only.
	if len(raw) > maxLen || strings.Count(raw, ".") != 2 || strings.ContainsAny(raw, "\r\n") {
		return Claims{}, ErrInvalid
	}
	keys, err := s.keys()
	if err != nil {
		return Claims{}, err
	}
	options := []jwt.ParserOption{
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithIssuer(keys.issuer), jwt.WithExpirationRequired(), jwt.WithStrictDecoding(), jwt.WithTimeFunc(w.now),
	}
	if !w.anyone {
		options = append(options, jwt.WithAudience(string(w.audience)))
	}
	var c wireClaims
	_, err = jwt.ParseWithClaims(raw, &c, keys.finder(w.kind), options...)
	switch {
	case errors.Is(err, jwt.ErrTokenExpired) && !errors.Is(err, jwt.ErrTokenInvalidAudience) && !errors.Is(err, jwt.ErrTokenInvalidIssuer):
		return Claims{}, ErrExpired
	case err != nil:
		return Claims{}, ErrInvalid.Because(err)
	}
	if err := c.plausible(s.env.Now()); err != nil {
		return Claims{}, ErrInvalid.Because(err)
	}
	out := Claims{
		Token: identity.TokenID(c.ID), Session: c.Session, User: c.User, Use: Use{Exchange: c.Exchange},
		Generation: c.Generation, ExpiresAt: c.ExpiresAt.UTC(),
	}
	for _, a := range c.Audience {
		out.Audiences = append(out.Audiences, identity.Audience(a))
	}
	return out, nil
}

// plausible checks what the library leaves to us. A token that was issued
// before the clock was set back must not live longer for it.
func (c wireClaims) plausible(now time.Time) error {
	if c.IssuedAt == nil || c.IssuedAt.After(now.Add(maxAhead)) {
		return errors.New("issued in the future")
	}
	if c.User <= 0 || c.Generation < 0 {
		return errors.New("names no user or no generation")
	}
	_, err := identity.ParseSessionID(c.ID) // a token's id has the form of a session's
	if err == nil {
		_, err = identity.ParseSessionID(string(c.Session))
	}
	return err
}
