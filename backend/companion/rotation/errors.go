package rotation

import "latchkey/backend/identity"

// What can be wrong with a rotation, beside what is wrong with a key, a server,
// the agent or the ssh config.
var (
	ErrList = identity.NewError(identity.Conflict, "key_rotation_list",
		"The server's list of keys is not as it should be: the new key is missing, or the old one is still there. Look at the list, and try again.")
	ErrInUse = identity.NewError(identity.Conflict, "key_rotation_in_use",
		"The file of the old key was left where it is, because it is still in use. Rotate it in the other places as well.")
)
