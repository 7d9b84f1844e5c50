package app

import (
	"context"

	"latchkey/backend/companion"
	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/servers"
	"latchkey/backend/identity"
)

// A Factor is how an account's second factor stands.
type Factor struct {
	On                bool   `json:"on"`
	RecoveryCodesLeft int    `json:"recoveryCodesLeft"`
	Kept              string `json:"kept"` // what the authenticator of this window calls its code; empty: it has none
}

// A Setup is a second factor that waits for its first code.
type Setup struct {
	Secret string   `json:"secret"` // base32, to be typed
	URI    string   `json:"uri"`
	QR     []string `json:"qr"` // rows of modules, '1' for black, without the quiet zone
}

// An Enable is the second step of turning a second factor on, or of replacing
// one that is on.
type Enable struct {
	ID          string `json:"id"`
	Secret      string `json:"secret"`      // as StartFactor gave it
	Code        string `json:"code"`        // one that fits it; not looked at with Keep
	Keep        bool   `json:"keep"`        // in the authenticator of this window, which makes the code then
	Password    string `json:"password"`    // the current one; empty until the server asks for it
	CurrentCode string `json:"currentCode"` // of the factor that is on
}

// An Enabled is what came of that. The factor is on.
type Enabled struct {
	RecoveryCodes []string `json:"recoveryCodes"` // where the server has them
	Unkept        *Problem `json:"unkept"`        // why the secret is not kept, if it was to be
}

// A NewFactor is a factor that is on, to be kept.
type NewFactor struct {
	ID     string `json:"id"`
	Secret string `json:"secret"`
}

// A Proof shows that it is the person who asks for a change.
type Proof struct {
	ID       string `json:"id"`
	Password string `json:"password"`
	Code     string `json:"code"`
}

// Factor tells how the second factor stands.
func (a *Account) Factor(id string) (Factor, error) {
	return act(a.d, id, func(ctx context.Context, acc *remote.Account) (Factor, error) {
		f, err := acc.Factor(ctx)
		if err != nil {
			return Factor{}, err
		}
		kept, err := a.d.keptCode(ctx, id)
		return Factor{On: f.On, RecoveryCodesLeft: f.RecoveryCodesLeft, Kept: kept.Name()}, err
	})
}

// StartFactor has the server make a secret. It is worth nothing until
// EnableFactor gets a code that fits it, so a factor that is on stays.
func (a *Account) StartFactor(id string) (Setup, error) {
	return ask(a.d, byNet, func(ctx context.Context) (Setup, error) {
		s, err := a.d.companion.Servers.Server(ctx, servers.ID(id))
		if err != nil {
			return Setup{}, err
		}
		var text companion.Secret
		err = a.d.companion.Servers.Act(ctx, s.ID, func(ctx context.Context, acc *remote.Account) error {
			text, err = acc.StartFactor(ctx)
			return err
		})
		if err != nil {
			return Setup{}, err
		}
		// A server's own picture is not shown: its label names the product, and
		// who has several servers could not tell the entries apart.
		uri := setupURI(text, s.Name, s.Username)
		modules, err := qrModules(uri)
		if err != nil {
			return Setup{}, errQR.Because(err)
		}
		return Setup{Secret: text.Reveal(), URI: uri, QR: modules}, nil
	})
}

var errQR = identity.NewError(identity.Internal, "qr_failed",
	"The QR code could not be drawn. Give the server a shorter name, and try again.")

// EnableFactor turns the second factor on, or replaces it. The secret is kept
// only after the server has said yes; that it could not be is no error, as the
// factor is on.
func (a *Account) EnableFactor(e Enable) (Enabled, error) {
	return changeFactor(a.d, e.ID, func(ctx context.Context, acc *remote.Account) (Enabled, error) {
		text := companion.NewSecret(e.Secret)
		if e.Keep {
			var err error
			if e.Code, err = a.d.companion.FirstCode(ctx, servers.ID(e.ID), text); err != nil {
				return Enabled{}, err
			}
		}
		codes, err := acc.EnableFactor(ctx, remote.FactorSetUp{
			Secret: text, Code: e.Code, RecoveryCodes: true,
			Proof: remote.Proof{Password: companion.NewSecret(e.Password), Code: e.CurrentCode},
		})
		if err != nil {
			return Enabled{}, err
		}
		out := Enabled{RecoveryCodes: revealed(codes)}
		if e.Keep {
			out.Unkept = asProblem(a.d.keepFactor(ctx, e.ID, text))
		}
		return out, nil
	})
}

// KeepFactor keeps the secret of a factor that is on, for who could not have it
// kept when it was turned on.
func (a *Account) KeepFactor(f NewFactor) error {
	return do(a.d, atOnce, func(ctx context.Context) error { return a.d.keepFactor(ctx, f.ID, companion.NewSecret(f.Secret)) })
}

// DisableFactor turns the second factor off.
func (a *Account) DisableFactor(p Proof) error {
	_, err := changeFactor(a.d, p.ID, func(ctx context.Context, acc *remote.Account) (struct{}, error) {
		return struct{}{}, acc.DisableFactor(ctx, p.remote())
	})
	return err
}

// NewRecoveryCodes replaces the recovery codes and returns the new ones.
func (a *Account) NewRecoveryCodes(p Proof) ([]string, error) {
	return act(a.d, p.ID, func(ctx context.Context, acc *remote.Account) ([]string, error) {
		codes, err := acc.NewRecoveryCodes(ctx, p.remote())
		return revealed(codes), err
	})
}

func (p Proof) remote() remote.Proof {
	return remote.Proof{Password: companion.NewSecret(p.Password), Code: p.Code}
}

func revealed(codes []companion.Secret) []string {
	out := make([]string, 0, len(codes))
	for _, c := range codes {
		out = append(out, c.Reveal())
	}
	return out
}

// act makes a call as who is signed in on a server.
func act[T any](d *desk, id string, call func(context.Context, *remote.Account) (T, error)) (T, error) {
	return ask(d, byNet, func(ctx context.Context) (T, error) {
		var out T
		err := d.companion.Servers.Act(ctx, servers.ID(id), func(ctx context.Context, acc *remote.Account) (err error) {
			out, err = call(ctx, acc)
			return err
		})
		return out, err
	})
}

// changeFactor is act for what changes how signing in goes, which the page is
// told of with the server.
func changeFactor[T any](d *desk, id string, call func(context.Context, *remote.Account) (T, error)) (T, error) {
	out, err := act(d, id, call)
	if err == nil {
		d.spawn(func() { _, _ = d.companion.Servers.Check(d.ctx, servers.ID(id)) }) // its outcome is told
	}
	return out, err
}
