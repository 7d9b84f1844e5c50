package companion

import (
	"context"
	"errors"
	"time"

	"latchkey/backend/companion/authenticator"
	"latchkey/backend/companion/authenticator/otpauth"
	"latchkey/backend/companion/servers"
	"latchkey/backend/internal/secret"
)

// SignInCode takes the code for a sign-in from the entry that is linked to an
// account, by the clock that the person has chosen. It hands out each code once.
// Returns authenticator.ErrNotLinked, authenticator.ErrSpent with the time until
// the next code, and the vault's errors.
//
// It is called when a server has asked for a code, and once for each time that
// the person has set out to sign in: a server that asks again gets no more.
func (c *Companion) SignInCode(ctx context.Context, id servers.ID, username string, by CodeClock) (authenticator.Entry, otpauth.Code, error) {
	return c.Codes.Spend(ctx, account(id, username), c.Clock(ctx, by))
}

// FirstCode makes the code that turns a second factor on, for who has the secret
// kept here. It goes by the server's clock as far as that is known, without
// asking: the server has just made the secret, so no code is news to it. Errors
// are those of otpauth.Fields.Key.
func (c *Companion) FirstCode(ctx context.Context, id servers.ID, text secret.Text) (string, error) {
	k, err := factorKey(text)
	if err != nil {
		return "", err
	}
	return k.At(c.env.Now().Add(c.ahead(ctx, id))).Text, nil
}

// KeepFactor keeps the secret of a second factor that a server has just turned
// on, linked to the account. A code that was linked to it before goes to the
// trash: the server takes it no more. The code of this moment counts as used,
// because one has just turned the factor on. Errors are those of
// authenticator.Book.Add.
func (c *Companion) KeepFactor(ctx context.Context, s servers.Server, username string, text secret.Text) (authenticator.Entry, error) {
	k, err := factorKey(text)
	if err != nil {
		return authenticator.Entry{}, err
	}
	item := authenticator.Item{Entry: otpauth.Entry{Issuer: s.Name, Account: username, Key: k}, Link: account(s.ID, username)}
	before, err := c.FactorEntry(ctx, s.ID, username)
	switch {
	case err == nil:
		item.Replaces = before.ID
	case !errors.Is(err, authenticator.ErrNotLinked):
		return authenticator.Entry{}, err
	}
	added, err := c.Codes.Add(ctx, []authenticator.Item{item})
	if err != nil {
		return authenticator.Entry{}, err
	}
	first := func(authenticator.Link) time.Duration { return c.ahead(ctx, s.ID) }
	_, _, _ = c.Codes.Spend(ctx, account(s.ID, username), first) // it is kept; at worst a sign-in asks for another code
	return added[0], nil
}

// factorKey is what servers make: a code of 6 digits each 30 seconds.
func factorKey(text secret.Text) (otpauth.Key, error) {
	return otpauth.Fields{Secret: text.Reveal()}.Key()
}

// FactorEntry returns the entry that is linked to an account, or
// authenticator.ErrNotLinked.
func (c *Companion) FactorEntry(ctx context.Context, id servers.ID, username string) (authenticator.Entry, error) {
	return c.Codes.Linked(ctx, account(id, username))
}

// FollowRename has the entry that is linked to the account of a server as it was
// follow that to its new name. It is no error if none is.
func (c *Companion) FollowRename(ctx context.Context, was servers.Server, username string) error {
	e, err := c.FactorEntry(ctx, was.ID, was.Username)
	if errors.Is(err, authenticator.ErrNotLinked) {
		return nil
	}
	if err == nil {
		_, err = c.Codes.Link(ctx, e.ID, account(was.ID, username))
	}
	return err
}

func account(id servers.ID, username string) authenticator.Link {
	return authenticator.Link{Server: string(id), Username: username}
}
