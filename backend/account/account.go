// Package account holds the rules about people and what they own: users, roles
// and permissions for the administrator; profile, password, second factor and
// SSH keys for oneself; and accounts that people make for themselves. Dialects
// and the command line call it. Nobody gives to others what they may not do
// themselves, nor changes an account that may do more.
//
// It does not check who is signed in (package session) nor what a route needs
// (package httpapi), and lets nobody prove who they are: where a change needs
// proof it asks a Prover, which is the sign-in pipeline with its throttle.
package account

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"latchkey/backend/credential/password"
	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
	"latchkey/backend/store"
)

// FreshFor is how long after signing in somebody need not show their password
// again before a change that matters.
const FreshFor = 10 * time.Minute

// ErrProofNeeded asks for the password again.
var ErrProofNeeded = identity.InvalidField("old_password", "proof_needed",
	"Send your current password with this change, or sign in again first.")

// A Proof is what somebody shows again before a change that matters.
type Proof struct {
	Password password.Digest // zero if not shown
	Code     string          // of the second factor, or a recovery code
}

// A Prover checks a Proof of somebody who is signed in, under the same
// throttle as a sign-in: the password if there is one in it, and the code if
// withCode is set.
type Prover interface {
	Prove(ctx context.Context, p identity.Principal, proof Proof, withCode bool, o identity.Origin) error
}

type (
	hasher interface {
		Hash(ctx context.Context, d password.Digest) (identity.PasswordHash, error)
		Verify(ctx context.Context, stored identity.PasswordHash, d password.Digest) (password.Verdict, error)
	}
	sealer interface {
		Seal(label string, plain []byte) []byte
		Open(label string, sealed []byte) ([]byte, error)
		MAC(label string, data []byte) [32]byte
	}
	recorder interface {
		Record(e identity.AuditEvent)
	}
	locks interface {
		Locked(ctx context.Context, accounts []string) (map[string]bool, error)
		Lock(ctx context.Context, account string) error
		Clear(ctx context.Context, account string) (int, error)
	}
)

// A Mailer sends a temporary password to its owner.
type Mailer interface {
	SendTemporaryPassword(ctx context.Context, to identity.Email, name identity.Username, password secret.Text) error
}

// Config is what a Service needs.
type Config struct {
	Store       store.Store
	Hasher      hasher
	Prover      Prover
	Box         sealer
	Locks       locks
	Mail        Mailer // nil: no mail can be sent
	Audit       recorder
	Env         env.Env
	Log         *slog.Logger
	MinPassword int  // shortest new password, in characters
	Open        bool // anybody may make an account for themselves
}

// A Service applies the rules.
type Service struct {
	Config
	enabling sync.Mutex // held while a pending second factor is turned into one that is on
	newcomer pace
}

// New returns a service.
func New(c Config) *Service { return &Service{Config: c} }

// Prove asks for proof: the password unless the sign-in is fresh, and a code
// if withCode is set.
func (s *Service) Prove(ctx context.Context, p identity.Principal, proof Proof, withCode bool, o identity.Origin) error {
	shown := proof.Password != password.Digest{}
	fresh := s.Env.Now().Sub(p.SignedInAt).Abs() < FreshFor
	switch {
	case !shown && !fresh:
		return ErrProofNeeded
	case !shown && !withCode:
		return nil
	}
	return s.Prover.Prove(ctx, p, proof, withCode, o)
}

// hash checks a new password and hashes it.
func (s *Service) hash(ctx context.Context, text string, name identity.Username) (identity.PasswordHash, error) {
	if err := password.CheckNew(text, name, s.MinPassword); err != nil {
		return "", err
	}
	return s.Hasher.Hash(ctx, password.DigestOf(text))
}

func target(id identity.UserID) string { return "user " + strconv.FormatInt(int64(id), 10) }

// translate turns what the store says into what a person can read.
func translate(err error, notFound *identity.Error) error {
	if taken, ok := errors.AsType[*store.ExistsError](err); ok {
		if known, ok := takenErrors[taken.Field]; ok {
			return known
		}
	}
	if errors.Is(err, store.ErrNotFound) {
		return notFound
	}
	return err
}

var takenErrors = map[string]*identity.Error{
	"username":    conflict("username", "username_taken", "That user name is taken. Choose another."),
	"email":       conflict("email", "email_taken", "Somebody has that e-mail address already. Enter another."),
	"name":        conflict("name", "role_name_taken", "There is a role of that name. Choose another."),
	"title":       conflict("title", "ssh_key_title_taken", "You have a key with that title. Choose another title."),
	"fingerprint": conflict("key", "ssh_key_exists", "You have added that key already."),
}

func conflict(field, code, message string) *identity.Error {
	return &identity.Error{Kind: identity.Conflict, Code: code, Message: message, Field: field}
}
