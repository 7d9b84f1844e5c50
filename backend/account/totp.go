package account

import (
	"context"
	"crypto/subtle"
	"errors"
	"strconv"
	"time"

	"latchkey/backend/credential/totp"
	"latchkey/backend/identity"
	"latchkey/backend/store"
)

// pendingFor is how long a secret waits for its first code.
const pendingFor = 10 * time.Minute

// The refusals about the second factor.
var (
	ErrGuestTOTP   = identity.NewError(identity.PermissionDenied, "guest_has_no_totp", "Nobody is signed in, so there is no second factor.")
	ErrCodeWrong   = identity.InvalidField("code", "code_wrong", "That code is not right. Check the clock of the phone, and send the next code.")
	ErrTOTPPending = identity.InvalidField("secret", "totp_not_started", "That set-up has run out or was replaced. Start again with a new QR code.")
	ErrTOTPOff     = identity.NewError(identity.Conflict, "totp_off", "Two-factor sign-in is not on.")
)

// StartTOTP makes a secret for a second factor. It is worth nothing until
// EnableTOTP gets a code that fits it, within ten minutes.
func (s *Service) StartTOTP(ctx context.Context, p identity.Principal) (totp.Secret, error) {
	if p.IsGuest() {
		return totp.Secret{}, ErrGuestTOTP
	}
	secret := totp.NewSecret(s.Env)
	return secret, s.Store.SavePendingTOTP(ctx, identity.PendingTOTP{
		User: p.User.ID, CreatedAt: s.Env.Now(),
		SealedSecret: s.Box.Seal(pendingLabel(p.User.ID), []byte(secret.Base32())),
	})
}

// TOTPSetUp is the second step of turning a second factor on.
type TOTPSetUp struct {
	Secret string // as StartTOTP gave it
	Code   string // a code that fits it
	Proof  Proof  // the code in it is needed to replace a factor that is on

	RecoveryCodes bool // make recovery codes too; without, they can be made later
}

// EnableTOTP turns the second factor on, or replaces it, and returns recovery
// codes if they are asked for; they are shown only now, and older ones are
// gone. The code is spent by it. It needs proof.
func (s *Service) EnableTOTP(ctx context.Context, p identity.Principal, u TOTPSetUp, o identity.Origin) ([]string, error) {
	if p.IsGuest() {
		return nil, ErrGuestTOTP
	}
	secret, err := s.pending(ctx, p.User.ID, u.Secret)
	if err != nil {
		return nil, err
	}
	step, ok := totp.Match(secret, u.Code, s.Env.Now())
	if !ok {
		return nil, ErrCodeWrong
	}
	if err := s.Prove(ctx, p, u.Proof, p.User.TOTPEnabled, o); err != nil {
		return nil, err
	}
	return s.turnOn(ctx, p.User.ID, u, step, o)
}

// turnOn makes a pending second factor, whose code was of a step, the one that
// is on. Of two requests for the same one the second finds nothing pending: it
// must neither replace the recovery codes that the first has shown nor free
// the codes that were used since.
func (s *Service) turnOn(ctx context.Context, id identity.UserID, u TOTPSetUp, step int64, o identity.Origin) ([]string, error) {
	s.enabling.Lock()
	defer s.enabling.Unlock()
	secret, err := s.pending(ctx, id, u.Secret)
	if err != nil {
		return nil, err
	}
	var codes []string
	var hashes []store.RecoveryHash
	if u.RecoveryCodes {
		codes, hashes = s.newRecoveryCodes(id)
	}
	err = s.Store.SaveTOTP(ctx, identity.TOTP{
		User: id, LastUsedStep: step, EnabledAt: s.Env.Now(),
		SealedSecret: s.Box.Seal(TOTPLabel(id), []byte(secret.Base32())),
	}, hashes)
	if err != nil {
		return nil, err
	}
	s.Audit.Record(o.Event(identity.AuditTOTPEnabled, target(id)))
	return codes, nil
}

