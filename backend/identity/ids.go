package identity

import "strings"

// Identifiers. Each is its own type so that the compiler tells them apart.
type (
	// A UserID names a user for good; it is never given to another one.
	UserID int64
	// A RoleID names a role.
	RoleID int64
	// An SSHKeyID names an uploaded public key.
	SSHKeyID int64
	// An APIKeyID names a key made for programs.
	APIKeyID int64
	// A PermissionID names a permission in the list of them.
	PermissionID int64
	// A FolderPasswordID names a folder's password.
	FolderPasswordID int64
	// A SessionID names a signed-in device: 128 random bits as 32 lower-case
	// hexadecimal digits. AList calls it device_key.
	SessionID string
	// A TokenID names one issued access token, in the form of a SessionID.
	TokenID string
)

// Users that exist from the first start.
const (
	AdminID UserID = 1
	GuestID UserID = 2
)

// Roles that exist from the first start, with AList's numbers.
const (
	RoleGuest   RoleID = 1
	RoleAdmin   RoleID = 2
	RoleGeneral RoleID = 3
)

const opaqueIDLen = 32

var errSessionID = NewError(Invalid, "session_id_invalid", "That is not the id of a session.")

// ParseSessionID accepts exactly 32 lower-case hexadecimal digits.
func ParseSessionID(s string) (SessionID, error) {
	if len(s) != opaqueIDLen || strings.Trim(s, "0123456789abcdef") != "" {
		return "", errSessionID
	}
	return SessionID(s), nil
}
