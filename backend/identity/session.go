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
	EndedByReuse    EndReason = "refresh_token_reused" // a refresh token came twice: one of two holders has stolen it
)

// A SessionKind says what is signed in.
type SessionKind string

// The kinds.
const (
	DeviceSession SessionKind = ""     // a device, with access tokens
	SFTPSession   SessionKind = "sftp" // a connection over SFTP, while it is open
)

// A Session is a signed-in device of one user, whose access tokens die with
// it, or one connection over SFTP, which is closed with it.
type Session struct {
	ID         SessionID
	User       UserID
	Kind       SessionKind
	SSHKey     string // title of the key that opened a connection; empty: a password did
	ClientID   bool   // the device names itself, so logging out ends it for all its tokens
	UserAgent  string
	Address    netip.Addr
	CreatedAt  time.Time
	LastActive time.Time
	ExpiresAt  time.Time // when its last token expires
	EndedAt    time.Time // zero while it lives
	EndReason  EndReason // empty while it lives
}

// An Audience is the dialect that a token is good for.
type Audience string

// An AccessToken is what one sign-in was given: a bearer token that belongs to
// exactly one session and is good only while that session lives. Where the
// dialect lets it be renewed, each exchange makes a new generation of it, with
// a new text and a new end; its id stays.
type AccessToken struct {
	ID         TokenID
	Session    SessionID
	User       UserID
	Factors    []FactorKind
	SignedInAt time.Time     // when the factors were shown
	IssuedAt   time.Time     // of the generation in use
	ExpiresAt  time.Time     // when it can be renewed no more, or else when it ends
	Life       time.Duration // how long a text of it is good for
	Generation int           // 0: it cannot be renewed; else from 1 on
}
