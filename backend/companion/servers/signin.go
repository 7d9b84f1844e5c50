package servers

import (
	"context"
	"errors"
	"time"

	"latchkey/backend/companion/remote"
	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
)

// The refusals of this package about signing in and out.
var (
	errSigningIn = identity.NewError(identity.Conflict, "sign_in_running",
		"A sign-in to that server is under way. Wait for its outcome.")
	errLocked = identity.NewError(identity.Throttled, "too_many_attempts",
		"The server has locked sign-ins for a while, and each try would make that longer. Wait before you try again.")
	errHereOnly = identity.NewError(identity.Unavailable, "signed_out_here_only",
		"You are signed out on this computer, but the server could not be told. End this device in its list of devices when you can.")
)

// signing is a sign-in under way.
type signing struct {
	credentials remote.Credentials
	flight      *flight[remote.Me]
}

// longestLock is longer than any server asks for; more than that means that a
// clock was wrong.
const longestLock = 25 * time.Hour

// leaveTime bounds what is done at a server after a failure.
const leaveTime = 5 * time.Second

// SignIn signs in and keeps the token. One attempt goes out: asked for the
// same again meanwhile, both get its outcome; for another, sign_in_running.
// While a server like AList has locked sign-ins none goes out. Errors are
// those of remote.Client.SignIn and of the vault; a token that the vault does
// not take is given back.
func (b *Book) SignIn(ctx context.Context, id ID, cr remote.Credentials) (remote.Me, error) {
	s, err := b.Server(ctx, id)
	if err != nil {
		return remote.Me{}, err
	}
	b.mu.Lock()
	e := b.entry(id)
	if running := e.signing; running != nil {
		b.mu.Unlock()
		if running.credentials != cr {
			return remote.Me{}, errSigningIn
		}
		return running.flight.wait(ctx)
	}
	now := &signing{cr, newFlight[remote.Me]()}
	e.signing = now
	b.mu.Unlock()
	me, err := b.signIn(ctx, s, cr)
	b.mu.Lock()
	e.signing = nil
	b.mu.Unlock()
	now.flight.land(me, err)
	return me, err
}

func (b *Book) signIn(ctx context.Context, s Server, cr remote.Credentials) (remote.Me, error) {
	// A vault that is closed cannot take the token, so no password goes out.
	if _, err := b.grant(ctx, s.ID); err != nil && !errors.Is(err, errNotSignedIn) {
		return remote.Me{}, err
	}
	if left := s.LockedUntil.Sub(b.c.Env.Now()); left > 0 && left < longestLock {
		e := *errLocked
		e.RetryAfter = left
		return remote.Me{}, &e
	}
	c, err := b.client(s)
	if err != nil {
		return remote.Me{}, err
	}
	g, err := c.SignIn(ctx, cr)
	if err != nil {
		b.signInFailed(context.WithoutCancel(ctx), s, err)
		return remote.Me{}, err
	}
	a, err := c.Account(g)
	if err != nil {
		return remote.Me{}, err
	}
	me, err := a.Me(ctx)
	if err == nil {
		err = b.signedIn(ctx, s, signIn{cr.Username, me.ID, g})
	}
	if err != nil {
		leave(ctx, a)
		return remote.Me{}, err
	}
	b.note(context.WithoutCancel(ctx), s, b.begin(s.ID), g, look{me: me, in: true, drift: c.Drift()})
	return me, nil
}

// A signIn is one that the server has accepted.
type signIn struct {
	username string // as typed
	user     identity.UserID
	grant    remote.Grant
}

// signedIn keeps the token. Another user's token is given back first; that of
// the same user is not, because that would sign this device out.
func (b *Book) signedIn(ctx context.Context, s Server, in signIn) error {
	if old, _, err := b.account(ctx, s); err == nil {
		if who, err := old.Me(ctx); err == nil && who.ID != in.user {
			leave(ctx, old)
		}
	}
	if err := b.keep(ctx, s.ID, in.grant); err != nil {
		return err
	}
	_, err := b.edit(ctx, s.ID, func(_ []Server, s *Server) error {
		s.Username, s.LockedUntil = in.username, time.Time{}
		return nil
	})
	if err != nil {
		return errors.Join(err, b.forget(context.WithoutCancel(ctx), s.ID))
	}
	return nil
}

// signInFailed remembers what the next sign-in should know.
func (b *Book) signInFailed(ctx context.Context, s Server, err error) {
	e := identity.AsError(err)
	until := time.Time{}
	if e.Kind == identity.Throttled && !(remote.Server{Kind: s.Kind}).Capabilities().FixedLock {
		until = b.c.Env.Now().Add(e.RetryAfter)
	}
	if e.Kind == identity.FactorRequired || !until.IsZero() {
		_, _ = b.edit(ctx, s.ID, func(_ []Server, s *Server) error { // a hint that can be lost
			s.CodeExpected = s.CodeExpected || e.Kind == identity.FactorRequired
			s.LockedUntil = until
			return nil
		})
	}
	epoch, _ := b.epochOf(s.ID)
	b.noteFailure(ctx, s, epoch, remote.Grant{}, err)
}

// SetUsername notes under which name the next sign-in begins, for somebody who
// has just got another one; AList signs them out with that.
func (b *Book) SetUsername(ctx context.Context, id ID, username string) (Server, error) {
	return b.edit(ctx, id, func(_ []Server, s *Server) error { s.Username = username; return nil })
}

// SignOut forgets the token and ends the session at the server. The first
// happens in any case; signed_out_here_only says that the second did not.
func (b *Book) SignOut(ctx context.Context, id ID) error {
	s, err := b.Server(ctx, id)
	if err != nil {
		return err
	}
	a, _, failed := b.account(ctx, s)
	if err := b.forget(ctx, id); err != nil {
		return err
	}
	epoch := b.begin(id)
	switch {
	case errors.Is(failed, errNotSignedIn):
		failed = nil
	case failed == nil:
		failed = a.SignOut(ctx)
	}
	b.note(context.WithoutCancel(ctx), s, epoch, remote.Grant{}, look{err: unlessOut(failed)})
	if failed != nil {
		return errHereOnly.Because(failed)
	}
	return nil
}

// unlessOut leaves out what does not say that the server is away.
func unlessOut(err error) error {
	if stateOf(look{err: err}) == SignedOut {
		return nil
	}
	return err
}

// begin makes what is under way with another token, or without one, lose its
// meaning, and also why somebody was signed out before.
func (b *Book) begin(id ID) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.entry(id)
	e.epoch++
	e.status.Err = nil
	e.account, e.token, e.folders = nil, secret.Text{}, nil
	return e.epoch
}

// leave signs out, as far as that goes.
func leave(ctx context.Context, a *remote.Account) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveTime)
	defer cancel()
	_ = a.SignOut(ctx)
}
