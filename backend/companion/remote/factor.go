package remote

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
)

// A Factor is how an account's second factor stands.
type Factor struct {
	On                bool
	RecoveryCodesLeft int // 0 also where the server has none
}

// A Proof shows that it is the person who asks for a change. What of it is
// needed the server says: proof_needed or password_wrong, code_needed or
// code_wrong. It is sent only to a server that asks for it.
type Proof struct {
	Password secret.Text // the current one
	Code     string      // of the factor that is on, or a recovery code
}

// A FactorSetUp is the second step of turning a second factor on.
type FactorSetUp struct {
	Secret        secret.Text // as StartFactor gave it
	Code          string      // one that fits it
	Proof         Proof       // the code in it to replace a factor that is on
	RecoveryCodes bool        // make them too, where the server can
}

// The refusals about second factors.
var (
	errProofNeeded = identity.InvalidField("password", "proof_needed",
		"Enter your current password with this change.")
	errPasswordWrong = identity.InvalidField("password", "password_wrong", "That is not your current password.")
	errNewCodeWrong  = identity.InvalidField("code", "new_code_wrong",
		"That code does not fit. Check the clock of the device that shows it, and enter the next code.")
	errNotStarted = identity.NewError(identity.Conflict, "factor_not_started",
		"That set-up has run out or was replaced. Start again with a new QR code.")
	errFactorOff = identity.NewError(identity.Conflict, "factor_off", "Two-factor sign-in is not on.")
	errNoSecret  = errGarbled.Because(errors.New("a second factor without a usable secret"))
)

// Factor tells how the second factor stands.
func (a *Account) Factor(ctx context.Context) (Factor, error) {
	can, err := a.capabilities(ctx)
	if err != nil {
		return Factor{}, err
	}
	if !can.RecoveryCodes {
		me, err := a.Me(ctx)
		return Factor{On: me.SecondFactor}, err
	}
	var got wireFactorState
	err = a.call(ctx, request{method: http.MethodGet, path: pathFactor}, &got)
	return Factor{On: got.Enabled, RecoveryCodesLeft: got.RecoveryCodesLeft}, err
}

// StartFactor asks for a secret for a second factor, in base32. It is worth
// nothing until EnableFactor gets a code that fits it.
func (a *Account) StartFactor(ctx context.Context) (secret.Text, error) {
	var got wireSecret
	if err := a.call(ctx, request{method: http.MethodPost, path: pathStartFactor}, &got); err != nil {
		return secret.Text{}, err
	}
	text := strings.TrimRight(got.Secret, "=")
	if len(text) < 16 || len(text) > 128 || strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "" {
		return secret.Text{}, errNoSecret
	}
	return secret.New(got.Secret), nil
}

// EnableFactor turns the second factor on, or replaces it, and returns the
// recovery codes if they were asked for and the server has them. Returns
// new_code_wrong if the code does not fit the secret, and the errors of Proof.
func (a *Account) EnableFactor(ctx context.Context, u FactorSetUp) ([]secret.Text, error) {
	can, err := a.capabilities(ctx)
	if err != nil {
		return nil, err
	}
	body := wireFactor{Code: tidyCode(u.Code), Secret: u.Secret.Reveal(), RecoveryCodes: u.RecoveryCodes && can.RecoveryCodes}
	if can.Proof {
		body.prove(u.Proof)
	}
	var got wireRecoveryCodes
	err = a.call(ctx, request{method: http.MethodPost, path: pathEnableFactor, body: body}, &got)
	if r, ok := errors.AsType[*RefusalError](err); ok && errors.Is(err, errCodeWrong) && r.Code == http.StatusBadRequest {
		return nil, because(errNewCodeWrong, err) // 402 is about the factor that is on
	}
	return recoveryCodes(got), proofRefused(err, body.OTPCode != "")
}

// DisableFactor turns the second factor off. AList and OpenList cannot do that
// for the person who has it: server_lacks_this.
func (a *Account) DisableFactor(ctx context.Context, p Proof) error {
	can, err := a.capabilities(ctx)
	switch {
	case err != nil:
		return err
	case !can.FactorOff:
		return errUnsupported
	}
	return a.proven(ctx, pathDisableFactor, p, nil)
}

// NewRecoveryCodes replaces the recovery codes and returns the new ones.
func (a *Account) NewRecoveryCodes(ctx context.Context, p Proof) ([]secret.Text, error) {
	can, err := a.capabilities(ctx)
	switch {
	case err != nil:
		return nil, err
	case !can.RecoveryCodes:
		return nil, errUnsupported
	}
	var got wireRecoveryCodes
	err = a.proven(ctx, pathRecoveryCodes, p, &got)
	return recoveryCodes(got), err
}

func (a *Account) proven(ctx context.Context, path string, p Proof, out any) error {
	var body wireFactor
	body.prove(p)
	err := a.call(ctx, request{method: http.MethodPost, path: path, body: body}, out)
	return proofRefused(err, body.OTPCode != "")
}

func (w *wireProof) prove(p Proof) { w.Password, w.OTPCode = proofHash(p.Password), tidyCode(p.Code) }

// proofHash is how a current password is shown: only the servers that ask for
// one take its hash. There is none of no password.
func proofHash(current secret.Text) string {
	if current.IsZero() {
		return ""
	}
	return staticHash(current)
}

// proofRefused knows what refusals of signing in mean to who is signed in.
func proofRefused(err error, codeSent bool) error {
	switch {
	case errors.Is(err, errCredentials):
		return because(errPasswordWrong, err)
	case errors.Is(err, errCodeWrong) && !codeSent:
		return because(errCodeNeeded, err)
	}
	return err
}

func recoveryCodes(w wireRecoveryCodes) []secret.Text {
	var out []secret.Text
	for _, c := range w.RecoveryCodes[:min(len(w.RecoveryCodes), 100)] {
		out = append(out, secret.New(clean(c, maxName)))
	}
	return out
}

func (a *Account) capabilities(ctx context.Context) (Capabilities, error) {
	s, err := a.c.known(ctx)
	return s.Capabilities(), err
}
