package alist

import (
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"latchkey/backend/account"
	"latchkey/backend/httpapi"
	"latchkey/backend/identity"
	"latchkey/backend/internal/reqctx"
	"latchkey/backend/login"
	"latchkey/backend/session"
)

// name is what the dialect is called in tokens and in the audit log.
const name = "alist"

// tokenLifetime is how long a sign-in lasts, as AList's document says.
const tokenLifetime = 48 * time.Hour

// maxBody bounds a request body, in bytes. The largest honest one holds an SSH
// key or a role with many paths.
const maxBody = 64 << 10

// Config is what the dialect translates to.
type Config struct {
	Login    *login.Pipeline
	Sessions *session.Service
	Accounts *account.Service
	Title    string // of the site, and the issuer of second factors
	Version  string // of Latchkey
	SFTP     func() SFTP
	Now      func() time.Time
}

// SFTP is what clients are told about the SFTP server beside the API: nothing
// that it would not tell by itself to anybody who connects.
type SFTP struct {
	Off      bool
	Port     int      // 0: that cannot be told
	HostKeys []string // SHA256 fingerprints
}

// A Handler serves the dialect.
type Handler struct{ Config }

// New returns a handler.
func New(c Config) *Handler { return &Handler{c} }

// Dialect says how the transport kit serves this API.
func (h *Handler) Dialect() httpapi.Dialect {
	return httpapi.Dialect{Name: name, Authenticate: h.authenticate, WriteError: writeError}
}

// Mount registers every route.
func (h *Handler) Mount(m *httpapi.Mux) {
	m.Handle("GET /ping", identity.Public, h.ping)
	m.Handle("POST /ping", identity.Public, h.ping)
	m.Handle("GET /api/public/settings", identity.Public, h.settings)
	m.Handle("POST /api/public/settings", identity.Public, h.settings)

	m.Handle("POST /api/auth/login", identity.Public, h.login)
	m.Handle("POST /api/auth/login/hash", identity.Public, h.loginHash)
	m.Handle("POST /api/auth/login/ldap", identity.Public, refuse(errLDAP))
	m.Handle("POST /api/auth/register", identity.Public, refuse(errRegistration))
	m.Handle("GET /api/auth/logout", identity.OwnAccountLimited, h.logout)
	m.Handle("HEAD /api/auth/logout", identity.OwnAccountLimited, refuse(httpapi.MethodNotAllowed(http.MethodGet)))

	m.Handle("GET /api/auth/2fa", identity.OwnAccount, h.totpState)
	m.Handle("POST /api/auth/2fa/generate", identity.AnyAccount, h.startTOTP)
	m.Handle("POST /api/auth/2fa/verify", identity.AnyAccount, h.enableTOTP)
	m.Handle("POST /api/auth/2fa/disable", identity.OwnAccount, h.disableTOTP)
	m.Handle("POST /api/auth/2fa/recovery_codes", identity.OwnAccount, h.recoveryCodes)

	m.Handle("GET /api/me", identity.AnyAccountLimited, h.me)
	m.Handle("POST /api/me/update", identity.AnyAccountLimited, h.updateMe)
	m.Handle("GET /api/me/sessions", identity.OwnAccount, h.sessions)
	m.Handle("POST /api/me/sessions/evict", identity.OwnAccount, h.evict)
	m.Handle("POST /api/me/sessions/evict_others", identity.OwnAccount, h.evictOthers)
	m.Handle("GET /api/me/sshkey/list", identity.OwnAccount, h.sshKeys)
	m.Handle("POST /api/me/sshkey/add", identity.OwnAccount, h.addSSHKey)
	m.Handle("POST /api/me/sshkey/delete", identity.OwnAccount, h.deleteSSHKey)

	m.Handle("GET /api/admin/session/list", identity.SessionManage, h.allSessions)
	m.Handle("POST /api/admin/session/evict", identity.SessionManage, h.evictAny)

	m.Handle("GET /api/admin/user/list", identity.UserManage, h.users)
	m.Handle("GET /api/admin/user/get", identity.UserManage, h.user)
	m.Handle("POST /api/admin/user/create", identity.UserManage, h.createUser)
	m.Handle("POST /api/admin/user/update", identity.UserManage, h.updateUser)
	m.Handle("POST /api/admin/user/delete", identity.UserManage, h.deleteUser)
	m.Handle("POST /api/admin/user/cancel_2fa", identity.UserManage, h.cancelTOTP)
	m.Handle("GET /api/admin/user/sshkey/list", identity.UserManage, h.userSSHKeys)
	m.Handle("POST /api/admin/user/sshkey/delete", identity.UserManage, h.deleteUserSSHKey)

	m.Handle("GET /api/admin/role/list", identity.RoleManage, h.roles)
	m.Handle("GET /api/admin/role/get", identity.RoleManage, h.role)
	m.Handle("POST /api/admin/role/create", identity.RoleManage, h.createRole)
	m.Handle("POST /api/admin/role/update", identity.RoleManage, h.updateRole)
	m.Handle("POST /api/admin/role/delete", identity.RoleManage, h.deleteRole)
}

// Ways in that AList has and Latchkey does not, in AList's words.
var (
	errLDAP         = identity.NewError(identity.PermissionDenied, "ldap_off", "ldap is not enabled")
	errRegistration = identity.NewError(identity.PermissionDenied, "registration_off", "registration is disabled")
)

func refuse(err error) httpapi.Handler {
	return func(http.ResponseWriter, *http.Request) error { return err }
}

func (h *Handler) ping(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("pong"))
	return nil
}

// settings answers what a client may know before signing in: AList's names,
// and every value as text.
func (h *Handler) settings(w http.ResponseWriter, _ *http.Request) error {
	values := map[string]string{
		"version":                compatibleWith,
		"latchkey_version":       h.Version,
		"site_title":             h.Title,
		"announcement":           "",
		"allow_mounted":          "true",
		"allow_register":         "false",
		"max_devices":            strconv.Itoa(session.MaxDevices),
		"device_session_ttl":     "0",
		"device_evict_policy":    "evict_oldest",
		"webauthn_login_enabled": "false",
		"ldap_login_enabled":     "false",
		"sso_login_enabled":      "false",
		"token_expires_in":       strconv.Itoa(int(tokenLifetime / time.Hour)),
	}
	maps.Copy(values, h.SFTP().settings())
	return succeed(w, values)
}

// settings are of our own names, as AList tells nothing of the kind.
func (s SFTP) settings() map[string]string {
	switch {
	case s.Off:
		return map[string]string{"latchkey_sftp_port": "off"}
	case s.Port == 0:
		return nil
	}
	return map[string]string{
		"latchkey_sftp_port": strconv.Itoa(s.Port), "latchkey_sftp_host_keys": strings.Join(s.HostKeys, ","),
	}
}

func who(r *http.Request) identity.Principal { return reqctx.Principal(r.Context()) }

func origin(r *http.Request) identity.Origin {
	return identity.Origin{Actor: who(r).User.ID, Door: name, Address: httpapi.ClientAddr(r)}
}

func decode[T any](w http.ResponseWriter, r *http.Request) (T, error) {
	var body T
	err := httpapi.DecodeJSON(w, r, maxBody, &body)
	return body, err
}
