package identity

import (
	"fmt"
	"io"
	"net/netip"
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
	Email              Email // empty: none; no two users have the same
	Profile            Profile
	PasswordHash       PasswordHash // empty: no password fits
	PasswordExpiresAt  time.Time    // zero: never; of a temporary one, when it fits no more
	MustChangePassword bool         // nothing but changing the password is allowed
	Disabled           bool
	ExpiresAt          time.Time      // zero: never; afterwards the account lets nobody in
	AllowedFrom        []netip.Prefix // where the account can be used from; empty: from anywhere
	BasePath           string         // absolute slash path below the files folder; "/" is all of it
	StorageLimit       int64          // bytes that the files below BasePath may take when the user adds to them; 0: what the disk has
	Roles              []RoleID
	SSOID              string // carried for AList's clients; nothing signs in with it
	TOTPEnabled        bool   // kept by the store; set through SaveTOTP and DeleteTOTP only
	CreatedAt          time.Time
	UpdatedAt          time.Time
	PasswordChangedAt  time.Time
	LastLoginAt        time.Time // kept by the store, as LoginCount: OpenSession counts
	LoginCount         int64
}

// A Profile is what a person tells of themselves. Nothing depends on it.
type Profile struct {
	Nickname   string
	AvatarURL  string // http or https
	RealName   string
	Phone      string
	Department string
	Position   string
}

// IsAdmin reports whether the user holds the administrator role.
func (u User) IsAdmin() bool { return slices.Contains(u.Roles, RoleAdmin) }

// Admits reports whether the account can be used at a time and from an
// address. What comes over no network comes from the server's own machine,
// where an address is no hurdle.
func (u User) Admits(at time.Time, from netip.Addr) bool {
	if u.Disabled || !u.ExpiresAt.IsZero() && !at.Before(u.ExpiresAt) {
		return false
	}
	from = from.Unmap().WithZone("")
	return len(u.AllowedFrom) == 0 || !from.IsValid() ||
		slices.ContainsFunc(u.AllowedFrom, func(p netip.Prefix) bool { return p.Contains(from) })
}

// IsBuiltIn reports whether the user exists from the first start and can be
// neither deleted nor given other roles.
func (u User) IsBuiltIn() bool { return u.ID == AdminID || u.ID == GuestID }

// A Page asks for part of a list. Offset counts from zero; Limit 0 means all.
type Page struct {
	Offset int
	Limit  int
}

// A UserStatus is what has become of an account.
type UserStatus string

// The states of an account.
const (
	UserActive   UserStatus = "active"
	UserInactive UserStatus = "inactive" // disabled or expired
	UserLocked   UserStatus = "locked"   // active, and takes no password after too many failed sign-ins, or by hand
)

// A UserFilter chooses users. What is empty chooses all.
type UserFilter struct {
	Username string // part of the name, in its normal form
	Email    string // part of the address, in small letters
	Status   UserStatus
	At       time.Time // the time that Status is about
}

// A Member is a user who has a role.
type Member struct {
	User    User
	AddedAt time.Time
}
