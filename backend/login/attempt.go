package login

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/netip"
	"time"

	"latchkey/backend/credential/password"
	"latchkey/backend/identity"
	"latchkey/backend/throttle"
)

// defaultLock is how long a lock lasts where the door does not say otherwise.
const defaultLock = 5 * time.Minute

// An Attempt is what somebody shows to be let in.
type Attempt struct {
	Username string // as typed; an e-mail address will do
	Password password.Digest
	Code     string // of the second factor, or a recovery code; empty if not shown
	Address  netip.Addr
	Door     string        // the way in, such as "alist" or "sftp"
	LockFor  time.Duration // how long a lock lasts at this door; 0 is five minutes

	CanAsk  bool   // the door can ask for a captcha
	Captcha string // what one shows; empty if not shown
}

// attempt runs a check as one attempt on an account, and settles it by how
// that goes. The check says whose account it is, 0 for nobody's.
func (p *Pipeline) attempt(ctx context.Context, a Attempt, check func() (identity.UserID, error)) error {
	try, err := p.begin(ctx, a)
	if err != nil {
		return err
	}
	checked := false
	defer func() {
		if !checked {
			_, _ = try.Fail(ctx) // a panic is passing through: it must not keep the attempt open
		}
	}()
	user, err := check()
	checked = true
	return p.finish(ctx, try, a, user, err)
}

func (p *Pipeline) begin(ctx context.Context, a Attempt) (*throttle.Attempt, error) {
	account, err := p.accountOf(ctx, a.Username)
	if err != nil {
		return nil, err
	}
	door := throttle.Door{LockFor: cmp.Or(a.LockFor, defaultLock), Challenge: a.CanAsk}
	if a.CanAsk && a.Captcha != "" {
		door.Challenge = !p.Captchas.Spend(account, a.Address, a.Captcha)
	}
	try, err := p.Throttle.Begin(ctx, account, a.Address, door)
	if errors.Is(err, throttle.ErrChallenge) && a.Captcha != "" {
		err = ErrCaptchaWrong
	}
	return try, err
}

// accountOf returns what the counters of an account are kept under: the name
// of the user who is meant, or of nobody the normalised text, or a hash of what
// cannot be a name.
func (p *Pipeline) accountOf(ctx context.Context, typed string) (string, error) {
	if typed == "" {
		return "", nil
	}
	u, known, err := p.lookUp(ctx, typed)
	if err != nil {
		return "", err
	}
	if known {
		return string(u.Username), nil
	}
	if name, err := identity.ParseUsername(typed); err == nil {
		return string(name), nil
	}
	sum := sha256.Sum256([]byte(typed))
	return "?" + hex.EncodeToString(sum[:8]), nil
}

// finish settles the attempt by how the check went, and returns how that ends
// for the caller. If it cannot be settled nobody gets in.
func (p *Pipeline) finish(ctx context.Context, try *throttle.Attempt, a Attempt, u identity.UserID, result error) error {
	switch {
	case result == nil:
		return try.Succeed(ctx)
	case errors.Is(result, errPartlyProven):
		return try.Cancel(ctx)
	case !errors.Is(result, ErrCredentials) && !errors.Is(result, ErrCodeWrong):
		return errors.Join(result, try.Cancel(ctx)) // nothing was guessed
	}
	locked, err := try.Fail(ctx)
	if err != nil {
		return err
	}
	p.record(a, u, identity.AuditSignIn, result)
	if locked {
		p.record(a, u, identity.AuditLocked, nil)
	}
	return result
}
