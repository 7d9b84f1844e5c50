package httpapi

import (
	"log/slog"
	"net/http"

	"latchkey/backend/identity"
	"latchkey/backend/internal/reqctx"
)

// An endpoint is a route of a mounted dialect.
type endpoint struct {
	Route
	dialect *Dialect
	log     *slog.Logger
}

func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rec := recorded(w)
	refuse := refusal{e.dialect, e.log}
	defer func() {
		if p := recover(); p != nil {
			refuse.panicked(rec, r, p)
		}
	}()
	key, err := e.run(rec, r)
	if err != nil {
		refuse.write(rec, r, err)
	}
	if !key.IsZero() && e.dialect.KeyUsed != nil {
		e.dialect.KeyUsed(r, e.Pattern, key, rec.status)
	}
}

// run answers a request, and says with which key it was made, if any.
func (e *endpoint) run(w http.ResponseWriter, r *http.Request) (identity.KeyAct, error) {
	if e.Permission == identity.Public {
		return identity.KeyAct{}, e.Handle(w, r)
	}
	who, err := e.admit(r)
	if err == nil && e.Doc.awaitBody(r) {
		who, err = e.admit(r)
	}
	if err != nil {
		return who.Key, err
	}
	if ctx := reqctx.WithPrincipal(r.Context(), who); ctx != r.Context() {
		r = r.WithContext(ctx)
	}
	return who.Key, e.Handle(w, r)
}

// admit tells who sends a request, if they may. It is asked before a body is
// waited for, as nobody else's is read, and again once the body is here: it
// may have been sent slowly, to keep rights that were taken away meanwhile.
func (e *endpoint) admit(r *http.Request) (identity.Principal, error) {
	who, err := e.dialect.Authenticate(r)
	if err != nil {
		return identity.Principal{}, err
	}
	return who, authorize(&who, e.Permission)
}

// authorize returns nil if the principal holds the permission, otherwise an
// error that says what is missing.
func authorize(who *identity.Principal, perm identity.Permission) error {
	switch {
	case who.Can(perm):
		return nil
	case who.User.ID == 0 || who.User.Disabled || who.IsGuest():
		return errSignIn
	case who.User.MustChangePassword:
		return errPasswordChange
	case who.Key.Kind == identity.KeyAPI:
		return errKeyPermission
	}
	return errPermission
}
