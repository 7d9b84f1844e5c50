package alist

import (
	"cmp"
	"encoding/json"
	"net/netip"
	"strings"
	"time"

	"latchkey/backend/identity"
)

// loginRequest is the body of login and login/hash. People misspell otp_code.
type loginRequest struct {
	Username string `json:"username"`
	Password string `json:"password"`
	OTPCode  string `json:"otp_code"`
	OTPCode2 string `json:"otpcode"`
	OTPCode3 string `json:"opt_code"`
}

func (r loginRequest) code() string { return cmp.Or(r.OTPCode, r.OTPCode2, r.OTPCode3) }

type loginResponse struct {
	Token     string             `json:"token"`
	DeviceKey identity.SessionID `json:"device_key"`
	ExpiresIn int64              `json:"expires_in"` // seconds
	ExpiresAt int64              `json:"expires_at"` // Unix seconds
}

type totpStarted struct {
	QR     string `json:"qr"` // a PNG as a data URL
	Secret string `json:"secret"`
}

type totpRequest struct {
	Code          string `json:"code"`
	Secret        string `json:"secret"`
	Password      string `json:"password"`
	PasswordHash  string `json:"password_hash"`
	OTPCode       string `json:"otp_code"`
	RecoveryCodes bool   `json:"recovery_codes"`
}

type totpState struct {
	Enabled           bool `json:"enabled"`
	RecoveryCodesLeft int  `json:"recovery_codes_left"`
}

type recoveryCodes struct {
	RecoveryCodes []string `json:"recovery_codes"`
}

type wireScope struct {
	Path       string                  `json:"path"`
	Permission identity.PathPermission `json:"permission"`
}

type wireUser struct {
	ID         identity.UserID         `json:"id"`
	Username   identity.Username       `json:"username"`
	Password   string                  `json:"password"` // always empty
	BasePath   string                  `json:"base_path"`
	Storage    int64                   `json:"storage_limit"` // bytes; 0: none
	Role       []identity.RoleID       `json:"role"`
	Disabled   bool                    `json:"disabled"`
	Permission identity.PathPermission `json:"permission"`
	SSOID      string                  `json:"sso_id"`
	OTP        bool                    `json:"otp"`
	MustChange bool                    `json:"password_must_change"`
	RoleNames  []string                `json:"role_names"`
	Scopes     []wireScope             `json:"permissions"`
}

func fromPrincipal(p identity.Principal) wireUser {
	u := p.User
	return wireUser{
		ID: u.ID, Username: u.Username, BasePath: u.BasePath, Storage: u.StorageLimit, Role: u.Roles, Disabled: u.Disabled,
		Permission: p.PathPermission(u.BasePath), SSOID: u.SSOID, OTP: u.TOTPEnabled,
		MustChange: u.MustChangePassword, RoleNames: p.RoleNames(), Scopes: fromScopes(p.Scopes()),
	}
}

func fromScopes(scopes []identity.Scope) []wireScope {
	out := make([]wireScope, len(scopes))
	for i, s := range scopes {
		out[i] = wireScope(s)
	}
	return out
}

// userRequest is the body of admin/user/create and update. AList's own pages
// send every field; what is missing stays as it is.
type userRequest struct {
	ID         identity.UserID `json:"id"`
	Username   *string         `json:"username"`
	Password   string          `json:"password"` // empty: unchanged
	BasePath   *string         `json:"base_path"`
	Storage    *int64          `json:"storage_limit" description:"Bytes that their files may take; 0: what the disk has."`
	Role       *roleIDs        `json:"role"`
	Disabled   *bool           `json:"disabled"`
	SSOID      *string         `json:"sso_id"`
	MustChange *bool           `json:"password_must_change"`
}

// roleIDs is a list of roles, or one alone as before AList v3.46.
type roleIDs []identity.RoleID

// UnmarshalJSON accepts a number and a list of numbers.
func (r *roleIDs) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] != '[' {
		b = []byte("[" + string(b) + "]")
	}
	return json.Unmarshal(b, (*[]identity.RoleID)(r))
}

// JSONSchemaBytes tells that to the description of the API.
func (roleIDs) JSONSchemaBytes() ([]byte, error) {
	return []byte(`{"oneOf":[{"type":"integer"},{"type":"array","items":{"type":"integer"}}]}`), nil
}

type profileRequest struct {
	Username        string `json:"username"`
	Password        string `json:"password"`
	OldPassword     string `json:"old_password"`
	OldPasswordHash string `json:"old_password_hash"`
	SSOID           string `json:"sso_id"`
}

type wireSession struct {
	SessionID  identity.SessionID `json:"session_id"`
	UserID     identity.UserID    `json:"user_id,omitempty"`
	LastActive int64              `json:"last_active"` // Unix seconds
	Status     int                `json:"status"`      // 0 active; ended ones are not listed
	UserAgent  string             `json:"ua"`
	Address    string             `json:"ip"` // masked
	Current    bool               `json:"current"`

	Kind   identity.SessionKind `json:"kind,omitempty" description:"sftp for a connection over SFTP that is open; left out for a device."`
	SSHKey string               `json:"ssh_key,omitempty" description:"The title of the key that opened a connection; left out where a password did."`
	Since  int64                `json:"since,omitempty" description:"When a connection was opened, in Unix seconds."`
}

func fromSession(s identity.Session, current identity.SessionID) wireSession {
	out := wireSession{
		SessionID: s.ID, LastActive: s.LastActive.Unix(), UserAgent: s.UserAgent,
		Address: mask(s.Address), Current: s.ID == current, Kind: s.Kind, SSHKey: s.SSHKey,
	}
	if s.Kind == identity.SFTPSession {
		out.Since = s.CreatedAt.Unix()
	}
	return out
}

