// Package apikey keeps the keys that people make for programs: API keys, which
// stand where a bearer token does and are limited to some permissions, and
// developer keys, which stand in place of a password or a session. It makes,
// lists, disables and replaces them, tells who acts with one, and counts what
// is done with each.
//
// A check costs no query and a use no write: both are held in memory, the one
// while the store's version stays, the other until it is written with others.
//
// It does not decide where a key is accepted; the dialects do. What a key may
// do is for identity.Principal to say, from what its owner may do at that
// moment.
package apikey

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"latchkey/backend/account"
	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
	"latchkey/backend/store"
)

// Bounds.
const (
	MaxKeys        = 100 // API keys of one user; with those that are being replaced twice as many
	MaxDevKeys     = 10  // developer keys of one user, likewise
	maxName        = 64  // characters
	maxDescription = 500 // characters
	maxPermissions = 100
	// MaxLife is the longest that a key can be given an end for.
	MaxLife = 10 * 365 * 24 * time.Hour
	// Overlap is how long a key that was replaced goes on unless somebody says
	// otherwise, and MaxOverlap how long at most.
	Overlap    = 24 * time.Hour
	MaxOverlap = 30 * 24 * time.Hour
)

// The refusals.
var (
	ErrInvalid  = identity.NewError(identity.Unauthenticated, "api_key_invalid", "That key is not valid. It may have been deleted; make a new one.")
	ErrExpired  = identity.NewError(identity.Unauthenticated, "api_key_expired", "That key has expired. Make a new one.")
	ErrDisabled = identity.NewError(identity.Unauthenticated, "api_key_disabled", "That key has been disabled. Its owner can enable it again.")
	ErrNotFound = identity.NewError(identity.NotFound, "api_key_not_found", "There is no such key. It may have been deleted already.")

	errName        = identity.InvalidField("name", "api_key_name_invalid", "A key's name has 1 to 64 characters, without control characters.")
	errDescription = identity.InvalidField("description", "api_key_description_invalid", "A key's description has at most 500 characters.")
	errNoneAllowed = identity.InvalidField("permissions", "permissions_missing", "Say what the key may do: give it at least one permission.")
	errStatus      = identity.InvalidField("status", "api_key_status_invalid", "A key is active, inactive or expired.")
	errLife        = identity.InvalidField("expires_in", "api_key_life_invalid", "A key's life is a time ahead, or none for a key without end.")
	errOverlap     = identity.InvalidField("overlap", "overlap_invalid", "The old key can go on for at most 30 days.")
	errTooMany     = identity.NewError(identity.Conflict, "api_key_limit", "You have as many keys as there can be. Delete one that you no longer use.")
	errTooWide     = identity.NewError(identity.PermissionDenied, "permission_not_held", "You cannot give a key what you may not do yourself.")
	errEnded       = identity.NewError(identity.Conflict, "api_key_ended", "That key has ended. Make a new one instead.")
	errWithKey     = identity.NewError(identity.PermissionDenied, "key_makes_no_key", "Sign in to look after keys; a key cannot make or change one.")
)

type (
	people interface {
		Principal(ctx context.Context, id identity.UserID) (identity.Principal, error)
	}
	// prover asks for proof before a change that matters.
	prover interface {
		Prove(ctx context.Context, p identity.Principal, proof account.Proof, withCode bool, o identity.Origin) error
	}
	recorder interface {
		Record(e identity.AuditEvent)
	}
	// keeper is what the service needs of the store.
	keeper interface {
		store.APIKeys
		store.Permissions
		EndTokensBy(ctx context.Context, user identity.UserID, factor identity.FactorKind, why identity.EndReason, at time.Time) (int, error)
		Version() uint64
	}
)

// Config is what a Service needs.
type Config struct {
	Store  keeper
	People people
	Prover prover
	Audit  recorder
	Env    env.Env
	Log    *slog.Logger
}

// A Service keeps keys.
type Service struct {
	Config
	factors []identity.FactorKind // of all who act with a key

	mu    sync.RWMutex
	known map[identity.SecretHash]known

	usesMu sync.Mutex
	uses   map[identity.APIKeyID]*tally
}

// New returns a service.
func New(c Config) *Service {
	return &Service{Config: c, factors: []identity.FactorKind{identity.FactorKey}, known: map[identity.SecretHash]known{}, uses: map[identity.APIKeyID]*tally{}}
}

// NewKey says what a key is made with.
type NewKey struct {
	Kind        identity.KeyKind
	Name        string
	Description string
	Permissions []string      // of an API key, by name
	Life        time.Duration // 0: without end; longer than MaxLife counts as that
	Proof       account.Proof // for a developer key, and one that reaches far
}

