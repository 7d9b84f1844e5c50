package alist

import (
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"latchkey/backend/account"
	"latchkey/backend/apikey"
	"latchkey/backend/folderpassword"
	"latchkey/backend/httpapi"
	"latchkey/backend/identity"
	"latchkey/backend/internal/reqctx"
	"latchkey/backend/link"
	"latchkey/backend/login"
	"latchkey/backend/session"
	"latchkey/backend/task"
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
	Keys     *apikey.Service
	Title    string // of the site, and the issuer of second factors
	Version  string // of Latchkey
	SFTP     func() SFTP
	Trees    Trees
	Room     Room
	Links    *link.Service
	Folders  *folderpassword.Service
	Tasks    *task.Book
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
	return httpapi.Dialect{Name: name, Authenticate: h.authenticate, WriteError: writeError, About: about()}
}

// Mount registers every route.
func (h *Handler) Mount(m *httpapi.Mux) {
	m.Handle("GET /ping", identity.Public, h.ping, httpapi.Doc{
		Summary: "Tell that the server is there.", Raw: "text/plain",
	})
	m.Handle("POST /ping", identity.Public, h.ping, httpapi.Doc{
		Summary: "Tell that the server is there.", Raw: "text/plain",
	})
	m.Handle("GET /api/public/settings", identity.Public, h.settings, httpapi.Doc{
		Summary: "Tell what a client may know before signing in.", Data: map[string]string{},
	})
	m.Handle("POST /api/public/settings", identity.Public, h.settings, httpapi.Doc{
		Summary: "Tell what a client may know before signing in.", Data: map[string]string{},
	})

	m.Handle("POST /api/auth/login", identity.Public, h.login, httpapi.Doc{
		Summary: "Sign in with a password, and a second factor where one is on.", Body: loginRequest{}, Data: loginResponse{},
	})
	m.Handle("POST /api/auth/login/hash", identity.Public, h.loginHash, httpapi.Doc{
		Summary: "Sign in with AList's static hash of a password.", Body: loginRequest{}, Data: loginResponse{},
	})
	m.Handle("POST /api/auth/login/ldap", identity.Public, refuse(errLDAP), httpapi.Doc{
		Summary: "Refuse: Latchkey has no LDAP.",
	})
	m.Handle("POST /api/auth/register", identity.Public, refuse(errRegistration), httpapi.Doc{
		Summary: "Refuse: an administrator makes accounts.",
	})
	m.Handle("GET /api/auth/logout", identity.OwnAccountLimited, h.logout, httpapi.Doc{
		Summary: "End the session of the token.",
	})
	m.Handle("HEAD /api/auth/logout", identity.OwnAccountLimited, refuse(httpapi.MethodNotAllowed(http.MethodGet)), httpapi.Doc{
		Summary: "Refuse: who asks for headers alone does not mean to sign out.",
	})

	m.Handle("GET /api/auth/2fa", identity.OwnAccount, h.totpState, httpapi.Doc{
		Summary: "Tell whether one's second factor is on and how many recovery codes are left.", Data: totpState{},
	})
	m.Handle("POST /api/auth/2fa/generate", identity.AnyAccount, h.startTOTP, httpapi.Doc{
		Summary: "Begin to set up a second factor.", Data: totpStarted{},
	})
	m.Handle("POST /api/auth/2fa/verify", identity.AnyAccount, h.enableTOTP, httpapi.Doc{
		Summary: "Turn on the second factor that was begun.", Body: totpRequest{}, Data: (*recoveryCodes)(nil),
	})
	m.Handle("POST /api/auth/2fa/disable", identity.OwnAccount, h.disableTOTP, httpapi.Doc{
		Summary: "Turn off one's second factor.", Body: totpRequest{},
	})
	m.Handle("POST /api/auth/2fa/recovery_codes", identity.OwnAccount, h.recoveryCodes, httpapi.Doc{
		Summary: "Make new recovery codes in place of all old ones.", Body: totpRequest{}, Data: recoveryCodes{},
	})

	m.Handle("GET /api/me", identity.AnyAccountLimited, h.me, httpapi.Doc{
		Summary: "Tell who one is and what one may do.", Data: wireUser{},
	})
	m.Handle("POST /api/me/update", identity.AnyAccountLimited, h.updateMe, httpapi.Doc{
		Summary: "Change one's own name or password.", Body: profileRequest{},
	})
	m.Handle("GET /api/me/sessions", identity.OwnAccount, h.sessions, httpapi.Doc{
		Summary: "List one's own devices.", Data: []wireSession{},
	})
	m.Handle("POST /api/me/sessions/evict", identity.OwnAccount, h.evict, httpapi.Doc{
		Summary: "Sign out one of one's own devices.", Body: sessionRequest{},
	})
	m.Handle("POST /api/me/sessions/evict_others", identity.OwnAccount, h.evictOthers, httpapi.Doc{
		Summary: "Sign out all of one's own devices but this one.", Data: evicted{},
	})
	m.Handle("GET /api/me/sshkey/list", identity.OwnAccount, h.sshKeys, httpapi.Doc{
		Summary: "List one's own SFTP keys.", Query: pageQuery{}, Data: page[wireSSHKey]{},
	})
	m.Handle("POST /api/me/sshkey/add", identity.OwnAccount, h.addSSHKey, httpapi.Doc{
		Summary: "Add an SFTP key of one's own.", Body: sshKeyRequest{},
	})
	m.Handle("POST /api/me/sshkey/update", identity.OwnAccount, h.limitSSHKey, httpapi.Doc{
		Summary: "Limit one of one's own SFTP keys; what is left out is not limited.", Query: idQuery{}, Body: keyRules{},
	})
	m.Handle("POST /api/me/sshkey/delete", identity.OwnAccount, h.deleteSSHKey, httpapi.Doc{
		Summary: "Remove one of one's own SFTP keys.", Query: idQuery{},
	})

	m.Handle("GET /api/me/devkey/list", identity.OwnAccount, h.devKeys, httpapi.Doc{
		Summary: "List one's own developer keys.", Query: pageQuery{}, Data: page[wireDevKey]{},
	})
	m.Handle("POST /api/me/devkey/add", identity.OwnAccount, h.addDevKey, httpapi.Doc{
		Summary: "Make a developer key, whose text is shown only now.", Body: devKeyRequest{}, Data: madeDevKey{},
	})
	m.Handle("POST /api/me/devkey/replace", identity.OwnAccount, h.replaceDevKey, httpapi.Doc{
		Summary: "Make a new developer key in place of one that goes on for a while.", Query: idQuery{},
		Body: devKeyReplaceRequest{}, Data: madeDevKey{},
	})
	m.Handle("POST /api/me/devkey/disable", identity.OwnAccount, h.disableDevKey, httpapi.Doc{
		Summary: "Have one of one's own developer keys do nothing until it is enabled again.", Query: idQuery{},
	})
	m.Handle("POST /api/me/devkey/enable", identity.OwnAccount, h.enableDevKey, httpapi.Doc{
		Summary: "Enable one of one's own developer keys again.", Query: idQuery{},
	})
	m.Handle("POST /api/me/devkey/delete", identity.OwnAccount, h.deleteDevKey, httpapi.Doc{
		Summary: "Remove one of one's own developer keys.", Query: idQuery{},
	})

	h.mountFiles(m)
	h.mountMetas(m)
	m.Handle("GET /api/admin/session/list", identity.SessionManage, h.allSessions, httpapi.Doc{
		Summary: "List everybody's devices.", Query: pageQuery{}, Data: []wireSession{},
	})
	m.Handle("POST /api/admin/session/evict", identity.SessionManage, h.evictAny, httpapi.Doc{
		Summary: "Sign out anybody's device.", Body: sessionRequest{},
	})

	m.Handle("GET /api/admin/user/list", identity.UserRead, h.users, httpapi.Doc{
		Summary: "List users.", Query: pageQuery{}, Data: page[wireUser]{},
	})
	m.Handle("GET /api/admin/user/get", identity.UserRead, h.user, httpapi.Doc{
		Summary: "Show a user.", Query: idQuery{}, Data: wireUser{},
	})
	m.Handle("POST /api/admin/user/create", identity.UserManage, h.createUser, httpapi.Doc{
		Summary: "Make a user.", Body: userRequest{},
	})
	m.Handle("POST /api/admin/user/update", identity.UserManage, h.updateUser, httpapi.Doc{
		Summary: "Change a user; what is not sent stays.", Body: userRequest{},
	})
	m.Handle("POST /api/admin/user/delete", identity.UserManage, h.deleteUser, httpapi.Doc{
		Summary: "Remove a user.", Query: idQuery{},
	})
	m.Handle("POST /api/admin/user/cancel_2fa", identity.UserManage, h.cancelTOTP, httpapi.Doc{
		Summary: "Turn off somebody else's second factor.", Query: idQuery{},
	})
	m.Handle("GET /api/admin/user/sshkey/list", identity.UserRead, h.userSSHKeys, httpapi.Doc{
		Summary: "List a user's SFTP keys.", Query: ownerQuery{}, Data: page[wireSSHKey]{},
	})
	m.Handle("POST /api/admin/user/sshkey/update", identity.UserManage, h.limitUserSSHKey, httpapi.Doc{
		Summary: "Limit anybody's SFTP key; what is left out is not limited.", Query: idQuery{}, Body: keyRules{},
	})
	m.Handle("POST /api/admin/user/sshkey/delete", identity.UserManage, h.deleteUserSSHKey, httpapi.Doc{
		Summary: "Remove anybody's SFTP key.", Query: idQuery{},
	})

	m.Handle("GET /api/admin/role/list", identity.RoleRead, h.roles, httpapi.Doc{
		Summary: "List roles.", Query: pageQuery{}, Data: page[wireRole]{},
	})
	m.Handle("GET /api/admin/role/get", identity.RoleRead, h.role, httpapi.Doc{
		Summary: "Show a role.", Query: idQuery{}, Data: wireRole{},
	})
	m.Handle("POST /api/admin/role/create", identity.RoleManage, h.createRole, httpapi.Doc{
		Summary: "Make a role.", Body: wireRole{},
	})
	m.Handle("POST /api/admin/role/update", identity.RoleManage, h.updateRole, httpapi.Doc{
		Summary: "Replace a role.", Body: wireRole{},
	})
	m.Handle("POST /api/admin/role/delete", identity.RoleManage, h.deleteRole, httpapi.Doc{
		Summary: "Remove a role that nobody has.", Query: idQuery{},
	})
}

