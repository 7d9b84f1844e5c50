// Package login is the sign-in pipeline:
//
//	throttle -> captcha -> password -> second factor -> session
//
// Every way in calls it: each dialect, SFTP, and a change that needs proof. No
// caller can skip a step, because the steps are not exported. An unknown name,
// a wrong password and a disabled account take the same work and get the same
// answer.
//
// It does not decide what somebody may do once they are in, and keeps nothing
// of its own but the record of keys in use until that is written.
package login

import (
	"context"
	"errors"
	"log/slog"

	"latchkey/backend/credential/captcha"
	"latchkey/backend/credential/password"
	"latchkey/backend/identity"
	"latchkey/backend/internal/batch"
	"latchkey/backend/internal/env"
	"latchkey/backend/session"
	"latchkey/backend/store"
	"latchkey/backend/throttle"
)

// The refusals.
var (
	ErrCredentials = identity.NewError(identity.Unauthenticated, "credentials_wrong",
		"The user name or password is wrong.")
	ErrCodeNeeded = identity.NewError(identity.FactorRequired, "code_needed",
		"Enter the code from your authenticator app.")
	ErrCodeWrong = identity.NewError(identity.FactorRequired, "code_wrong",
		"That code is not right. Wait for the next one; each code works once.")
	ErrMustChangePassword = identity.NewError(identity.PasswordChangeRequired, "password_change_required",
		"The password must be changed first. Sign in over HTTP and choose a new one.")
	ErrCaptchaWrong = identity.NewError(identity.CaptchaRequired, "captcha_wrong",
		"That is not what the captcha shows. Get a new one and try again.")
	ErrKeyRefused = identity.NewError(identity.Unauthenticated, "ssh_key_refused",
		"That key does not open this account.")
	ErrKeyExpired = identity.NewError(identity.PermissionDenied, "ssh_key_expired",
		"This SSH key has expired.")
)

type (
	hasher interface {
		Hash(ctx context.Context, d password.Digest) (identity.PasswordHash, error)
		Verify(ctx context.Context, stored identity.PasswordHash, d password.Digest) (password.Verdict, error)
	}
	sealer interface {
		Open(label string, sealed []byte) ([]byte, error)
		MAC(label string, data []byte) [32]byte
	}
	recorder interface {
		Record(e identity.AuditEvent)
	}
	// keys finds the key that a text is, or returns an Unauthenticated error.
	keys interface {
		Find(ctx context.Context, kind identity.KeyKind, text string) (identity.APIKey, error)
	}
)

// Config is what a Pipeline needs.
type Config struct {
	Store    store.Store
	Throttle *throttle.Service
	Hasher   hasher
	Box      sealer
	Captchas *captcha.Book
	Keys     keys
	Sessions *session.Service
	Audit    recorder
	Env      env.Env
	Log      *slog.Logger
}

// A Pipeline signs people in.
type Pipeline struct {
	Config
	keysUsed *batch.Writer[keyUse]
}

// New returns a pipeline. Close it before the store.
func New(c Config) *Pipeline {
	p := &Pipeline{Config: c}
	p.keysUsed = batch.NewWriter(maxKeyUses, p.writeKeyUses)
	return p
}

// Close writes what is left.
func (p *Pipeline) Close() { p.keysUsed.Close() }

// SignIn runs the whole pipeline and gives the device of the client a token.
// Somebody who must change their password is let in; package httpapi holds them
// to it. Errors: ErrCredentials, ErrCodeNeeded, ErrCodeWrong,
// throttle.ErrChallenge, ErrCaptchaWrong, Throttled, Unavailable.
func (p *Pipeline) SignIn(ctx context.Context, a Attempt, c session.Client, terms session.Terms) (session.SignedIn, error) {
	u, how, err := p.check(ctx, a)
	if err != nil {
		return session.SignedIn{}, err
	}
	return p.open(ctx, a, u, how, c, terms)
}

// open gives somebody who has passed the check a session.
func (p *Pipeline) open(ctx context.Context, a Attempt, u identity.User, how []identity.FactorKind, c session.Client, terms session.Terms) (session.SignedIn, error) {
	in, err := p.Sessions.Open(ctx, u.ID, how, c, terms)
	if err != nil {
		return in, err
	}
	if _, err := p.confirm(ctx, u, a); err != nil {
		end := p.Store.EndAccessToken(context.WithoutCancel(ctx), in.Principal.Token, identity.EndedByPassword, p.Env.Now())
		return session.SignedIn{}, errors.Join(err, end) // nobody has seen the token
	}
	p.record(a, u.ID, identity.AuditSignIn, nil)
	return in, nil
}

