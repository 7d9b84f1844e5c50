package servers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"latchkey/backend/companion/remote"
	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
)

var errNotSignedIn = identity.NewError(identity.Unauthenticated, "not_signed_in",
	"Nobody is signed in on that server. Sign in first.")

type wireToken struct {
	Token     string    `json:"token"`
	Device    string    `json:"device,omitempty"`
	ExpiresAt time.Time `json:"expires_at,omitzero"`
}

// tokenName is under which name the vault has a server's token.
func tokenName(id ID) string { return "server/" + string(id) }

// keep puts a token into the vault.
func (b *Book) keep(ctx context.Context, id ID, g remote.Grant) error {
	record, err := json.Marshal(wireToken{Token: g.Token.Reveal(), Device: string(g.Device), ExpiresAt: g.ExpiresAt})
	if err != nil {
		return fmt.Errorf("encode token: %w", err)
	}
	return b.c.Vault.Put(ctx, tokenName(id), record)
}

// grant returns the kept token. Returns not_signed_in if there is none or if
// it has run out, and the vault's errors.
func (b *Book) grant(ctx context.Context, id ID) (remote.Grant, error) {
	record, err := b.c.Vault.Get(ctx, tokenName(id))
	switch {
	case identity.KindOf(err) == identity.NotFound && err != nil:
		return remote.Grant{}, errNotSignedIn
	case err != nil:
		return remote.Grant{}, err
	}
	var w wireToken
	if err := json.Unmarshal(record, &w); err != nil || w.Token == "" {
		return remote.Grant{}, errNotSignedIn.Because(errors.New("the token's record cannot be read"))
	}
	if !w.ExpiresAt.IsZero() && !w.ExpiresAt.After(b.c.Env.Now()) {
		return remote.Grant{}, errNotSignedIn
	}
	return remote.Grant{Token: secret.New(w.Token), Device: identity.SessionID(w.Device), ExpiresAt: w.ExpiresAt}, nil
}

// forget removes a server's token.
func (b *Book) forget(ctx context.Context, id ID) error {
	err := b.c.Vault.Delete(ctx, tokenName(id))
	if err != nil && identity.KindOf(err) != identity.NotFound {
		return err
	}
	return nil
}

// forgetRefused removes a token that a server has refused, if it is still the
// one that is kept: somebody may have signed in meanwhile.
func (b *Book) forgetRefused(ctx context.Context, id ID, refused secret.Text) error {
	kept, err := b.grant(ctx, id)
	if err != nil || kept.Token != refused {
		return nil //nolint:nilerr // then there is nothing to remove, or the vault is locked and it is removed the next time
	}
	return b.forget(ctx, id)
}
