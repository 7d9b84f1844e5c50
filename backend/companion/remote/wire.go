package remote

import (
	"encoding/json"
	"time"
)

// The routes of the API, as AList has them. Those marked are Latchkey's own.
const (
	pathPing          = "/ping"
	pathSettings      = "/api/public/settings"
	pathLoginHash     = "/api/auth/login/hash"
	pathLogin         = "/api/auth/login"
	pathLogout        = "/api/auth/logout"
	pathMe            = "/api/me"
	pathUpdate        = "/api/me/update"
	pathSessions      = "/api/me/sessions"
	pathEvict         = "/api/me/sessions/evict"
	pathEvictOthers   = "/api/me/sessions/evict_others" // own
	pathKeys          = "/api/me/sshkey/list"
	pathAddKey        = "/api/me/sshkey/add"
	pathLimitKey      = "/api/me/sshkey/update" // own
	pathDeleteKey     = "/api/me/sshkey/delete"
	pathDevKeys       = "/api/me/devkey/list"    // own
	pathAddDevKey     = "/api/me/devkey/add"     // own
	pathReplaceDevKey = "/api/me/devkey/replace" // own
	pathEnableDevKey  = "/api/me/devkey/enable"  // own
	pathDisableDevKey = "/api/me/devkey/disable" // own
	pathDeleteDevKey  = "/api/me/devkey/delete"  // own
	pathFactor        = "/api/auth/2fa"          // own
	pathStartFactor   = "/api/auth/2fa/generate"
	pathEnableFactor  = "/api/auth/2fa/verify"
	pathDisableFactor = "/api/auth/2fa/disable"        // own
	pathRecoveryCodes = "/api/auth/2fa/recovery_codes" // own
	pathAllSessions   = "/api/admin/session/list"
	pathEvictAny      = "/api/admin/session/evict"
	pathUsers         = "/api/admin/user/list"
	pathGetFile       = "/api/fs/get"
	pathListFiles     = "/api/fs/list"
	pathMkdir         = "/api/fs/mkdir"
	pathRename        = "/api/fs/rename"
	pathMove          = "/api/fs/move"
	pathRemove        = "/api/fs/remove"
	pathPut           = "/api/fs/put"
	pathTrash         = "/api/fs/trash/add"     // own
	pathTrashed       = "/api/fs/trash/list"    // own
	pathRestore       = "/api/fs/trash/restore" // own
	pathDiscard       = "/api/fs/trash/delete"  // own
	pathStorage       = "/api/me/storage"       // own
	pathProxy         = "/p"                    // and the path below it
)

type wireLogin struct {
	Username string `json:"username"`
	Password string `json:"password"`
	OTPCode  string `json:"otp_code,omitempty"`
}

type wireGrant struct {
	Token     string `json:"token"`
	DeviceKey string `json:"device_key"`
	ExpiresIn int64  `json:"expires_in"` // seconds
}

type wireMe struct {
	ID         int64       `json:"id"`
	Username   string      `json:"username"`
	BasePath   string      `json:"base_path"`
	Role       wireRoles   `json:"role"`
	Permission int64       `json:"permission"`
	SSOID      string      `json:"sso_id"`
	OTP        bool        `json:"otp"`
	MustChange *bool       `json:"password_must_change"` // Latchkey
	RoleNames  []string    `json:"role_names"`
	Scopes     []wireScope `json:"permissions"`
}

type wireScope struct {
	Path       string `json:"path"`
	Permission int64  `json:"permission"`
}

// wireRoles is a list of roles, or one alone as before AList v3.46 and in
// OpenList.
type wireRoles []int64

func (r *wireRoles) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] != '[' && string(b) != "null" {
		b = append(append([]byte{'['}, b...), ']')
	}
	return json.Unmarshal(b, (*[]int64)(r))
}

