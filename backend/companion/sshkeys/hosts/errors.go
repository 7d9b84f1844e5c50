package hosts

import (
	"latchkey/backend/companion/sshkeys"
	"latchkey/backend/identity"
)

// What can be said of a host key.
var (
	ErrUnknown = identity.NewError(identity.Unauthenticated, "ssh_host_unknown",
		"This computer has not seen that server before. Compare its fingerprint with what the server's owner tells you, then accept it.")
	ErrChanged = identity.NewError(identity.Unauthenticated, "ssh_host_changed",
		"The server shows another host key than before, so nothing was sent to it. It may have been set up anew, or somebody may be in between. Ask its owner before you accept the new key.")
	ErrRevoked = identity.NewError(identity.PermissionDenied, "ssh_host_revoked",
		"The host key of that server is marked as revoked, so nothing was sent to it. Do not connect before its owner has explained that.")
	ErrCertificate = identity.NewError(identity.Unauthenticated, "ssh_host_certificate",
		"The server shows a certificate that is not valid here or now, so nothing was sent to it. Check this computer's clock, and ask the server's owner.")
	ErrPattern = identity.NewError(identity.Conflict, "ssh_host_pattern",
		"The old host key stands in known_hosts for a whole group of servers, so it was left as it is. Change that line by hand.")
	ErrLarge = identity.NewError(identity.Invalid, "ssh_known_hosts_large",
		"The file known_hosts is larger than 16 MB. Look what is in it, and make it smaller.")
	ErrAddress = identity.InvalidField("host", "ssh_host_invalid",
		"That is not the name of a server. Use something like nas.local or 192.168.1.20.")
)

// An UnseenError is ErrUnknown with the key that the host showed.
type UnseenError struct{ Shown sshkeys.Public }

func (e *UnseenError) Error() string { return ErrUnknown.Error() }

// Unwrap returns ErrUnknown.
func (e *UnseenError) Unwrap() error { return ErrUnknown }

// A ChangedError is ErrChanged with both sides.
type ChangedError struct {
	Shown sshkeys.Public
	Known []Known
}

// A Known key stands in a file.
type Known struct {
	sshkeys.Public
	File string
	Line int
}

func (e *ChangedError) Error() string { return ErrChanged.Error() }

// Unwrap returns ErrChanged.
func (e *ChangedError) Unwrap() error { return ErrChanged }