// mask hides the middle of an address as AList does: 10.*.*.6, 2001:*:*:*::77.
func mask(a netip.Addr) string {
	text := a.WithZone("").String()
	switch {
	case !a.IsValid():
		return ""
	case a.Is4():
		parts := strings.Split(text, ".")
		return parts[0] + ".*.*." + parts[3]
	}
	firstGroup, _, _ := strings.Cut(text, ":")
	return firstGroup + ":*:*:*::" + text[strings.LastIndex(text, ":")+1:]
}

type sessionRequest struct {
	SessionID string `json:"session_id"`
}

type evicted struct {
	Evicted int `json:"evicted"`
}

type page[T any] struct {
	Content []T `json:"content"`
	Total   int `json:"total"`
}

type wireSSHKey struct {
	ID          identity.SSHKeyID    `json:"id"`
	Title       string               `json:"title"`
	Fingerprint identity.Fingerprint `json:"fingerprint"`
	Added       string               `json:"added_time"`
	LastUsed    string               `json:"last_used_time"` // added_time until the first use
	Type        string               `json:"type"`
	Used        bool                 `json:"used"`

	keyRules
}

// keyRules are what a key is limited to, where it is.
type keyRules struct {
	Expires  string                   `json:"expires_time,omitempty" description:"When the key expires, as in RFC 3339; left out: never."`
	From     identity.AddressPatterns `json:"from,omitempty" description:"Which addresses it is taken from, as in sshd(8) but without names of hosts; left out: all."`
	ReadOnly bool                     `json:"read_only,omitempty" description:"It reads files, and changes nothing."`
	Folder   string                   `json:"folder,omitempty" description:"The folder that it opens; left out: all that its owner sees."`
}

func fromKeyRules(r identity.KeyRules) keyRules {
	out := keyRules{From: r.From, ReadOnly: r.ReadOnly, Folder: r.Folder}
	if !r.ExpiresAt.IsZero() {
		out.Expires = rfc3339(r.ExpiresAt)
	}
	return out
}

var errExpiresTime = identity.InvalidField("expires_time", "ssh_key_expires_time_invalid",
	"Write when the key expires as in RFC 3339, such as 2030-12-31T23:59:00Z.")

func (k keyRules) parse() (identity.KeyRules, error) {
	out := identity.KeyRules{ReadOnly: k.ReadOnly, Folder: k.Folder}
	var err error
	if k.Expires != "" {
		if out.ExpiresAt, err = time.Parse(time.RFC3339, k.Expires); err != nil {
			return out, errExpiresTime
		}
	}
	if k.From != "" {
		out.From, err = identity.ParseAddressPatterns(string(k.From))
	}
	return out, err
}

func fromSSHKey(k identity.SSHKey) wireSSHKey {
	used := k.LastUsedAt
	if used.IsZero() {
		used = k.AddedAt
	}
	return wireSSHKey{
		ID: k.ID, Title: k.Title, Fingerprint: k.Fingerprint, Type: k.Type,
		Added: rfc3339(k.AddedAt), LastUsed: rfc3339(used), Used: !k.LastUsedAt.IsZero(),
		keyRules: fromKeyRules(k.Rules),
	}
}

type sshKeyRequest struct {
	Title string `json:"title"`
	Key   string `json:"key"`

	keyRules
}

// proofFields are how a body shows again who sends it.
type proofFields struct {
	Password     string `json:"password,omitempty"`
	PasswordHash string `json:"password_hash,omitempty" description:"AList's static hash of the password, which counts if both are sent."`
	OTPCode      string `json:"otp_code,omitempty" description:"Of the second factor that is on, or a recovery code."`
}

type devKeyRequest struct {
	proofFields

	Name          string `json:"name"`
	ExpiresInDays int64  `json:"expires_in_days,omitempty" description:"Zero is never."`
}

type devKeyReplaceRequest struct {
	proofFields

	OverlapHours *int64 `json:"overlap_hours,omitempty" description:"How long the old key goes on, at most 720." default:"24"`
}

type wireDevKey struct {
	ID       identity.APIKeyID  `json:"id"`
	Name     string             `json:"name"`
	Prefix   string             `json:"prefix"` // how its text begins
	Status   identity.KeyStatus `json:"status"`
	Created  string             `json:"created_time"`
	Expires  *string            `json:"expires_time"`   // null: never
	LastUsed *string            `json:"last_used_time"` // null: never
	Address  string             `json:"last_ip"`        // masked; empty until the first use
}

type madeDevKey struct {
	wireDevKey

	Key string `json:"key"` // its text, which is shown only now
}

func fromDevKey(k identity.APIKey, now time.Time) wireDevKey {
	return wireDevKey{
		ID: k.ID, Name: k.Name, Prefix: k.Prefix, Status: k.Status(now), Created: rfc3339(k.CreatedAt),
		Expires: optionalTime(k.ExpiresAt), LastUsed: optionalTime(k.LastUsedAt), Address: mask(k.LastAddress),
	}
}

func optionalTime(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := rfc3339(t)
	return &text
}

type wireRole struct {
	ID          identity.RoleID `json:"id"`
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Default     bool            `json:"default"`
	Scopes      []wireScope     `json:"permission_scopes"`
}

func fromRole(r identity.Role) wireRole {
	return wireRole{ID: r.ID, Name: r.Name, Description: r.Description, Default: r.Default, Scopes: fromScopes(r.Scopes)}
}

func (r wireRole) toRole() identity.Role {
	scopes := make([]identity.Scope, len(r.Scopes))
	for i, s := range r.Scopes {
		scopes[i] = identity.Scope(s)
	}
	return identity.Role{ID: r.ID, Name: r.Name, Description: r.Description, Default: r.Default, Scopes: scopes}
}