// Create makes a key for somebody who has signed in, and returns its text,
// which is shown only now. An API key cannot be given what its owner may not
// do. Returns Invalid, Conflict for one too many, PermissionDenied.
func (s *Service) Create(ctx context.Context, p identity.Principal, n NewKey, o identity.Origin) (identity.APIKey, secret.Text, error) {
	k, err := s.draft(ctx, p, n)
	if err != nil {
		return identity.APIKey{}, secret.Text{}, err
	}
	if err := s.prove(ctx, p, k, n.Proof, o); err != nil {
		return identity.APIKey{}, secret.Text{}, err
	}
	text, err := s.give(&k)
	if err != nil {
		return identity.APIKey{}, secret.Text{}, err
	}
	k, err = s.Store.CreateAPIKey(ctx, k, limitOf(k.Kind))
	if errors.Is(err, store.ErrLimit) {
		return identity.APIKey{}, secret.Text{}, errTooMany
	}
	if err != nil {
		return identity.APIKey{}, secret.Text{}, err
	}
	s.Audit.Record(o.Event(identity.AuditAPIKeyCreated, target(k)))
	return k, text, nil
}

// prove asks for proof where a key is as good as its owner, or can look after
// others: it outlives the sign-in that made it. A developer key takes the code,
// too, as it stands in for that. A key is no proof.
func (s *Service) prove(ctx context.Context, p identity.Principal, k identity.APIKey, proof account.Proof, o identity.Origin) error {
	switch {
	case !p.Key.IsZero():
		return errWithKey
	case k.Kind == identity.KeyDev:
		return s.Prover.Prove(ctx, p, proof, p.User.TOTPEnabled, o)
	case slices.ContainsFunc(k.Permissions, identity.Permission.IsFarReaching):
		return s.Prover.Prove(ctx, p, proof, false, o)
	}
	return nil
}

// draft checks what a key is to be made with.
func (s *Service) draft(ctx context.Context, p identity.Principal, n NewKey) (identity.APIKey, error) {
	k := identity.APIKey{
		User: p.User.ID, Kind: n.Kind, Name: strings.TrimSpace(n.Name), Description: strings.TrimSpace(n.Description),
		CreatedAt: s.Env.Now(),
	}
	switch {
	case k.Name == "" || !plain(k.Name, maxName):
		return k, errName
	case !plain(k.Description, maxDescription):
		return k, errDescription
	case n.Life < 0:
		return k, errLife
	case n.Life > 0:
		k.ExpiresAt = k.CreatedAt.Add(min(n.Life, MaxLife))
	}
	if n.Kind == identity.KeyDev {
		return k, nil
	}
	var err error
	k.Permissions, err = s.limits(ctx, p, n.Permissions)
	return k, err
}

// limits reads the permissions that an API key is to be limited to: they exist,
// and the owner holds them.
func (s *Service) limits(ctx context.Context, p identity.Principal, names []string) ([]identity.Permission, error) {
	if len(names) == 0 || len(names) > maxPermissions {
		return nil, errNoneAllowed
	}
	made, err := s.Store.Permissions(ctx)
	if err != nil {
		return nil, err
	}
	all, rights := append(identity.BuiltInPermissions(), made...), p.Rights()
	var out []identity.Permission
	for _, text := range names {
		name, err := identity.ParsePermission(text)
		if err != nil {
			return nil, account.UnknownPermission(text)
		}
		// Admin is all that the owner may do, whatever that is; what anybody does
		// with their own account needs no role.
		own := name == identity.Admin || name == identity.Read || name == identity.Write
		switch {
		case !slices.ContainsFunc(all, func(i identity.PermissionInfo) bool { return i.Name == name }):
			return nil, account.UnknownPermission(text)
		case !own && !rights.Has(name):
			return nil, errTooWide
		case !slices.Contains(out, name):
			out = append(out, name)
		}
	}
	return out, nil
}

// List lists the keys that a filter chooses by id, and how many there are in
// all. Returns Invalid for a status that there is not.
func (s *Service) List(ctx context.Context, f identity.APIKeyFilter, p identity.Page) ([]identity.APIKey, int, error) {
	switch f.Status {
	case "", identity.KeyActive, identity.KeyInactive, identity.KeyExpired:
	default:
		return nil, 0, errStatus
	}
	f.At = s.Env.Now()
	list, total, err := s.Store.APIKeys(ctx, f, p)
	return s.withUses(list), total, err
}

