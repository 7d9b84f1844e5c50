package remote

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"time"

	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
)

// Credentials are what a person types to sign in.
type Credentials struct {
	Username string
	Password secret.Text
	Code     string // of the second factor, or a recovery code; empty: none yet
}

// A Grant is what a sign-in gives.
type Grant struct {
	Token     secret.Text
	Device    identity.SessionID // of this device in the server's list; empty where it does not say
	ExpiresAt time.Time          // by this machine's clock; zero where the server does not say
}

// The refusals of signing in.
var (
	errNoUsername  = identity.InvalidField("username", "username_missing", "Enter a user name.")
	errNoPassword  = identity.InvalidField("password", "password_missing", "Enter the password.")
	errCredentials = identity.NewError(identity.Unauthenticated, "credentials_wrong",
		"The user name or the password is wrong.")
	errCodeNeeded = identity.NewError(identity.FactorRequired, "code_needed",
		"Enter the code from your authenticator app.")
	errCodeWrong = identity.NewError(identity.FactorRequired, "code_wrong",
		"That code is not right. Wait for the next one; each code works once.")
	errCaptcha = identity.NewError(identity.CaptchaRequired, "captcha_required",
		"The server asks for a captcha first, which it shows on its own sign-in page.")
	errNoToken = errGarbled.Because(errors.New("signed in, but no token that can be sent"))
)

// SignIn sends the credentials once. Errors besides those of any request:
// credentials_wrong, code_needed (none was sent) and code_wrong (the one sent
// did not fit), too_many_attempts with RetryAfter, too_many_devices,
// captcha_required.
//
// The password travels as AList's static hash. A server that has no route for
// that gets the password itself, if it is an AList older than that route; so
// what is no server of this kind never sees it.
func (c *Client) SignIn(ctx context.Context, cr Credentials) (Grant, error) {
	switch {
	case cr.Username == "":
		return Grant{}, errNoUsername
	case cr.Password.IsZero():
		return Grant{}, errNoPassword
	}
	body := wireLogin{Username: cr.Username, Password: staticHash(cr.Password), OTPCode: tidyCode(cr.Code)}
	var got wireGrant
	err := c.call(ctx, request{method: http.MethodPost, path: pathLoginHash, body: body}, &got)
	if errors.Is(err, errUnsupported) && c.predatesHash(ctx) {
		body.Password = cr.Password.Reveal()
		err = c.call(ctx, request{method: http.MethodPost, path: pathLogin, body: body}, &got)
	}
	if err != nil {
		return Grant{}, signInRefused(notAList(err), body.OTPCode != "")
	}
	return c.grant(got)
}

// predatesHash reports whether the server is one that may lack the route for
// hashed passwords, as AList once did.
func (c *Client) predatesHash(ctx context.Context) bool {
	s, err := c.known(ctx)
	return err == nil && (s.Kind == AList || s.Kind == Other)
}

// staticHash is AList's hash of a password. It is as good as the password to
// this server, but not to others where the person uses the same one.
func staticHash(password secret.Text) string {
	sum := sha256.Sum256([]byte(password.Reveal() + "-https://github.com/alist-org/alist"))
	return hex.EncodeToString(sum[:])
}

// tidyCode takes the spaces out of a code of digits, which AList would refuse.
func tidyCode(code string) string {
	bare := strings.Join(strings.Fields(code), "")
	if strings.Trim(bare, "0123456789") == "" {
		return bare
	}
	return strings.TrimSpace(code)
}

// signInRefused knows what general refusals mean at sign-in: AList says 400
// and OpenList 401 for wrong credentials, and one thing for a code that is
// missing and one that is wrong.
func signInRefused(err error, codeSent bool) error {
	r, ok := errors.AsType[*RefusalError](err)
	switch {
	case !ok:
		return err
	case errors.Is(err, errCodeWrong) && !codeSent:
		return because(errCodeNeeded, err)
	case r.known() != nil:
		return err
	case r.Code == http.StatusBadRequest, r.Code == http.StatusUnauthorized:
		return because(errCredentials, err)
	case r.Code == http.StatusForbidden && strings.Contains(strings.ToLower(r.Said), "captcha"):
		return because(errCaptcha, err)
	}
	return err
}

// Bounds on a grant.
const (
	maxToken    = 8 << 10 // bytes
	maxDevice   = 128     // bytes
	maxLifetime = 10 * 365 * 24 * time.Hour
)

func (c *Client) grant(w wireGrant) (Grant, error) {
	if w.Token == "" || len(w.Token) > maxToken || strings.ContainsFunc(w.Token, notVisible) {
		return Grant{}, errNoToken
	}
	g := Grant{Token: secret.New(w.Token), Device: deviceID(w.DeviceKey)}
	if w.ExpiresIn > 0 && w.ExpiresIn < int64(maxLifetime/time.Second) {
		g.ExpiresAt = c.opts.Env.Now().Add(time.Duration(w.ExpiresIn) * time.Second)
	}
	return g, nil
}

// notVisible reports whether a character is not one that can stand in a
// header or an id.
func notVisible(r rune) bool { return r <= ' ' || r > '~' }

// deviceID accepts what servers use as ids, or returns none.
func deviceID(s string) identity.SessionID {
	if len(s) > maxDevice || strings.ContainsFunc(s, notVisible) {
		return ""
	}
	return identity.SessionID(s)
}
