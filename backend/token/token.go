// Package token issues and checks access tokens: short signed texts (JWT,
// RFC 7519, HS256) that name a session and one sign-in on it. Checking one
// here proves that this server issued it and that its time has not run out;
// whether the session still lives is for package session to say.
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

// headerType tells our access tokens from any other JWT (RFC 9068, 2.1).
const headerType = "at+jwt"

// The refusals of Parse. Both are Unauthenticated.
var (
	ErrInvalid = identity.NewError(identity.Unauthenticated, "token_invalid", "This sign-in is not valid. Sign in again.")
	ErrExpired = identity.NewError(identity.Unauthenticated, "token_expired", "This sign-in has expired. Sign in again.")
)

// An Audience is the dialect that a token is good for.
type Audience string

// Claims is what a token says.
type Claims struct {
	Token   identity.TokenID
	Session identity.SessionID
	User    identity.UserID
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
	Session identity.SessionID `json:"sid"`
	User    identity.UserID    `json:"uid"`
}

// Issue signs a token for an audience.
func (s *Service) Issue(t identity.AccessToken, audience Audience) (string, error) {
	keys, err := s.keys()
	if err != nil {
		return "", err
	}
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, &wireClaims{
		RegisteredClaims: jwt.RegisteredClaims{
			ID:        string(t.ID),
			Issuer:    keys.issuer,
			Audience:  jwt.ClaimStrings{string(audience)},
			IssuedAt:  jwt.NewNumericDate(t.IssuedAt),
			ExpiresAt: jwt.NewNumericDate(t.ExpiresAt),
		},
		Session: t.Session,
		User:    t.User,
	})
	token.Header["typ"] = headerType
	token.Header["kid"] = keys.current.id
	return token.SignedString(keys.current.secret)
}

// Parse checks a token for an audience: signature, algorithm, type, issuer,
// audience, expiry and the form of what it says. Returns ErrInvalid or
// ErrExpired.
func (s *Service) Parse(raw string, audience Audience) (Claims, error) {
	// Go's base64 reads over line breaks, and a token has one text only.
	if len(raw) > maxLen || strings.Count(raw, ".") != 2 || strings.ContainsAny(raw, "\r\n") {
		return Claims{}, ErrInvalid
	}
	keys, err := s.keys()
	if err != nil {
		return Claims{}, err
	}
	var c wireClaims
	_, err = jwt.ParseWithClaims(raw, &c, keys.find,
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithIssuer(keys.issuer), jwt.WithAudience(string(audience)), jwt.WithExpirationRequired(),
		jwt.WithStrictDecoding(), jwt.WithTimeFunc(s.env.Now))
	switch {
	case errors.Is(err, jwt.ErrTokenExpired) && !errors.Is(err, jwt.ErrTokenInvalidAudience) && !errors.Is(err, jwt.ErrTokenInvalidIssuer):
		return Claims{}, ErrExpired
	case err != nil:
		return Claims{}, ErrInvalid.Because(err)
	}
	if err := c.plausible(s.env.Now()); err != nil {
		return Claims{}, ErrInvalid.Because(err)
	}
	return Claims{identity.TokenID(c.ID), c.Session, c.User}, nil
}

// plausible checks what the library leaves to us. A token that was issued
// before the clock was set back must not live longer for it.
func (c wireClaims) plausible(now time.Time) error {
	if c.IssuedAt == nil || c.IssuedAt.After(now.Add(maxAhead)) {
		return errors.New("issued in the future")
	}
	if c.User <= 0 {
		return errors.New("names no user")
	}
	_, err := identity.ParseSessionID(c.ID) // a token's id has the form of a session's
	if err == nil {
		_, err = identity.ParseSessionID(string(c.Session))
	}
	return err
}
