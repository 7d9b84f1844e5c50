package identity

import (
	"net/netip"
	"time"
)

// A KeyKind says what a key made for programs is good for.
type KeyKind string

// The kinds of key.
const (
	// KeyAPI stands where a bearer token does, within its permissions.
	KeyAPI KeyKind = "api"
	// KeyDev stands in place of a password or a session of its owner, and
	// may do what they may.
	KeyDev KeyKind = "dev"
)

// A SecretHash is the SHA-256 of a secret of at least 122 random bits, which
// is what is kept of it. It needs no salt and no costly hash: nobody can guess
// what it is of.
type SecretHash [32]byte

// An APIKey lets a program act for its owner. Its text is shown once.
type APIKey struct {
	ID          APIKeyID
	User        UserID
	Kind        KeyKind
	Name        string
	Description string
	Prefix      string // how the text begins, so that people can tell keys apart
	Hash        SecretHash
	Permissions []Permission // of an API key: all that it may do of what its owner may; Admin is all of it
	CreatedAt   time.Time
	ExpiresAt   time.Time // zero: never
	DisabledAt  time.Time // zero: it is enabled
	EnabledAt   time.Time // when it was last enabled again; zero: never disabled
	LastUsedAt  time.Time // zero: never used
	LastAddress netip.Addr
}

// A KeyStatus is what has become of a key.
type KeyStatus string

// The states of a key.
const (
	KeyActive   KeyStatus = "active"
	KeyInactive KeyStatus = "inactive" // somebody disabled it
	KeyExpired  KeyStatus = "expired"
)

// Status returns the state of the key at a time.
func (k APIKey) Status(at time.Time) KeyStatus {
	switch {
	case !k.ExpiresAt.IsZero() && !at.Before(k.ExpiresAt):
		return KeyExpired
	case !k.DisabledAt.IsZero():
		return KeyInactive
	}
	return KeyActive
}

// An APIKeyFilter chooses keys. What is empty chooses all.
type APIKeyFilter struct {
	User   UserID
	Kind   KeyKind
	Name   string // part of the name, whatever its case
	Status KeyStatus
	At     time.Time // the time that Status is about
}

// A KeyUse counts requests that were made with a key on one day, by address
// of the API.
type KeyUse struct {
	Key      APIKeyID
	Day      time.Time // midnight UTC
	Endpoint string
	Requests int64
	Errors   int64 // of Requests, those that were refused or failed
}

// KeyUsage is what was done with a key over some days.
type KeyUsage struct {
	Requests  int64
	Errors    int64
	Days      []DayCount      // those with requests, in their order
	Endpoints []EndpointCount // the most used first
}

// A DayCount is how often a key was used on a day.
type DayCount struct {
	Day      time.Time
	Requests int64
}

// An EndpointCount is how often a key was used at an address of the API.
type EndpointCount struct {
	Endpoint string
	Requests int64
}

// KeyAct says which key somebody acts with. The zero KeyAct is none.
type KeyAct struct {
	ID    APIKeyID
	Kind  KeyKind
	Limit []Permission // of a KeyAPI
}

// IsZero reports whether no key is in use.
func (k KeyAct) IsZero() bool { return k.ID == 0 }