// mountFiles registers the routes of files and of tasks.
func (h *Handler) mountFiles(m *httpapi.Mux) {
	m.Handle("GET /api/me/storage", identity.OwnAccount, h.storage, httpapi.Doc{
		Summary: "Tell how much one's files take, and may take.", Data: wireStorage{},
	})
	m.Handle("POST "+getRoute, identity.OwnAccount, h.seeing(h.get), httpapi.Doc{
		Summary: "Describe a file or folder.", Body: getRequest{}, Data: wireFile{},
	})
	m.Handle("POST /api/fs/list", identity.OwnAccount, h.seeing(h.list), httpapi.Doc{
		Summary: "List what is in a folder.", Body: listRequest{}, Data: wireList{},
	})
	m.Handle("POST /api/fs/dirs", identity.OwnAccount, h.seeing(h.dirs), httpapi.Doc{
		Summary: "List the folders in a folder.", Body: dirsRequest{}, Data: []wireDir{},
	})
	m.Handle("POST /api/fs/mkdir", identity.OwnAccount, h.seeing(h.mkdir), httpapi.Doc{
		Summary: "Make a folder, and those above it that are missing.", Body: pathRequest{},
	})
	m.Handle("POST /api/fs/rename", identity.OwnAccount, h.seeing(h.rename), httpapi.Doc{
		Summary: "Give a file or folder another name.", Body: renameRequest{},
	})
	m.Handle("POST /api/fs/move", identity.OwnAccount, h.seeing(h.move), httpapi.Doc{
		Summary: "Move files and folders to another folder.", Body: moveRequest{},
	})
	m.Handle("POST /api/fs/copy", identity.OwnAccount, h.seeing(h.copy), httpapi.Doc{
		Summary: "Copy files and folders to another folder.", Body: moveRequest{},
	})
	m.Handle("POST /api/fs/remove", identity.OwnAccount, h.seeing(h.remove), httpapi.Doc{
		Summary: "Remove files, and folders with all that is in them.", Body: removeRequest{},
	})
	m.Handle("GET /api/fs/trash/list", identity.OwnAccount, h.seeing(h.trash), httpapi.Doc{
		Summary: "List what is in the trash of one's files, the latest first.", Query: pageQuery{}, Data: page[wireTrashed]{},
	})
	m.Handle("POST /api/fs/trash/add", identity.OwnAccount, h.seeing(h.throwAway), httpapi.Doc{
		Summary: "Put files, and folders with all that is in them, into the trash for 30 days.", Body: removeRequest{}, Data: []wireTrashed{},
	})
	m.Handle("POST /api/fs/trash/restore", identity.OwnAccount, h.seeing(h.restore), httpapi.Doc{
		Summary: "Take files and folders out of the trash, back to where they were.", Body: trashRequest{}, Data: []wireRestored{},
	})
	m.Handle("POST /api/fs/trash/delete", identity.OwnAccount, h.seeing(h.discard), httpapi.Doc{
		Summary: "Remove files and folders in the trash for good.", Body: trashRequest{},
	})
	m.Handle("PUT /api/fs/put", identity.OwnAccount, h.seeing(h.put), httpapi.Doc{
		Summary: "Upload a file, which is the body.", Headers: uploadHeaders{}, Upload: "*/*", Data: (*taskStarted)(nil),
	})
	m.Handle("PUT /api/fs/form", identity.OwnAccount, h.seeing(h.form), httpapi.Doc{
		Summary: "Upload a file in a form.", Headers: uploadHeaders{}, Upload: multipartMedia, Data: (*taskStarted)(nil),
	})
	for _, route := range []string{"/d", proxyRoute} {
		m.Handle("GET "+route+"/{path...}", identity.Public, h.download, httpapi.Doc{
			Summary: "Download a file by its signed address.", Query: downloadQuery{}, Raw: "*/*", Parts: true,
		})
	}

	const tasks = "/api/task/upload"
	m.Handle("GET "+tasks+"/undone", identity.OwnAccount, h.tasks(false), httpapi.Doc{
		Summary: "List one's own uploads that are under way.", Data: []wireTask{},
	})
	m.Handle("GET "+tasks+"/done", identity.OwnAccount, h.tasks(true), httpapi.Doc{
		Summary: "List one's own uploads that have ended.", Data: []wireTask{},
	})
	m.Handle("POST "+tasks+"/info", identity.OwnAccount, h.taskInfo, httpapi.Doc{
		Summary: "Tell how far an upload is.", Query: tidQuery{}, Data: wireTask{},
	})
	m.Handle("POST "+tasks+"/cancel", identity.OwnAccount, h.cancelTask, httpapi.Doc{
		Summary: "End an upload that is under way.", Query: tidQuery{},
	})
	m.Handle("POST "+tasks+"/delete", identity.OwnAccount, h.deleteTask, httpapi.Doc{
		Summary: "Take an upload that has ended off the list.", Query: tidQuery{},
	})
	m.Handle("POST "+tasks+"/retry", identity.OwnAccount, h.retryTask, httpapi.Doc{
		Summary: "Refuse: what was sent is not kept.", Query: tidQuery{},
	})
	m.Handle("POST "+tasks+"/clear_done", identity.OwnAccount, h.clearTasks(identity.TaskDone, identity.TaskCancelled, identity.TaskFailed), httpapi.Doc{
		Summary: "Take all uploads that have ended off the list.",
	})
	m.Handle("POST "+tasks+"/clear_succeeded", identity.OwnAccount, h.clearTasks(identity.TaskDone), httpapi.Doc{
		Summary: "Take the uploads that have succeeded off the list.",
	})
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
	return identity.Origin{Actor: who(r).User.ID, Rights: who(r).Rights(), Door: name, Address: httpapi.ClientAddr(r)}
}

func decode[T any](w http.ResponseWriter, r *http.Request) (T, error) {
	var body T
	err := httpapi.DecodeJSON(w, r, maxBody, &body)
	return body, err
}
