package drive

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"latchkey/backend/account"
	"latchkey/backend/apikey"
	"latchkey/backend/files"
	"latchkey/backend/httpapi"
	"latchkey/backend/identity"
	"latchkey/backend/internal/reqctx"
	"latchkey/backend/login"
	"latchkey/backend/session"
)

// name is what the dialect is called in tokens and in the audit log.
const name = "drive"

// maxBody bounds a request body, in bytes. The largest honest one has the
// address of a picture, or names many permissions.
const maxBody = 16 << 10

// meter tells how much room somebody's files take.
type meter interface {
	Usage(ctx context.Context, base string) (files.Usage, error)
}

// Config is what the dialect translates to.
type Config struct {
	Login    *login.Pipeline
	Sessions *session.Service
	Accounts *account.Service
	Keys     *apikey.Service
	Files    meter
	Now      func() time.Time

	// Installation is the name-space of this server's user ids.
	Installation uuid.UUID
	// Prefix is where the dialect is mounted, such as "/drive", or "" for the
	// root.
	Prefix string
	// Audiences are what tokens that are issued here are good for, this
	// dialect first; none: for this dialect alone.
	Audiences []identity.Audience
	// Beside, if it is set, says that another dialect shares LoginRoute,
	// RefreshRoute and LogoutRoute, and gives an object whose fields stand
	// beside those of the document in what a sign-in and a refresh answer.
	Beside func(session.SignedIn) any
	// Neighbour is the name of that dialect in tokens. Its clients exchange the
	// access token itself.
	Neighbour identity.Audience
}

// A Handler serves the dialect.
type Handler struct{ Config }

// New returns a handler.
func New(c Config) *Handler {
	if len(c.Audiences) == 0 {
		c.Audiences = []identity.Audience{name}
	}
	return &Handler{c}
}

// Dialect says how the transport kit serves this API.
func (h *Handler) Dialect() httpapi.Dialect {
	return httpapi.Dialect{
		Name: name, Authenticate: h.authenticate, WriteError: h.writeError, KeyUsed: h.keyUsed,
		About: httpapi.About{
			Title:   "drive",
			Version: "v1",
			Description: "Signing in, one's profile, and tokens for programs. `code` is 0, or the HTTP status and two digits more. " +
				"The header `Latchkey-Error` of a refusal holds its name.",
			Credentials: []httpapi.Credential{
				{Name: "bearer", In: httpapi.InBearer, Description: "An access token, or an API token (`ak_…`)."},
				{Name: "cookie", In: httpapi.InCookie, Key: CookieName, Description: "An access token, on the server's own pages."},
			},
			Envelope: func(data any) any { return envelope{Data: data} },
			Refusal:  envelope{},
		},
	}
}

// The routes that another dialect has at the same place.
const (
	LoginRoute   = "POST /api/v1/auth/login"
	RefreshRoute = "POST /api/v1/auth/refresh"
	LogoutRoute  = "POST /api/v1/auth/logout"
)

func isShared(route string) bool {
	return route == LoginRoute || route == RefreshRoute || route == LogoutRoute
}

// Mount registers every route.
func (h *Handler) Mount(m *httpapi.Mux) {
	m.Handle(LoginRoute, identity.Public, h.login, httpapi.Doc{
		Summary: "Sign in with a password, and a second factor where one is on.", Body: loginRequest{}, Data: loginResponse{},
	})
	m.Handle("POST /api/v1/auth/register", identity.Public, h.register, httpapi.Doc{
		Summary: "Make an account for oneself, where that is allowed.", Body: registerRequest{}, Data: wireUser{},
	})
	m.Handle(RefreshRoute, identity.Public, h.refresh, httpapi.Doc{
		Summary: "Exchange a refresh token for a new pair of tokens.", Body: refreshRequest{}, Data: loginResponse{},
	})
	m.Handle(LogoutRoute, identity.OwnAccountLimited, h.logout, httpapi.Doc{
		Summary: "End the sign-in of the token.",
	})
	m.Handle("POST /api/v1/auth/change-password", identity.OwnAccountLimited, h.changePassword, httpapi.Doc{
		Summary: "Change one's password, which ends all of one's sessions.", Body: passwordRequest{},
	})
	m.Handle("POST /api/v1/auth/first-login-reset", identity.OwnAccountLimited, h.firstReset, httpapi.Doc{
		Summary: "Choose a name and password where the password must be changed.", Body: resetRequest{}, Data: wireUser{},
	})

	m.Handle("GET /api/v1/profile", identity.OwnAccountRead, h.profile, httpapi.Doc{
		Summary: "Show one's own profile, and how much room one's files take.", Data: wireProfile{},
	})
	m.Handle("PUT /api/v1/profile", identity.OwnAccountWrite, h.updateProfile, httpapi.Doc{
		Summary: "Change one's own profile; what is not sent stays.", Body: profileRequest{}, Data: wireProfile{},
	})

	m.Handle("GET /api/v1/tokens", identity.OwnAccount, h.tokens, httpapi.Doc{
		Summary: "List one's own API tokens.", Data: []wireToken{},
	})
	m.Handle("POST /api/v1/tokens", identity.OwnAccount, h.createToken, httpapi.Doc{
		Summary: "Make an API token, which is shown now and never again.", Body: tokenRequest{}, Data: newToken{},
	})
	m.Handle("DELETE /api/v1/tokens/{id}", identity.OwnAccount, h.deleteToken, httpapi.Doc{
		Summary: "Delete one of one's own API tokens.",
	})
}

// keyUsed counts a request that was made with an API token.
func (h *Handler) keyUsed(r *http.Request, pattern string, key identity.KeyAct, status int) {
	h.Keys.Note(apikey.Use{
		Key: key.ID, Endpoint: pattern, Failed: status >= http.StatusBadRequest, Address: httpapi.ClientAddr(r),
	})
}

func who(r *http.Request) identity.Principal { return reqctx.Principal(r.Context()) }

func origin(r *http.Request) identity.Origin {
	return identity.Origin{Actor: who(r).User.ID, Rights: who(r).Rights(), Door: name, Address: httpapi.ClientAddr(r)}
}

func decode[T any](w http.ResponseWriter, r *http.Request) (T, error) {
	var body T
	err := httpapi.DecodeJSON(w, r, maxBody, &body)
	return body, err
}
