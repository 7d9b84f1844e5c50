package identity

import (
	"fmt"
	"io"
	"slices"
	"time"
)

// A PasswordHash is a stored password verifier in PHC string form. It prints
// and marshals as a mask, so that it reaches no log.
type PasswordHash string

const passwordMask = "[password hash]"

// Format writes a mask for every verb, so that no format can undo it.
func (PasswordHash) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, passwordMask) }

// MarshalText returns a mask, never the hash.
func (PasswordHash) MarshalText() ([]byte, error) { return []byte(passwordMask), nil }

// A User is a person or service that can sign in.
type User struct {
	ID                 UserID
	Username           Username
	PasswordHash       PasswordHash // empty: no password fits
	MustChangePassword bool         // nothing but changing the password is allowed
	Disabled           bool
	BasePath           string // absolute slash path below the files folder; "/" is all of it
	Roles              []RoleID
	SSOID              string // carried for AList's clients; nothing signs in with it
	TOTPEnabled        bool   // kept by the store; set through SaveTOTP and DeleteTOTP only
	CreatedAt          time.Time
	PasswordChangedAt  time.Time
}

// IsAdmin reports whether the user holds the administrator role.
func (u User) IsAdmin() bool { return slices.Contains(u.Roles, RoleAdmin) }

// IsBuiltIn reports whether the user exists from the first start and can be
// neither deleted nor given other roles.
func (u User) IsBuiltIn() bool { return u.ID == AdminID || u.ID == GuestID }

// A Page asks for part of a list. Offset counts from zero; Limit 0 means all.
type Page struct {
	Offset int
	Limit  int
}
