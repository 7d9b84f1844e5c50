// Package session knows who is signed in: it opens sessions, tells from an
// access token who is acting, renews tokens, lists devices and connections over
// SFTP, and ends them.
//
// A token is good only while its session lives, and that is asked again on
// every request. The answer comes from memory, which holds what the store said
// at one store.Version, so a check costs no query and no write and yet sees
// every change at once. Activity is gathered and written in batches.
//
// It does not check passwords or codes; package login does, and then opens the
// session here.
package session

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
	"latchkey/backend/store"
	"latchkey/backend/token"
)

// Bounds.
const (
	MaxDevices = 100  // live sessions of one user; the longest idle goes first
	MaxTokens  = 1000 // live tokens of one session; the oldest goes first
)

// The refusals, all Unauthenticated but the last.
var (
	ErrEnded           = identity.NewError(identity.Unauthenticated, "session_ended", "This device has been signed out. Sign in again.")
	ErrPasswordChanged = identity.NewError(identity.Unauthenticated, "password_changed", "The password has been changed. Sign in again.")
	ErrUserDisabled    = identity.NewError(identity.Unauthenticated, "user_disabled", "This account is disabled.")
	ErrUserExpired     = identity.NewError(identity.Unauthenticated, "user_expired", "This account has expired. An administrator can prolong it.")
	ErrAddressRefused  = identity.NewError(identity.Unauthenticated, "address_refused", "This account cannot be used from here. An administrator can allow this address.")
	ErrUserGone        = identity.NewError(identity.Unauthenticated, "user_gone", "This account no longer exists.")
	ErrNotFound        = identity.NewError(identity.NotFound, "session_not_found", "There is no such device. It may have been signed out already.")
)

// tokens is what the service needs of package token.
type tokens interface {
	Issue(t identity.AccessToken, use token.Use) (string, error)
	IssueRefresh(t identity.AccessToken, use token.Use) (string, error)
	Parse(raw string, audience identity.Audience) (token.Claims, error)
	ParseRefresh(raw string, audience identity.Audience) (token.Claims, error)
	ParseRenewable(raw string, audience identity.Audience) (token.Claims, error)
}

type recorder interface {
	Record(e identity.AuditEvent)
}

// A Service keeps sessions.
type Service struct {
	store  store.Store
	tokens tokens
	audit  recorder
	env    env.Env

	people people

	mu    sync.RWMutex
	live  map[[sha256.Size]byte]live // by the hash of the token
	seen  map[identity.SessionID]store.Activity
	seenM sync.Mutex
}

// A Client is a program that signs in or acts: what it says of itself and
// where it connects from.
type Client struct {
	ID        string // a stable name that it gives itself, or empty
	UserAgent string
	Address   netip.Addr
}

// Terms say what a sign-in is given.
type Terms struct {
	Audiences []identity.Audience // what its tokens are good for; the first is the dialect that it is made in
	Life      time.Duration       // of an access token
	Renew     time.Duration       // how long it can be renewed; 0: it cannot
	Exchange  bool                // it is the access token that is renewed, and it is good no longer then
	Opaque    bool                // a random text in place of a signed one; good for one audience, and not renewed
}

// A SignedIn is the result of opening a session or of renewing its token.
type SignedIn struct {
	Principal identity.Principal
	Session   identity.Session
	Token     string // the access token; this is the only time it is seen
	ExpiresAt time.Time

	Refresh    string    // the refresh token, where the sign-in can be renewed
	RenewUntil time.Time // when it ends
}

// New returns a service over st.
func New(st store.Store, t tokens, audit recorder, e env.Env) *Service {
	return &Service{
		store: st, tokens: t, audit: audit, env: e,
		people: people{store: st},
		live:   map[[sha256.Size]byte]live{},
		seen:   map[identity.SessionID]store.Activity{},
	}
}

// Open gives a proven user a token on the session of their device, which is
// opened if there is none.
func (s *Service) Open(ctx context.Context, user identity.UserID, how []identity.FactorKind, c Client, terms Terms) (SignedIn, error) {
	t, opaque, err := s.newToken(user, how, terms)
	if err != nil {
		return SignedIn{}, err
	}
	opened, err := s.store.OpenSession(ctx, store.OpenSession{
		New: identity.Session{
			ID: identity.SessionID(s.env.ID()), User: user, ClientID: c.ID != "",
			UserAgent: clip(c.UserAgent), Address: c.Address, CreatedAt: t.IssuedAt, LastActive: t.IssuedAt, ExpiresAt: t.ExpiresAt,
		},
		Device: device(c), Token: t, MaxDevices: MaxDevices, MaxTokens: MaxTokens,
	})
	if err != nil {
		return SignedIn{}, err
	}
	t.Session = opened.ID
	s.people.forget(user)
	p, err := s.Principal(ctx, user)
	if err != nil {
		return SignedIn{}, err
	}
	in := SignedIn{Principal: with(p, t), Session: opened, Token: opaque, ExpiresAt: token.EndOf(t)}
	if terms.Opaque {
		return in, nil
	}
	return s.sign(in, t, token.Use{Audiences: terms.Audiences, Exchange: terms.Exchange})
}

