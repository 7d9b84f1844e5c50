package iam

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
const name = "iam"

// base is the path that the document puts before all of its own.
const base = "/api/v1/auth"

// maxBody bounds a request body, in bytes. The largest honest one names many
// permissions.
const maxBody = 64 << 10

// Config is what the dialect translates to.
type Config struct {
	Login    *login.Pipeline
	Sessions *session.Service
	Accounts *account.Service
	Keys     *apikey.Service
	Now      func() time.Time

	// Audiences are what tokens that are issued here are good for, this
	// dialect first; none: for this dialect alone.
	Audiences []identity.Audience
	// Beside, if it is set, gives an object whose fields stand beside those of
	// the document in what a sign-in and a refresh answer.
	Beside func(session.SignedIn) any
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
		Name: name, Authenticate: h.authenticate, WriteError: writeError, KeyUsed: h.keyUsed,
		About: httpapi.About{
			Title:   "iam",
			Version: "v1",
			Description: "Users, roles, permissions and API keys. `code` is the HTTP status. " +
				"The header `Latchkey-Error` of a refusal holds its name.",
			Credentials: []httpapi.Credential{{
				Name: "bearer", In: httpapi.InBearer, Description: "The token of a sign-in, or an API key (`ak_…`).",
			}},
			Envelope: func(data any) any {
				if data == nil {
					data = struct{}{}
				}
				return envelope{Data: data}
			},
			Refusal: envelope{},
		},
	}
}

// Mount registers every route.
func (h *Handler) Mount(m *httpapi.Mux) {
	h.mountSessions(m)
	h.mountUsers(m)
	h.mountRoles(m)
	h.mountKeys(m)
	h.mountPermissions(m)
}

func (h *Handler) mountSessions(m *httpapi.Mux) {
	m.Handle("POST "+base+"/login", identity.Public, h.login, httpapi.Doc{
		Summary: "Sign in with a password, and a second factor where one is on.", Body: loginRequest{}, Data: loginResponse{},
	})
	m.Handle("POST "+base+"/refresh", identity.Public, h.refresh, httpapi.Doc{
		Summary: "Exchange a token, which may have expired, for a new one.", Body: refreshRequest{}, Data: refreshResponse{},
	})
	m.Handle("POST "+base+"/logout", identity.OwnAccountLimited, h.logout, httpapi.Doc{
		Summary: "End the sign-in of the token.",
	})
}

func (h *Handler) mountUsers(m *httpapi.Mux) {
	m.Handle("GET "+base+"/users", identity.UserRead, h.users, httpapi.Doc{
		Summary: "List users.", Query: userQuery{}, Data: userPage{},
	})
	m.Handle("POST "+base+"/users", identity.UserManage, h.createUser, httpapi.Doc{
		Summary: "Make a user.", Body: newUserRequest{}, Data: userCreated{},
	})
	m.Handle("GET "+base+"/users/{user_id}", identity.OwnAccountRead, h.user, httpapi.Doc{
		Summary: "Show a user: oneself, or with the permission user.read anybody.", Data: userDetail{},
	})
	m.Handle("PUT "+base+"/users/{user_id}", identity.UserManage, h.updateUser, httpapi.Doc{
		Summary: "Change a user; what is not sent stays.", Body: userRequest{}, Data: userUpdated{},
	})
	m.Handle("DELETE "+base+"/users/{user_id}", identity.UserManage, h.deleteUser, httpapi.Doc{
		Summary: "Remove a user.",
	})
	m.Handle("PUT "+base+"/users/{user_id}/password", identity.OwnAccountLimited, h.changePassword, httpapi.Doc{
		Summary: "Change one's own password, which ends all of one's sign-ins.", Body: passwordRequest{},
	})
	m.Handle("POST "+base+"/users/{user_id}/reset-password", identity.UserManage, h.resetPassword, httpapi.Doc{
		Summary: "Give a user a temporary password, which ends all of their sign-ins.", Body: resetRequest{}, Data: resetResponse{},
	})
}

func (h *Handler) mountRoles(m *httpapi.Mux) {
	m.Handle("GET "+base+"/roles", identity.RoleRead, h.roles, httpapi.Doc{
		Summary: "List roles.", Query: nameQuery{}, Data: rolePage{},
	})
	m.Handle("POST "+base+"/roles", identity.RoleManage, h.createRole, httpapi.Doc{
		Summary: "Make a role.", Body: newRoleRequest{}, Data: roleCreated{},
	})
	m.Handle("GET "+base+"/roles/{role_id}", identity.RoleRead, h.role, httpapi.Doc{
		Summary: "Show a role.", Data: roleDetail{},
	})
	m.Handle("PUT "+base+"/roles/{role_id}", identity.RoleManage, h.updateRole, httpapi.Doc{
		Summary: "Change a role; what is not sent stays.", Body: roleRequest{}, Data: roleUpdated{},
	})
	m.Handle("DELETE "+base+"/roles/{role_id}", identity.RoleManage, h.deleteRole, httpapi.Doc{
		Summary: "Remove a role that nobody has.",
	})
	m.Handle("GET "+base+"/roles/{role_id}/users", identity.UserRead, h.members, httpapi.Doc{
		Summary: "List the users who have a role.", Query: pageQuery{}, Data: memberPage{},
	})
}

func (h *Handler) mountKeys(m *httpapi.Mux) {
	m.Handle("GET "+base+"/api-keys", identity.OwnAccountRead, h.keys, httpapi.Doc{
		Summary: "List one's own API keys, or with the permission apikey.manage everybody's.", Query: keyQuery{}, Data: keyPage{},
	})
	m.Handle("POST "+base+"/api-keys", identity.OwnAccount, h.createKey, httpapi.Doc{
		Summary: "Make an API key, which is shown this once.", Body: keyRequest{}, Data: keyCreated{},
	})
	m.Handle("POST "+base+"/api-keys/{key_id}/disable", identity.OwnAccountWrite, h.disableKey, httpapi.Doc{
		Summary: "Disable an API key.", Data: keyDisabled{},
	})
	m.Handle("POST "+base+"/api-keys/{key_id}/enable", identity.OwnAccount, h.enableKey, httpapi.Doc{
		Summary: "Enable an API key again.", Data: keyEnabled{},
	})
	m.Handle("DELETE "+base+"/api-keys/{key_id}", identity.OwnAccountWrite, h.deleteKey, httpapi.Doc{
		Summary: "Remove an API key.",
	})
	m.Handle("GET "+base+"/api-keys/{key_id}/stats", identity.OwnAccountRead, h.keyStats, httpapi.Doc{
		Summary: "Tell how an API key was used.", Query: statsQuery{}, Data: keyStats{},
	})
}

func (h *Handler) mountPermissions(m *httpapi.Mux) {
	m.Handle("GET "+base+"/permissions", identity.OwnAccountRead, h.permissions, httpapi.Doc{
		Summary: "List the permissions that roles and API keys can have.", Query: permissionQuery{}, Data: permissionPage{},
	})
	m.Handle("POST "+base+"/permissions", identity.PermissionManage, h.createPermission, httpapi.Doc{
		Summary: "Make a permission, which means what other programs make of it.", Body: permissionRequest{}, Data: wirePermission{},
	})
}

// keyUsed counts a request that was made with an API key.
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
