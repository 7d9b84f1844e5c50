package xswitch

import (
	"net/http"
	"time"

	"latchkey/backend/account"
	"latchkey/backend/apikey"
	"latchkey/backend/httpapi"
	"latchkey/backend/identity"
	"latchkey/backend/internal/reqctx"
	"latchkey/backend/login"
	"latchkey/backend/session"
)

// name is what the dialect is called in tokens and in the audit log.
const name = "xswitch"

const (
	// tokenLifetime is how long a sign-in lasts. The document tells none.
	tokenLifetime = 24 * time.Hour
	// lockFor is how long an account stays locked after five failures, as the
	// document says.
	lockFor = 2 * time.Hour
	// maxBody bounds a request body, in bytes.
	maxBody = 16 << 10
)

// Config is what the dialect translates to.
type Config struct {
	Login    *login.Pipeline
	Sessions *session.Service
	Keys     *apikey.Service
	Accounts *account.Service
}

// A Handler serves the dialect.
type Handler struct{ Config }

// New returns a handler.
func New(c Config) *Handler { return &Handler{c} }

// Dialect says how the transport kit serves this API.
func (h *Handler) Dialect() httpapi.Dialect {
	return httpapi.Dialect{
		Name: name, Authenticate: h.authenticate, WriteError: writeError, KeyUsed: h.keyUsed,
		About: httpapi.About{
			Title:   "XSwitch",
			Version: "v1",
			Description: "Sessions, captchas and developer keys as XSwitch documents them. " +
				"Answers hold their fields beside `code`, which repeats the HTTP status.",
			Credentials: []httpapi.Credential{{
				Name: "token", In: httpapi.InHeader, Key: authHeader, Description: "A token from a sign-in, or a developer key.",
			}},
			Envelope: func(data any) any {
				if data == nil {
					return refused{}
				}
				return data
			},
			Refusal: refused{},
		},
	}
}

// Mount registers every route.
func (h *Handler) Mount(m *httpapi.Mux) {
	m.Handle("POST /api/sessions", identity.Public, h.signIn, httpapi.Doc{
		Summary: "Sign in with a password or a developer key.", Body: signInRequest{}, Form: true, Data: signedIn{},
	})
	// What it answers to a token that is no good is not found, so it looks at the
	// token itself.
	m.Handle("DELETE /api/sessions", identity.Public, h.signOut, httpapi.Doc{
		Summary: "End the session of the token.",
	})
	m.Handle("GET /api/users", identity.OwnAccountRead, h.users, httpapi.Doc{
		Summary: "List the users that one may see: all of them, or oneself.", Query: pageQuery{}, Data: userPage{},
	})
	m.Handle("GET /api/captchas", identity.Public, h.newCaptcha, httpapi.Doc{
		Summary: "Make a captcha, for an account or for any.", Query: captchaQuery{}, Data: captchaMade{},
	})
	m.Handle("HEAD /api/captchas", identity.Public, refuse(httpapi.MethodNotAllowed(http.MethodGet)), httpapi.Doc{
		Summary: "Refuse: who asks for headers alone has no use for a captcha.",
	})
	m.Handle("GET /api/captchas/{id}", identity.Public, h.captcha, httpapi.Doc{
		Summary: "Show the picture of a captcha.", Raw: "image/png",
	})
}

func refuse(err error) httpapi.Handler {
	return func(http.ResponseWriter, *http.Request) error { return err }
}

func who(r *http.Request) identity.Principal { return reqctx.Principal(r.Context()) }

func origin(r *http.Request, p identity.Principal) identity.Origin {
	return identity.Origin{Actor: p.User.ID, Rights: p.Rights(), Door: name, Address: httpapi.ClientAddr(r)}
}