type wireProfile struct {
	Username    string `json:"username"`
	Password    string `json:"password,omitempty"`
	OldPassword string `json:"old_password_hash,omitempty"`
	SSOID       string `json:"sso_id"` // left out it would be cleared
}

type wireSession struct {
	SessionID  string `json:"session_id"`
	UserID     int64  `json:"user_id"`
	LastActive int64  `json:"last_active"` // Unix seconds
	UserAgent  string `json:"ua"`
	Address    string `json:"ip"`
	Current    bool   `json:"current"` // Latchkey
	Kind       string `json:"kind"`    // Latchkey
	SSHKey     string `json:"ssh_key"` // Latchkey
	Since      int64  `json:"since"`   // Latchkey, Unix seconds
}

type wireSessionID struct {
	SessionID string `json:"session_id"`
}

type wireEvicted struct {
	Evicted int `json:"evicted"`
}

type wirePage[T any] struct {
	Content []T `json:"content"`
}

type wireUser struct {
	ID       int64  `json:"id"`
	Username string `json:"username"`
}

type wireKey struct {
	ID          int64  `json:"id"`
	Title       string `json:"title"`
	Fingerprint string `json:"fingerprint"`
	Added       string `json:"added_time"`
	LastUsed    string `json:"last_used_time"` // as added until the first use
	Type        string `json:"type"`           // Latchkey
	Used        *bool  `json:"used"`           // Latchkey

	wireKeyRules
}

// wireKeyRules are what only Latchkey knows of a key.
type wireKeyRules struct {
	Expires  string `json:"expires_time,omitempty"`
	From     string `json:"from,omitempty"`
	ReadOnly bool   `json:"read_only,omitempty"`
	Folder   string `json:"folder,omitempty"`
}

type wireNewKey struct {
	Title string `json:"title"`
	Key   string `json:"key"`

	wireKeyRules
}

type wireSecret struct {
	Secret string `json:"secret"`
}

// wireFactor is what turning a second factor on or off takes. AList reads code
// and secret only.
type wireFactor struct {
	wireProof

	Code          string `json:"code,omitempty"`
	Secret        string `json:"secret,omitempty"`
	RecoveryCodes bool   `json:"recovery_codes,omitempty"`
}

// wireProof is how Latchkey is shown again who asks.
type wireProof struct {
	Password string `json:"password_hash,omitempty"`
	OTPCode  string `json:"otp_code,omitempty"`
}

type wireFactorState struct {
	Enabled           bool `json:"enabled"`
	RecoveryCodesLeft int  `json:"recovery_codes_left"`
}

type wireRecoveryCodes struct {
	RecoveryCodes []string `json:"recovery_codes"`
}

// A time that is null reads as an empty text, which is none.
type wireDevKey struct {
	ID       int64  `json:"id"`
	Name     string `json:"name"`
	Prefix   string `json:"prefix"`
	Status   string `json:"status"`
	Created  string `json:"created_time"`
	Expires  string `json:"expires_time"`
	LastUsed string `json:"last_used_time"`
	Address  string `json:"last_ip"`
}

type wireMadeDevKey struct {
	wireDevKey

	Key string `json:"key"`
}

type wireNewDevKey struct {
	wireProof

	Name string `json:"name"`
	Days int    `json:"expires_in_days"`
}

type wireReplaceDevKey struct {
	wireProof

	Overlap int `json:"overlap_hours"`
}

// unixTime returns a time that can also be written as text, or zero: servers
// send 0 for never, and may send anything.
func unixTime(seconds int64) time.Time {
	if seconds <= 0 || seconds >= endOfTime {
		return time.Time{}
	}
	return time.Unix(seconds, 0)
}

// endOfTime is the year 9999; later ones have no RFC 3339 text.
const endOfTime = 253_370_764_800

// textTime reads RFC 3339, or returns zero.
func textTime(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || unixTime(t.Unix()).IsZero() {
		return time.Time{}
	}
	return t
}
