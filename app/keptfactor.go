package app

import (
	"context"
	"errors"

	"latchkey/backend/companion"
	"latchkey/backend/companion/authenticator"
	"latchkey/backend/companion/servers"
)

// An AccountRef names an account on a server.
type AccountRef struct {
	ID       string `json:"id"`
	Username string `json:"username"`
}

// A LinkedCode is the code for a sign-in, and where it comes from.
type LinkedCode struct {
	Name string `json:"name"`
	Code string `json:"code"`
}

// Linked returns what the authenticator calls the code that is linked to an
// account, or "". It makes no code.
func (s *SignIn) Linked(a AccountRef) (string, error) {
	return ask(s.d, atOnce, func(ctx context.Context) (string, error) {
		e, err := s.d.linked(ctx, servers.ID(a.ID), a.Username)
		return e.Name(), err
	})
}

// TakeCode takes the code that is linked to an account, which is used with
// that. The page calls it when the server has asked for one, and once for each
// time that the person has set out to sign in. Its problems otp_not_linked, and
// otp_spent with the time until the next code, are no failures.
func (s *SignIn) TakeCode(a AccountRef) (LinkedCode, error) {
	return ask(s.d, atOnce, func(ctx context.Context) (LinkedCode, error) {
		e, code, err := s.d.companion.SignInCode(ctx, servers.ID(a.ID), a.Username, s.d.chosenClock())
		return LinkedCode{Name: e.Name(), Code: code.Text}, err
	})
}

// TrashKept moves the code of the account that is signed in to the trash, as
// the server takes it no more. It returns the entry, which Codes.Restore takes
// out again, or "" if there is none.
func (a *Account) TrashKept(id string) (string, error) {
	return ask(a.d, atOnce, func(ctx context.Context) (string, error) {
		e, err := a.d.keptCode(ctx, id)
		if err != nil || e.ID == "" {
			return "", err
		}
		if err := a.d.companion.Codes.Delete(ctx, e.ID); err != nil {
			return "", err
		}
		a.d.codesChanged()
		return string(e.ID), nil
	})
}

// linked returns the entry that is linked to an account, or an empty one.
func (d *desk) linked(ctx context.Context, id servers.ID, username string) (authenticator.Entry, error) {
	e, err := d.companion.FactorEntry(ctx, id, username)
	if errors.Is(err, authenticator.ErrNotLinked) {
		return authenticator.Entry{}, nil
	}
	return e, err
}

// keptCode is linked for who is signed in on a server.
func (d *desk) keptCode(ctx context.Context, id string) (authenticator.Entry, error) {
	s, err := d.companion.Servers.Server(ctx, servers.ID(id))
	if err != nil {
		return authenticator.Entry{}, err
	}
	return d.linked(ctx, s.ID, s.Username)
}

func (d *desk) keepFactor(ctx context.Context, id string, text companion.Secret) error {
	s, err := d.companion.Servers.Server(ctx, servers.ID(id))
	if err != nil {
		return err
	}
	if _, err := d.companion.KeepFactor(ctx, s, s.Username, text); err != nil {
		return err
	}
	d.codesChanged()
	return nil
}
