package drive

import (
	"cmp"
	"math"
	"net/http"
	"strings"
	"time"

	"latchkey/backend/account"
	"latchkey/backend/apikey"
	"latchkey/backend/credential/password"
	"latchkey/backend/httpapi"
	"latchkey/backend/identity"
	"latchkey/backend/login"
	"latchkey/backend/session"
)

// How long an access and a refresh token last, as the document says.
const (
	accessLife  = 2 * time.Hour
	refreshLife = 7 * 24 * time.Hour
)

// CookieName is what the cookie with the access token is called.
const CookieName = "access_token"

var (
	errSignIn         = identity.NewError(identity.Unauthenticated, "sign_in_required", "Sign in first.")
	errScheme         = identity.NewError(identity.Unauthenticated, "authorization_invalid", "Send the header Authorization as Bearer, a space, and the token.")
	errForeignPage    = identity.NewError(identity.Unauthenticated, "cookie_not_accepted", "The cookie counts only on this server's own pages. Send the token in the header Authorization.")
	errTwoTokens      = identity.NewError(identity.Invalid, "two_tokens", "The request has two Authorization headers. Send one.")
	errUsernameNeeded = identity.InvalidField("username", "username_missing", "Enter a user name or an e-mail address.")
	errPasswordNeeded = identity.InvalidField("password", "password_missing", "Enter a password.")
	errPasswordLong   = identity.InvalidField("password", "password_too_long", "A password has at most 1,024 bytes.")
	errRefreshNeeded  = identity.InvalidField("refresh_token", "refresh_token_missing", "Send the refresh token in the field refresh_token.")
)

// authenticate tells who acts: an access token or an API token after "Bearer "
// (RFC 6750, section 2.1), or else an access token in the cookie. A token in
// the header counts even if it is no good and the cookie's is.
func (h *Handler) authenticate(r *http.Request) (identity.Principal, error) {
	values := r.Header["Authorization"]
	switch {
	case len(values) > 1:
		return identity.Principal{}, errTwoTokens
	case len(values) == 0 || values[0] == "":
		return h.authenticateCookie(r)
	}
	scheme, raw, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Bearer") || raw == "" {
		return identity.Principal{}, errScheme
	}
	if kind, err := apikey.ParseText(raw); err == nil && kind == identity.KeyAPI {
		return h.Keys.Authenticate(r.Context(), kind, raw, client(r))
	}
	return h.Sessions.Authenticate(r.Context(), raw, name, client(r))
}

// authenticateCookie takes the cookie where only a page of ours or the person
// can have made the browser send it.
func (h *Handler) authenticateCookie(r *http.Request) (identity.Principal, error) {
	c, err := r.Cookie(CookieName)
	switch {
	case err != nil || c.Value == "":
		return identity.Principal{}, errSignIn
	case !httpapi.FromOwnPage(r):
		return identity.Principal{}, errForeignPage
	}
	return h.Sessions.Authenticate(r.Context(), c.Value, name, client(r))
}

// proof is a password that is shown again, or none.
func proof(text string) account.Proof {
	if text == "" {
		return account.Proof{}
	}
	return account.Proof{Password: password.DigestOf(text)}
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
		return errUsernameNeeded
	case body.Password == "":
		return errPasswordNeeded
	case len(body.Password) > password.MaxBytes:
		return errPasswordLong
	}
	in, err := h.Login.SignIn(r.Context(), login.Attempt{
		Username: body.Username, Password: password.DigestOf(body.Password), Code: body.OTPCode,
		Address: httpapi.ClientAddr(r), Door: name,
	}, client(r), session.Terms{Audiences: h.Audiences, Life: accessLife, Renew: refreshLife})
	if err != nil {
		return err
	}
	return h.signedIn(w, r, in)
}

// refresh exchanges a refresh token. It comes in the body only, so that no
// page can have a browser send it. An access token is exchanged only where it
// is good for the dialect beside, whose way that is: otherwise whoever has one
// for two hours could stay.
func (h *Handler) refresh(w http.ResponseWriter, r *http.Request) error {
	body, err := decode[refreshRequest](w, r)
	if err != nil {
		return err
	}
	renew, raw, audience := h.Sessions.Renew, body.RefreshToken, identity.Audience(name)
	if raw == "" && h.Beside != nil {
		renew, raw, audience = h.Sessions.RenewAccess, body.Token, h.Neighbour
	}
	if raw == "" {
		return errRefreshNeeded
	}
	in, err := renew(r.Context(), raw, audience, client(r), identity.Origin{Door: name, Address: httpapi.ClientAddr(r)})
	if err != nil {
		return err
	}
	return h.signedIn(w, r, in)
}

// signedIn answers with tokens, in the body and in the cookie.
func (h *Handler) signedIn(w http.ResponseWriter, r *http.Request, in session.SignedIn) error {
	data := h.LoginFields(in)
	if h.Beside != nil {
		var err error
		if data, err = httpapi.JoinJSON(data, h.Beside(in)); err != nil {
			return err
		}
	}
	h.setCookie(w, r, in.Token, max(h.secondsLeft(in), 1))
	return h.succeed(w, r, data)
}

// LoginFields returns an object with the fields that the document has in the
// answer to a sign-in, for an answer in which they stand beside others.
func (h *Handler) LoginFields(in session.SignedIn) any {
	return loginResponse{
		AccessToken: in.Token, RefreshToken: in.Refresh, ExpiresIn: h.secondsLeft(in), TokenType: "Bearer",
		User: h.fromUser(in.Principal.User),
	}
}

// secondsLeft counts a second that has begun, as a token ends on a full one:
// a new one lasts as long as the document says.
func (h *Handler) secondsLeft(in session.SignedIn) int {
	return int(math.Ceil(in.ExpiresAt.Sub(h.Now()).Seconds()))
}

func (h *Handler) logout(w http.ResponseWriter, r *http.Request) error {
	if err := h.Sessions.SignOut(r.Context(), who(r), origin(r)); err != nil {
		return err
	}
	return h.signedOut(w, r, nil)
}

// signedOut answers where the caller's session is over.
func (h *Handler) signedOut(w http.ResponseWriter, r *http.Request, data any) error {
	h.setCookie(w, r, "", -1)
	return h.succeed(w, r, data)
}

// setCookie gives a browser the access token for some seconds, or takes it
// away if they are negative. No script can read it, and no page of another
// site makes a browser send it.
func (h *Handler) setCookie(w http.ResponseWriter, r *http.Request, token string, seconds int) {
	http.SetCookie(w, &http.Cookie{
		Name: CookieName, Value: token, Path: cmp.Or(h.Prefix, "/"), MaxAge: seconds,
		HttpOnly: true, Secure: httpapi.IsSecure(r), SameSite: http.SameSiteStrictMode,
	})
}