// CheckPassword runs the pipeline for a way in that opens no session. Errors
// are those of SignIn, and ErrMustChangePassword.
func (p *Pipeline) CheckPassword(ctx context.Context, a Attempt) (identity.Principal, error) {
	checked, how, err := p.check(ctx, a)
	if err != nil {
		return identity.Principal{}, err
	}
	u, err := p.confirm(ctx, checked, a)
	if err != nil {
		return identity.Principal{}, err
	}
	if u.MustChangePassword {
		p.record(a, u.ID, identity.AuditSignIn, ErrMustChangePassword)
		return identity.Principal{}, ErrMustChangePassword
	}
	who, err := p.Sessions.Principal(ctx, u.ID)
	if err != nil {
		return identity.Principal{}, err
	}
	if !who.User.PasswordChangedAt.Equal(u.PasswordChangedAt) {
		return identity.Principal{}, ErrCredentials // changed this very moment
	}
	who.Factors, who.SignedInAt = how, p.Env.Now()
	p.record(a, u.ID, identity.AuditSignIn, nil)
	return who, nil
}

// check is the pipeline up to the session.
func (p *Pipeline) check(ctx context.Context, a Attempt) (u identity.User, how []identity.FactorKind, err error) {
	err = p.attempt(ctx, a, func() (identity.UserID, error) {
		var known bool
		if u, known, err = p.lookUp(ctx, a.Username); err != nil {
			return 0, err
		}
		how, err = p.factors(ctx, u, known, a)
		return u.ID, err
	})
	return u, how, err
}

// confirm reads a user again who has passed the check, which can have waited
// long enough for somebody to change the password, to disable the account or
// to turn the second factor on.
func (p *Pipeline) confirm(ctx context.Context, checked identity.User, a Attempt) (identity.User, error) {
	u, err := p.Store.User(ctx, checked.ID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return u, ErrCredentials
	case err != nil:
		return u, err
	case !u.Admits(p.Env.Now(), a.Address) || !u.PasswordChangedAt.Equal(checked.PasswordChangedAt):
		return u, ErrCredentials
	case u.TOTPEnabled && !checked.TOTPEnabled:
		return u, ErrCodeNeeded
	}
	return u, nil
}

// lookUp finds the user by name or e-mail address, or says that there is none.
// No address is also somebody's name.
func (p *Pipeline) lookUp(ctx context.Context, typed string) (identity.User, bool, error) {
	u, err := identity.User{}, store.ErrNotFound
	if name, wrong := identity.ParseUsername(typed); wrong == nil {
		u, err = p.Store.UserByName(ctx, name)
	}
	if email, wrong := identity.ParseEmail(typed); wrong == nil && errors.Is(err, store.ErrNotFound) {
		u, err = p.Store.UserByEmail(ctx, email)
	}
	if errors.Is(err, store.ErrNotFound) {
		return identity.User{}, false, nil
	}
	return u, err == nil, err
}

// factors checks the password and then, if the account has one, the code.
func (p *Pipeline) factors(ctx context.Context, u identity.User, known bool, a Attempt) ([]identity.FactorKind, error) {
	stored := u.PasswordHash
	if !known {
		stored = ""
	}
	if err := p.checkPassword(ctx, u, stored, a.Password); err != nil {
		return nil, err
	}
	if !u.Admits(p.Env.Now(), a.Address) || !u.PasswordExpiresAt.IsZero() && !p.Env.Now().Before(u.PasswordExpiresAt) {
		return nil, ErrCredentials
	}
	if !u.TOTPEnabled {
		return []identity.FactorKind{identity.FactorPassword}, nil
	}
	if err := p.checkCode(ctx, u.ID, a.Code); err != nil {
		return nil, err
	}
	return []identity.FactorKind{identity.FactorPassword, identity.FactorOTP}, nil
}

// record writes a sign-in to the audit log. A name that is nobody's is left
// out: people type passwords into the wrong field.
func (p *Pipeline) record(a Attempt, u identity.UserID, action identity.AuditAction, refused error) {
	e := identity.Origin{Actor: u, Door: a.Door, Address: a.Address}.Event(action, "")
	if refused != nil {
		e.Outcome, e.Reason = identity.AuditRefused, identity.AsError(refused).Code
	}
	p.Audit.Record(e)
}