// newToken makes the token of a new sign-in, and its text if that is opaque.
func (s *Service) newToken(user identity.UserID, how []identity.FactorKind, terms Terms) (t identity.AccessToken, opaque string, err error) {
	now := s.env.Now()
	t = identity.AccessToken{
		ID: identity.TokenID(s.env.ID()), User: user, Factors: how, SignedInAt: now, IssuedAt: now,
		Life: terms.Life, ExpiresAt: now.Add(max(terms.Life, terms.Renew)).Truncate(time.Second),
	}
	switch {
	case terms.Opaque:
		if opaque, err = token.NewOpaque(s.env); err == nil {
			t.ID, _ = token.OpaqueID(opaque, terms.Audiences[0])
		}
	case terms.Renew > 0:
		t.Generation = 1
	}
	return t, opaque, err
}

// sign writes the texts of a token's generation in use.
func (s *Service) sign(in SignedIn, t identity.AccessToken, use token.Use) (SignedIn, error) {
	var err error
	if in.Token, err = s.tokens.Issue(t, use); err != nil || t.Generation == 0 {
		return in, err
	}
	in.RenewUntil = t.ExpiresAt
	in.Refresh, err = s.tokens.IssueRefresh(t, use)
	return in, err
}

// List returns a user's live sessions, newest activity first.
func (s *Service) List(ctx context.Context, user identity.UserID) ([]identity.Session, error) {
	list, err := s.store.SessionsOf(ctx, user, s.env.Now())
	return s.withActivity(list), err
}

// ListAll returns everybody's live sessions, newest activity first, and how
// many there are in all. Activity is written first, so that pages neither
// repeat nor skip a device.
func (s *Service) ListAll(ctx context.Context, p identity.Page) ([]identity.Session, int, error) {
	unwritten := s.Flush(ctx) // a list a little behind is better than none
	list, total, err := s.store.Sessions(ctx, s.env.Now(), p)
	if unwritten != nil {
		list = s.withActivity(list)
	}
	return list, total, err
}

// End ends a session of owner, and any session if owner is 0. Returns
// ErrNotFound if it is not one of theirs; ending one twice is no error.
func (s *Service) End(ctx context.Context, owner identity.UserID, id identity.SessionID, o identity.Origin) error {
	found, err := s.Find(ctx, id)
	if err != nil {
		return err
	}
	if owner != 0 && found.User != owner {
		return ErrNotFound
	}
	err = s.store.EndSession(ctx, id, identity.EndedByEviction, s.env.Now())
	if errors.Is(err, store.ErrNotFound) {
		return ErrNotFound // removed since
	}
	if err != nil {
		return err
	}
	s.audit.Record(o.Event(identity.AuditSessionEnded, "session "+string(id)))
	return nil
}

// Find returns a session, ended ones included. Returns ErrNotFound.
func (s *Service) Find(ctx context.Context, id identity.SessionID) (identity.Session, error) {
	found, err := s.store.Session(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return identity.Session{}, ErrNotFound
	}
	return found, err
}

// EndOthers ends every session of a user but one, and says how many.
func (s *Service) EndOthers(ctx context.Context, owner identity.UserID, keep identity.SessionID, o identity.Origin) (int, error) {
	n, err := s.store.EndSessionsOf(ctx, owner, keep, identity.EndedByEviction, s.env.Now())
	if err == nil && n > 0 {
		s.audit.Record(o.Event(identity.AuditSessionEnded, fmt.Sprintf("%d sessions of user %d", n, owner)))
	}
	return n, err
}

// EndAll ends every session of everybody, and says how many.
func (s *Service) EndAll(ctx context.Context, o identity.Origin) (int, error) {
	n, err := s.store.EndAllSessions(ctx, identity.EndedByEviction, s.env.Now())
	if err == nil && n > 0 {
		s.audit.Record(o.Event(identity.AuditSessionEnded, fmt.Sprintf("%d sessions of everybody", n)))
	}
	return n, err
}

// SignOut ends what a principal signed in with: the session of a device that
// names itself; otherwise the token alone, because others may share the device.
func (s *Service) SignOut(ctx context.Context, p identity.Principal, o identity.Origin) error {
	found, err := s.Find(ctx, p.Session)
	if err != nil {
		return err
	}
	if found.ClientID {
		err = s.store.EndSession(ctx, p.Session, identity.EndedByLogout, s.env.Now())
	} else {
		err = s.store.EndAccessToken(ctx, p.Token, identity.EndedByLogout, s.env.Now())
	}
	if errors.Is(err, store.ErrNotFound) {
		return nil // a second sign-out that raced with the first
	}
	if err == nil {
		s.audit.Record(o.Event(identity.AuditSignOut, "session "+string(p.Session)))
	}
	return err
}

// device says what makes a client the same device again: the name that it
// gives itself, or else its program and address. Only a hash is kept.
func device(c Client) string {
	text := "agent\x00" + c.UserAgent + "\x00" + c.Address.String()
	if c.ID != "" {
		text = "client\x00" + c.ID
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
