package login

import (
	"context"

	"latchkey/backend/identity"
	"latchkey/backend/session"
)

// SignInWithKey is SignIn with a developer key in place of the password. A
// name, if there is one in the attempt, must be the owner's. The key was made
// under proof of both factors, so no code is asked for. Failures count like
// those with passwords, without a name for the address alone; a success forgets
// none, as it says nothing of the password.
func (p *Pipeline) SignInWithKey(ctx context.Context, a Attempt, text string, c session.Client, terms session.Terms) (session.SignedIn, error) {
	var u identity.User
	named := a.Username != ""
	err := p.attempt(ctx, a, func() (identity.UserID, error) {
		k, err := p.Keys.Find(ctx, identity.KeyDev, text)
		if identity.KindOf(err) == identity.Unauthenticated {
			return 0, ErrCredentials.Because(err)
		}
		if err != nil {
			return 0, err
		}
		if u, err = p.Store.User(ctx, k.User); err != nil {
			return 0, err
		}
		if named {
			meant, known, err := p.lookUp(ctx, a.Username)
			if err != nil {
				return 0, err
			}
			if !known || meant.ID != u.ID {
				return 0, ErrCredentials
			}
		}
		if !u.Admits(p.Env.Now(), a.Address) {
			return u.ID, ErrCredentials
		}
		return u.ID, errPartlyProven
	})
	if err != nil {
		return session.SignedIn{}, err
	}
	return p.open(ctx, a, u, []identity.FactorKind{identity.FactorKey}, c, terms)
}
