package rotation

import "latchkey/backend/identity"

// What can be wrong with a rotation, beside what is wrong with a key, a server,
// the agent or the ssh config.
var (
	ErrInUse = identity.NewError(identity.Conflict, "key_rotation_in_use",
		"The file of the old key was left where it is, because it is still in use. Rotate it elsewhere too.")
)
