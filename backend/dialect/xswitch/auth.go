package xswitch

import (
	"net/http"

	"latchkey/backend/apikey"
	"latchkey/backend/credential/password"
	"latchkey/backend/httpapi"
	"latchkey/backend/identity"
	"latchkey/backend/login"
	"latchkey/backend/session"
)

// authHeader carries a token, or a developer key in place of one.
const authHeader = "X-Xtra-Auth-Id"

var (
	errNoToken      = identity.NewError(identity.Unauthenticated, "sign_in_required", "Sign in first, and send the token in the header X-XTRA-AUTH-ID.")
	errTwoTokens    = identity.NewError(identity.Invalid, "two_tokens", "The request has two X-XTRA-AUTH-ID headers. Send one.")
	errNoSession    = identity.NewError(identity.NotFound, "session_not_found", "Session Does Not Exist")
	errLoginNeeded  = identity.InvalidField("login", "username_missing", "Send login with password, or dev_key.")
	errProofNeeded  = identity.InvalidField("password", "password_missing", "Send password or dev_key.")
	errTwoProofs    = identity.InvalidField("dev_key", "two_proofs", "Send either password or dev_key, not both.")
	errPasswordLong = identity.InvalidField("password", "password_too_long", "A password has at most 1,024 bytes.")
)

// authenticate tells who acts: the header holds a token or a developer key.
func (h *Handler) authenticate(r *http.Request) (identity.Principal, error) {
	values := r.Header[authHeader]
	switch {
	case len(values) > 1:
		return identity.Principal{}, errTwoTokens
	case len(values) == 0 || values[0] == "":
		return identity.Principal{}, errNoToken
	}
	if kind, err := apikey.ParseText(values[0]); err == nil && kind == identity.KeyDev {
		return h.Keys.Authenticate(r.Context(), kind, values[0], client(r))
	}
	return h.Sessions.Authenticate(r.Context(), values[0], name, client(r))
}

// client says which device calls: this API has no name for it.
func client(r *http.Request) session.Client {
	return session.Client{UserAgent: r.UserAgent(), Address: httpapi.ClientAddr(r)}
}

func (h *Handler) keyUsed(r *http.Request, pattern string, key identity.KeyAct, status int) {
	h.Keys.Note(apikey.Use{
		Key: key.ID, Endpoint: pattern, Failed: status >= http.StatusBadRequest, Address: httpapi.ClientAddr(r),
	})
}

func (h *Handler) signIn(w http.ResponseWriter, r *http.Request) error {
	body, err := decodeSignIn(w, r)
	if err != nil {
		return err
	}
	if err := body.check(); err != nil {
		return err
	}
	a := login.Attempt{
		Username: body.Login, Password: password.DigestOf(body.Password), Code: body.OTPCode, Address: httpapi.ClientAddr(r),
		Door: name, LockFor: lockFor, CanAsk: true, Captcha: body.Captcha,
	}
	terms := session.Terms{Audiences: []identity.Audience{name}, Life: tokenLifetime, Opaque: true}
	var in session.SignedIn
	if body.DevKey != "" {
		in, err = h.Login.SignInWithKey(r.Context(), a, body.DevKey, client(r), terms)
	} else {
		in, err = h.Login.SignIn(r.Context(), a, client(r), terms)
	}
	if err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusOK, fromSignedIn(in))
}

// check says what is missing or too much in a sign-in.
func (b signInRequest) check() error {
	switch {
	case b.DevKey != "" && b.Password != "":
		return errTwoProofs
	case b.DevKey == "" && b.Login == "":
		return errLoginNeeded
	case b.DevKey == "" && b.Password == "":
		return errProofNeeded
	case len(b.Password) > password.MaxBytes:
		return errPasswordLong
	}
	return nil
}

// signOut ends the session of a token. A developer key has none.
func (h *Handler) signOut(w http.ResponseWriter, r *http.Request) error {
	p, err := h.authenticate(r)
	switch {
	case identity.KindOf(err) == identity.Unauthenticated:
		return errNoSession.Because(err)
	case err != nil:
		return err
	case p.Session == "":
		return errNoSession
	}
	if err := h.Sessions.SignOut(r.Context(), p, origin(r, p)); err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusOK, refused{Code: http.StatusOK, Text: "OK"})
}
