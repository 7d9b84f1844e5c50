package account

import (
	"slices"

	"latchkey/backend/identity"
)

var errReservedName = identity.InvalidField("username", "username_reserved", "That user name is kept for whoever runs the server. Choose another.")

// reserved reports whether strangers may not take a name, because others would
// take its holder for whoever runs the server. The administrator may have any
// name, so that none of these need be taken.
func reserved(name identity.Username) bool {
	return slices.Contains([]identity.Username{
		"admin", "administrator", "guest", "latchkey", "root", "security", "support", "system",
	}, name)
}
