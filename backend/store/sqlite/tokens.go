package sqlite

import (
	"context"

	"latchkey/backend/identity"
)

const tokenByID = `
	SELECT id, session_id, user_id, factors, signed_in_at, issued_at, expires_at, life, generation
	FROM access_tokens WHERE id = ?`

// AccessToken implements store.Sessions.
func (s *Store) AccessToken(ctx context.Context, id identity.TokenID) (k identity.AccessToken, err error) {
	err = s.find(ctx, "find access token", func(t *tx) (err error) {
		k, err = scanToken(t.row(tokenByID, id))
		return err
	})
	return k, err
}

// UpdateAccessToken implements store.Sessions.
func (s *Store) UpdateAccessToken(ctx context.Context, id identity.TokenID,
	change func(identity.AccessToken) (identity.AccessToken, error),
) (k identity.AccessToken, err error) {
	err = s.write(ctx, "update access token", func(t *tx) error {
		old, err := scanToken(t.row(tokenByID, id))
		if err != nil {
			return err
		}
		if k, err = change(old); err != nil {
			return err
		}
		_, err = t.exec("UPDATE access_tokens SET issued_at = ?, expires_at = ?, generation = ? WHERE id = ?",
			micros(k.IssuedAt), micros(k.ExpiresAt), k.Generation, id)
		if err != nil {
			return err
		}
		if err := renewExpiry(t, old.Session); err != nil {
			return err
		}
		k, err = scanToken(t.row(tokenByID, id))
		return err
	})
	if err != nil {
		return identity.AccessToken{}, err
	}
	return k, nil
}

func scanToken(r scanner) (k identity.AccessToken, err error) {
	err = r.Scan(&k.ID, &k.Session, &k.User, (*words[identity.FactorKind])(&k.Factors), (*stamp)(&k.SignedInAt),
		(*stamp)(&k.IssuedAt), (*stamp)(&k.ExpiresAt), (*span)(&k.Life), &k.Generation)
	return k, err
}
