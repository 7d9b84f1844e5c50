package intake

import "latchkey/backend/identity"

// The refusals. What can be wrong with a picture, a text or a backup is said by
// the packages that read them.
var (
	ErrFull = identity.NewError(identity.Invalid, "intake_full",
		"That is more than can be looked at together. Add what was found so far, and hand in the rest afterwards.")
	ErrGone = identity.NewError(identity.NotFound, "intake_gone",
		"That is not there any more. Hand it in again.")
	ErrCleared = identity.NewError(identity.Conflict, "intake_cleared",
		"That was let go before it was read. Hand it in again.")
	ErrChanged = identity.NewError(identity.Conflict, "intake_changed",
		"Your codes have changed since these were looked at. Look at the list once more.")
	ErrNothing = identity.NewError(identity.Invalid, "intake_nothing_chosen",
		"Nothing was chosen. Tick what you want to add.")
)