// Of returns a key of a kind that belongs to owner, and any key of the kind if
// owner is 0. Returns ErrNotFound also for a key of somebody else.
func (s *Service) Of(ctx context.Context, owner identity.UserID, kind identity.KeyKind, id identity.APIKeyID) (identity.APIKey, error) {
	k, err := s.Store.APIKey(ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && (k.Kind != kind || owner != 0 && k.User != owner) {
		return identity.APIKey{}, ErrNotFound
	}
	return k, err
}

// SetEnabled disables a key, or enables it again. Doing so twice is no error.
// Who enables a key of somebody else must hold what it may do: they could have
// its text.
func (s *Service) SetEnabled(ctx context.Context, k identity.APIKey, enabled bool, o identity.Origin) (identity.APIKey, error) {
	if enabled && k.User != o.Actor && !covers(o.Rights, k) {
		return k, errTooWide
	}
	now, action := s.Env.Now(), identity.AuditAPIKeyDisabled
	if enabled {
		action = identity.AuditAPIKeyEnabled
	}
	changed := false
	k, err := s.Store.UpdateAPIKey(ctx, k.ID, func(k identity.APIKey) (identity.APIKey, error) {
		changed = k.DisabledAt.IsZero() != enabled
		switch {
		case !changed:
		case enabled:
			k.DisabledAt, k.EnabledAt = time.Time{}, now
		default:
			k.DisabledAt = now
		}
		return k, nil
	})
	if err == nil && changed {
		s.Audit.Record(o.Event(action, target(k)))
	}
	if err == nil && !enabled {
		err = s.endWhatItOpened(ctx, k)
	}
	return k, missing(err)
}

// covers reports whether rights hold all that a key may be used for.
func covers(r identity.Rights, k identity.APIKey) bool {
	if k.Kind != identity.KeyAPI {
		return r.IsEverything()
	}
	return !slices.ContainsFunc(k.Permissions, func(p identity.Permission) bool { return !r.Has(p) })
}

// Delete removes a key for good. Sessions that developer keys of the owner have
// opened end with it, as with one that is disabled.
func (s *Service) Delete(ctx context.Context, k identity.APIKey, o identity.Origin) error {
	if err := s.Store.DeleteAPIKey(ctx, k.ID); err != nil {
		return missing(err)
	}
	s.Audit.Record(o.Event(identity.AuditAPIKeyDeleted, target(k)))
	return s.endWhatItOpened(ctx, k)
}

// A Replacement says how a key is to be replaced.
type Replacement struct {
	Old     identity.APIKey
	Overlap time.Duration // how long the old key goes on beside the new one
	Proof   account.Proof // for a developer key
}

// Replace makes a new key like an old one of somebody's own, and lets the old
// one end after an overlap, in which programs can be given the new one. The new
// one lasts as long as the old one was made for, or was left by an earlier
// replacement. It needs the proof that making one does. Returns Conflict for one
// that has ended, and for one too many.
func (s *Service) Replace(ctx context.Context, p identity.Principal, r Replacement, o identity.Origin) (identity.APIKey, secret.Text, error) {
	now := s.Env.Now()
	switch {
	case r.Overlap < 0 || r.Overlap > MaxOverlap:
		return identity.APIKey{}, secret.Text{}, errOverlap
	case r.Old.User != p.User.ID:
		return identity.APIKey{}, secret.Text{}, ErrNotFound
	case r.Old.Status(now) == identity.KeyExpired:
		return identity.APIKey{}, secret.Text{}, errEnded
	}
	if err := s.prove(ctx, p, r.Old, r.Proof, o); err != nil {
		return identity.APIKey{}, secret.Text{}, err
	}
	if err := s.roomToReplace(ctx, r.Old); err != nil {
		return identity.APIKey{}, secret.Text{}, err
	}
	k := r.Old
	k.ID, k.CreatedAt, k.DisabledAt, k.EnabledAt, k.LastUsedAt = 0, now, time.Time{}, time.Time{}, time.Time{}
	if !k.ExpiresAt.IsZero() {
		k.ExpiresAt = now.Add(r.Old.ExpiresAt.Sub(r.Old.CreatedAt))
	}
	text, err := s.give(&k)
	if err != nil {
		return identity.APIKey{}, secret.Text{}, err
	}
	k, err = s.Store.ReplaceAPIKey(ctx, r.Old.ID, now.Add(r.Overlap), k)
	if err != nil {
		return identity.APIKey{}, secret.Text{}, missing(err)
	}
	s.Audit.Record(o.Event(identity.AuditAPIKeyReplaced, target(r.Old)))
	return k, text, nil
}

// roomToReplace returns nil if a key can be replaced: that somebody has as many
// as there can be does not hinder it, but replacing them over and over does.
func (s *Service) roomToReplace(ctx context.Context, old identity.APIKey) error {
	_, total, err := s.List(ctx, identity.APIKeyFilter{User: old.User, Kind: old.Kind}, identity.Page{Limit: 1})
	if err == nil && total >= 2*limitOf(old.Kind) {
		err = errTooMany
	}
	return err
}

// limitOf is how many keys of a kind somebody can have.
func limitOf(k identity.KeyKind) int {
	if k == identity.KeyDev {
		return MaxDevKeys
	}
	return MaxKeys
}

// endWhatItOpened ends what developer keys of the owner have signed in. Which of
// their keys it was is not kept, and one that is still good signs in again.
func (s *Service) endWhatItOpened(ctx context.Context, k identity.APIKey) error {
	if k.Kind != identity.KeyDev {
		return nil
	}
	_, err := s.Store.EndTokensBy(context.WithoutCancel(ctx), k.User, identity.FactorKey, identity.EndedByEviction, s.Env.Now())
	return err
}

func missing(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return ErrNotFound
	}
	return err
}

func plain(s string, most int) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= most && !strings.ContainsFunc(s, unicode.IsControl)
}

// target names a key in the record by what people can see of it.
func target(k identity.APIKey) string { return string(k.Kind) + " key " + k.Prefix }
