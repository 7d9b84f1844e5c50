package login

import (
	"net/netip"
	"time"

	"latchkey/backend/credential/password"
)

// An Attempt is what somebody shows to be let in.
type Attempt struct {
	Username string // as typed
	Password password.Digest
	Code     string // of the second factor, or a recovery code; empty if not shown
	Address  netip.Addr
	Door     string        // the way in, such as "alist" or "sftp"
	LockFor  time.Duration // how long a lock lasts at this door; 0 is five minutes
}
