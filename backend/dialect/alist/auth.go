package alist

import (
	"net/http"
	"strings"
	"time"

	"latchkey/backend/credential/password"
	"latchkey/backend/httpapi"
	"latchkey/backend/identity"
	"latchkey/backend/login"
	"latchkey/backend/session"
)

// compatibleWith is the version of AList whose API this is; clients look at it.
const compatibleWith = "v3.62.0"

var (
	errGuestDisabled  = identity.NewError(identity.Unauthenticated, "guest_disabled", "Sign in first.")
	errTwoTokens      = identity.NewError(identity.Invalid, "two_tokens", "The request has two Authorization headers. Send one.")
	errUsernameNeeded = identity.InvalidField("username", "username_missing", "Enter a user name.")
	errPasswordLong   = identity.InvalidField("password", "password_too_long", "A password has at most 1,024 bytes.")
)

// authenticate tells who acts: the Authorization header holds the token as it
// is, or after "Bearer ". Without one it is the guest, if there may be guests.
func (h *Handler) authenticate(r *http.Request) (identity.Principal, error) {
	values := r.Header["Authorization"]
	if len(values) > 1 {
		return identity.Principal{}, errTwoTokens
	}
	if len(values) == 0 || values[0] == "" {
		return h.guest(r)
	}
	raw := values[0]
	if scheme, rest, ok := strings.Cut(raw, " "); ok && strings.EqualFold(scheme, "Bearer") {
		raw = rest
	}
	return h.Sessions.Authenticate(r.Context(), raw, name, client(r))
}

func (h *Handler) guest(r *http.Request) (identity.Principal, error) {
	p, err := h.Sessions.Principal(r.Context(), identity.GuestID)
	if err == nil && p.User.Disabled {
		err = errGuestDisabled
	}
	return p, err
}

// client says which device calls: header Client-Id, else query client_id.
func client(r *http.Request) session.Client {
	c := session.Client{ID: r.Header.Get("Client-Id"), UserAgent: r.UserAgent(), Address: httpapi.ClientAddr(r)}
	if c.ID == "" && r.URL.RawQuery != "" {
		c.ID = r.URL.Query().Get("client_id")
	}
	return c
}

func (h *Handler) login(w http.ResponseWriter, r *http.Request) error {
	body, err := decode[loginRequest](w, r)
	if err != nil {
		return err
	}
	if len(body.Password) > password.MaxBytes {
		return errPasswordLong
	}
	return h.signIn(w, r, body, password.DigestOf(body.Password))
}

func (h *Handler) loginHash(w http.ResponseWriter, r *http.Request) error {
	body, err := decode[loginRequest](w, r)
	if err != nil {
		return err
	}
	digest, err := password.ParseDigest(body.Password)
	if err != nil {
		digest = password.Digest{} // fits nothing, and counts as a wrong password
	}
	return h.signIn(w, r, body, digest)
}

func (h *Handler) signIn(w http.ResponseWriter, r *http.Request, body loginRequest, d password.Digest) error {
	if body.Username == "" {
		return errUsernameNeeded
	}
	in, err := h.Login.SignIn(r.Context(), login.Attempt{
		Username: body.Username, Password: d, Code: body.code(), Address: httpapi.ClientAddr(r), Door: name,
	}, client(r), session.Terms{Audiences: []identity.Audience{name}, Life: tokenLifetime})
	if err != nil {
		return err
	}
	return succeed(w, loginResponse{
		Token: in.Token, DeviceKey: in.Session.ID,
		ExpiresIn: int64(in.ExpiresAt.Sub(h.Now()).Round(time.Second).Seconds()), ExpiresAt: in.ExpiresAt.Unix(),
	})
}

func (h *Handler) logout(w http.ResponseWriter, r *http.Request) error {
	if err := h.Sessions.SignOut(r.Context(), who(r), origin(r)); err != nil {
		return err
	}
	return succeed(w, nil)
}
