package iam

import (
	"net/http"
	"strings"
	"time"

	"latchkey/backend/apikey"
	"latchkey/backend/credential/password"
	"latchkey/backend/httpapi"
	"latchkey/backend/identity"
	"latchkey/backend/login"
	"latchkey/backend/session"
)

// How long a token is good for, and how long after it was issued it can be
// exchanged for a new one. With remember_me both are the same.
const (
	tokenLife  = 24 * time.Hour
	tokenRenew = 7 * 24 * time.Hour
	remembered = 30 * 24 * time.Hour
)

var (
	errSignIn          = identity.NewError(identity.Unauthenticated, "sign_in_required", "Sign in first.")
	errScheme          = identity.NewError(identity.Unauthenticated, "authorization_invalid", "Send the header Authorization as Bearer, a space, and the token or API key.")
	errTwoTokens       = identity.NewError(identity.Invalid, "two_tokens", "The request has two Authorization headers. Send one.")
	errTokensDiffer    = identity.InvalidField("token", "tokens_differ", "The token in the body is not the one in the header Authorization. Send one of them, or the same twice.")
	errTokenMissing    = identity.InvalidField("token", "token_missing", "Send the current token in the field token.")
	errUsernameMissing = identity.InvalidField("username", "username_missing", "Enter a user name.")
	errPasswordMissing = identity.InvalidField("password", "password_missing", "Enter a password.")
	errPasswordLong    = identity.InvalidField("password", "password_too_long", "A password has at most 1,024 bytes.")
)

// authenticate tells who acts: the token of a sign-in or an API key, after
// "Bearer " (RFC 6750, section 2.1).
func (h *Handler) authenticate(r *http.Request) (identity.Principal, error) {
	raw, err := bearer(r)
	switch {
	case err != nil:
		return identity.Principal{}, err
	case raw == "":
		return identity.Principal{}, errSignIn
	}
	if kind, err := apikey.ParseText(raw); err == nil && kind == identity.KeyAPI {
		return h.Keys.Authenticate(r.Context(), kind, raw, client(r))
	}
	return h.Sessions.Authenticate(r.Context(), raw, name, client(r))
}

// bearer returns what the header Authorization carries, or "" without one.
func bearer(r *http.Request) (string, error) {
	values := r.Header["Authorization"]
	switch {
	case len(values) > 1:
		return "", errTwoTokens
	case len(values) == 0 || values[0] == "":
		return "", nil
	}
	scheme, raw, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Bearer") || raw == "" {
		return "", errScheme
	}
	return raw, nil
}

func client(r *http.Request) session.Client {
	return session.Client{UserAgent: r.UserAgent(), Address: httpapi.ClientAddr(r)}
}

func (h *Handler) login(w http.ResponseWriter, r *http.Request) error {
	body, err := decode[loginRequest](w, r)
	switch {
	case err != nil:
		return err
	case body.Username == "":
		return errUsernameMissing
	case body.Password == "":
		return errPasswordMissing
	case len(body.Password) > password.MaxBytes:
		return errPasswordLong
	}
	terms := session.Terms{Audiences: h.Audiences, Life: tokenLife, Renew: tokenRenew, Exchange: true}
	if body.RememberMe {
		terms.Life, terms.Renew = remembered, remembered
	}
	in, err := h.Login.SignIn(r.Context(), login.Attempt{
		Username: body.Username, Password: password.DigestOf(body.Password), Code: body.OTPCode,
		Address: httpapi.ClientAddr(r), Door: name,
	}, client(r), terms)
	if err != nil {
		return refusedSignIn(err)
	}
	return h.signedIn(w, "登录成功", in, h.LoginFields(in))
}

// refusedSignIn has a lock answered as the document does, with 401 like all
// that keeps somebody from signing in. How long it lasts stays in the error.
func refusedSignIn(err error) error {
	if identity.KindOf(err) != identity.Throttled {
		return err
	}
	locked := *identity.AsError(err)
	locked.Kind = identity.Unauthenticated
	return &locked
}

// LoginFields returns an object with the fields that the document has in the
// answer to a sign-in, for an answer in which they stand beside others.
func (h *Handler) LoginFields(in session.SignedIn) any { return fromSignedIn(in) }

// refresh exchanges a token. The document sends it twice, in the header and in
// the body, of which the body counts. Clients of the dialect that shares the
// route send the refresh token that they were given beside it.
func (h *Handler) refresh(w http.ResponseWriter, r *http.Request) error {
	body, err := decode[refreshRequest](w, r)
	if err != nil {
		return err
	}
	header, err := bearer(r)
	renew, raw := h.Sessions.RenewAccess, body.Token
	switch {
	case err != nil:
		return err
	case raw == "" && body.RefreshToken != "" && h.Beside != nil:
		renew, raw = h.Sessions.Renew, body.RefreshToken
	case raw == "":
		return errTokenMissing
	case header != "" && header != raw:
		return errTokensDiffer
	}
	in, err := renew(r.Context(), raw, name, client(r), identity.Origin{Door: name, Address: httpapi.ClientAddr(r)})
	if err != nil {
		return err
	}
	return h.signedIn(w, "Token刷新成功", in, refreshResponse{Token: in.Token, ExpiresAt: stamp(in.ExpiresAt)})
}

// signedIn answers with data and what is to stand beside it.
func (h *Handler) signedIn(w http.ResponseWriter, message string, in session.SignedIn, data any) error {
	if h.Beside != nil {
		var err error
		if data, err = httpapi.JoinJSON(data, h.Beside(in)); err != nil {
			return err
		}
	}
	return succeed(w, message, data)
}

func (h *Handler) logout(w http.ResponseWriter, r *http.Request) error {
	if err := h.Sessions.SignOut(r.Context(), who(r), origin(r)); err != nil {
		return err
	}
	return done(w, "登出成功")
}
