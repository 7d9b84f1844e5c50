package identity

import (
	"net/netip"
	"time"
)

// An EndReason says why a session ended.
type EndReason string

// The reasons.
const (
	EndedByLogout   EndReason = "logout"
	EndedByEviction EndReason = "evicted"
	EndedByPassword EndReason = "password_changed"
	EndedByLimit    EndReason = "device_limit"
)

// A Session is a signed-in device of one user. Its access tokens die with it.
type Session struct {
	ID         SessionID
	User       UserID
	ClientID   bool // the device names itself, so logging out ends it for all its tokens
	UserAgent  string
	Address    netip.Addr
	CreatedAt  time.Time
	LastActive time.Time
	ExpiresAt  time.Time // when its last token expires
	EndedAt    time.Time // zero while it lives
	EndReason  EndReason // empty while it lives
}

// An AccessToken is one issued bearer token. It belongs to exactly one
// session and is good only while that session lives.
type AccessToken struct {
	ID        TokenID
	Session   SessionID
	User      UserID
	Factors   []FactorKind
	IssuedAt  time.Time
	ExpiresAt time.Time
}
