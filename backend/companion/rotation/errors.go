package rotation

import "latchkey/backend/identity"

// What can be wrong with a rotation, beside what is wrong with a key, a server,
// the agent or the ssh config.
var (
	ErrSame = identity.NewError(identity.Invalid, "key_rotation_same",
		"The new key and the old one are the same. Choose another one, or have one made.")
	ErrNoNew = identity.NewError(identity.Conflict, "key_rotation_no_new",
		"There is no new key yet. Make it first.")
	ErrNotThere = identity.NewError(identity.Conflict, "key_rotation_not_there",
		"The server does not list the new key, so the old one was left there. Upload the new one again.")
	ErrStillThere = identity.NewError(identity.Unavailable, "key_rotation_still_there",
		"The server still lists the old key after it was told to delete it. Delete it there by hand.")
	ErrInUse = identity.NewError(identity.Conflict, "key_rotation_in_use",
		"The file of the old key was left where it is, because it is still in use. Rotate it in the other places as well.")
	ErrOldFirst = identity.NewError(identity.Conflict, "key_rotation_old_there",
		"The old key still opens the server, so its file was left where it is. Take it off the server first.")
)
