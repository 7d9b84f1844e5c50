package identity

import "time"

// A TOTP is a user's second factor by RFC 6238: SHA-1, six digits, thirty
// seconds, which is what every authenticator understands. The secret is sealed
// with the server's master key.
type TOTP struct {
	User         UserID
	SealedSecret []byte
	LastUsedStep int64 // the newest time step that was accepted; it and all before are spent
	EnabledAt    time.Time
}

// A PendingTOTP is a secret that the server made and that awaits its first code.
type PendingTOTP struct {
	User         UserID
	SealedSecret []byte
	CreatedAt    time.Time
}