// DisableTOTP turns somebody's own second factor off. It needs proof with a code.
func (s *Service) DisableTOTP(ctx context.Context, p identity.Principal, proof Proof, o identity.Origin) error {
	if !p.User.TOTPEnabled {
		return ErrTOTPOff
	}
	if err := s.Prove(ctx, p, proof, true, o); err != nil {
		return err
	}
	return s.dropTOTP(ctx, p.User.ID, o)
}

// CancelTOTP turns somebody else's second factor off without proof, for an
// administrator. It is no error if there is none. Returns ErrUserNotFound, and
// ErrOwnProfile for one's own, which DisableTOTP wants proof for, and
// ErrMoreThanYou.
func (s *Service) CancelTOTP(ctx context.Context, id identity.UserID, o identity.Origin) error {
	if o.Actor == id {
		return ErrOwnProfile
	}
	if _, err := s.User(ctx, id); err != nil {
		return err
	}
	if err := s.MayTouch(ctx, id, o); err != nil {
		return err
	}
	return s.dropTOTP(ctx, id, o)
}

func (s *Service) dropTOTP(ctx context.Context, id identity.UserID, o identity.Origin) error {
	if err := s.Store.DeleteTOTP(ctx, id); err != nil {
		return err
	}
	s.Audit.Record(o.Event(identity.AuditTOTPDisabled, target(id)))
	return nil
}

// NewRecoveryCodes replaces somebody's recovery codes and returns the new
// ones, which are shown only now. It needs proof with a code.
func (s *Service) NewRecoveryCodes(ctx context.Context, p identity.Principal, proof Proof, o identity.Origin) ([]string, error) {
	if !p.User.TOTPEnabled {
		return nil, ErrTOTPOff
	}
	if err := s.Prove(ctx, p, proof, true, o); err != nil {
		return nil, err
	}
	codes, hashes := s.newRecoveryCodes(p.User.ID)
	if err := s.Store.SaveRecoveryCodes(ctx, p.User.ID, hashes); err != nil {
		return nil, err
	}
	s.Audit.Record(o.Event(identity.AuditRecoveryCodes, target(p.User.ID)))
	return codes, nil
}

// RecoveryCodesLeft counts a user's unused recovery codes.
func (s *Service) RecoveryCodesLeft(ctx context.Context, id identity.UserID) (int, error) {
	return s.Store.RecoveryCodesLeft(ctx, id)
}

// pending returns the secret that awaits its first code, if it is the one sent.
func (s *Service) pending(ctx context.Context, id identity.UserID, sent string) (totp.Secret, error) {
	waiting, err := s.Store.PendingTOTP(ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && s.Env.Now().Sub(waiting.CreatedAt).Abs() > pendingFor {
		return totp.Secret{}, ErrTOTPPending
	}
	if err != nil {
		return totp.Secret{}, err
	}
	kept, err := s.Box.Open(pendingLabel(id), waiting.SealedSecret)
	if err != nil {
		return totp.Secret{}, err
	}
	got, err := totp.ParseSecret(sent)
	if err != nil || subtle.ConstantTimeCompare([]byte(got.Base32()), kept) != 1 {
		return totp.Secret{}, ErrTOTPPending
	}
	return got, nil
}

func (s *Service) newRecoveryCodes(id identity.UserID) ([]string, []store.RecoveryHash) {
	codes := totp.NewRecoveryCodes(s.Env)
	hashes := make([]store.RecoveryHash, len(codes))
	for i, c := range codes {
		normal, _ := totp.NormalizeRecoveryCode(c)
		hashes[i] = s.Box.MAC(RecoveryLabel(id), []byte(normal))
	}
	return codes, hashes
}

// TOTPLabel is what a user's secret is sealed under.
func TOTPLabel(id identity.UserID) string { return "totp:" + strconv.FormatInt(int64(id), 10) }

// RecoveryLabel is what a user's recovery codes are hashed under.
func RecoveryLabel(id identity.UserID) string { return "recovery:" + strconv.FormatInt(int64(id), 10) }

func pendingLabel(id identity.UserID) string {
	return "totp-pending:" + strconv.FormatInt(int64(id), 10)
}
