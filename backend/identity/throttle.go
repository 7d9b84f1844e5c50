package identity

import "time"

// A ThrottleScope says what a failure counter counts.
type ThrottleScope string

// The scopes.
const (
	ThrottlePair    ThrottleScope = "pair"    // one account name from one address
	ThrottleAccount ThrottleScope = "account" // one account name from anywhere
	ThrottleAddress ThrottleScope = "address" // one address, any account
)

// A ThrottleKey names a failure counter. Account is the normalised name as
// typed, known or not; the part that the scope does not use is empty.
type ThrottleKey struct {
	Scope   ThrottleScope
	Account string
	Address string
}

// A Throttle is a failure counter and the lock that it led to.
type Throttle struct {
	Key         ThrottleKey
	Failures    int       // counted failures
	Reserved    int       // attempts in progress, counted as failures until they end
	LockedUntil time.Time // zero: not locked
	LockedFor   time.Duration
	NeedsUnlock bool // locked until somebody unlocks it
	UpdatedAt   time.Time
}
