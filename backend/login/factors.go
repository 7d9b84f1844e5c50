package login

import (
	"context"
	"errors"
	"log/slog"
	"strings"

	"latchkey/backend/account"
	"latchkey/backend/credential/password"
	"latchkey/backend/credential/totp"
	"latchkey/backend/identity"
	"latchkey/backend/store"
)

// errPartlyProven says that what was asked for was proven, but not all that a
// sign-in of the account takes.
var errPartlyProven = errors.New("partly proven")

// Prove checks again what somebody who is signed in shows before a change
// that matters: the password if there is one in the proof, the code if
// withCode is set. Failures count like those of a sign-in. Only a proof of all
// that a sign-in takes forgets them, or who has the password alone could clear
// the way for guessing codes.
func (p *Pipeline) Prove(ctx context.Context, who identity.Principal, proof account.Proof, withCode bool, o identity.Origin) error {
	a := Attempt{Username: string(who.User.Username), Password: proof.Password, Code: proof.Code, Address: o.Address, Door: o.Door}
	return p.attempt(ctx, a, func() (identity.UserID, error) {
		u, err := p.Store.User(ctx, who.User.ID) // as it is now that the attempt is allowed
		if err != nil {
			return who.User.ID, err
		}
		withPassword := proof.Password != password.Digest{}
		if withPassword {
			err = p.checkPassword(ctx, u, u.PasswordHash, proof.Password)
		}
		if err == nil && withCode {
			err = p.checkCode(ctx, u.ID, proof.Code)
		}
		if err == nil && (!withPassword || u.TOTPEnabled && !withCode) {
			err = errPartlyProven
		}
		return u.ID, err
	})
}

// checkPassword verifies a password against what is stored; against nothing it
// does the same work and refuses. A hash made with other costs than those in
// use now is renewed.
func (p *Pipeline) checkPassword(ctx context.Context, u identity.User, stored identity.PasswordHash, d password.Digest) error {
	verdict, err := p.Hasher.Verify(ctx, stored, d)
	if err != nil {
		if identity.KindOf(err) == identity.Unavailable {
			return err
		}
		p.Log.ErrorContext(ctx, "stored password hash is unusable", slog.Int64("user", int64(u.ID)), slog.Any("err", err))
		return ErrCredentials
	}
	if !verdict.OK {
		return ErrCredentials
	}
	if verdict.Stale {
		p.rehash(ctx, u.ID, stored, d)
	}
	return nil
}

// rehash renews a stored hash, unless the password has been changed meanwhile.
// That it fails is no reason to keep somebody out.
func (p *Pipeline) rehash(ctx context.Context, id identity.UserID, old identity.PasswordHash, d password.Digest) {
	hash, err := p.Hasher.Hash(ctx, d)
	if err == nil {
		_, err = p.Store.UpdateUser(ctx, id, func(u identity.User) (identity.User, error) {
			if u.PasswordHash == old {
				u.PasswordHash = hash
			}
			return u, nil
		})
	}
	if err != nil {
		p.Log.WarnContext(ctx, "renew password hash", slog.Int64("user", int64(id)), slog.Any("err", err))
	}
}

// checkCode verifies a code of the second factor, or a recovery code, and
// spends it.
func (p *Pipeline) checkCode(ctx context.Context, id identity.UserID, code string) error {
	if strings.TrimSpace(code) == "" {
		return ErrCodeNeeded
	}
	if normal, ok := totp.NormalizeRecoveryCode(code); ok {
		err := p.Store.SpendRecoveryCode(ctx, id, p.Box.MAC(account.RecoveryLabel(id), []byte(normal)))
		if errors.Is(err, store.ErrNotFound) {
			return ErrCodeWrong
		}
		return err
	}
	kept, err := p.Store.TOTP(ctx, id)
	if err != nil {
		return err
	}
	text, err := p.Box.Open(account.TOTPLabel(id), kept.SealedSecret)
	if err != nil {
		return err
	}
	secret, err := totp.ParseSecret(string(text))
	if err != nil {
		return err
	}
	step, ok := totp.Match(secret, code, p.Env.Now())
	if !ok {
		return ErrCodeWrong
	}
	err = p.Store.SpendTOTPStep(ctx, id, step)
	if errors.Is(err, store.ErrExists) {
		return ErrCodeWrong // used before
	}
	return err
}
