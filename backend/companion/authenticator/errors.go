package authenticator

import "latchkey/backend/identity"

// What can be wrong with an entry. Errors of the vault come as they are.
var (
	ErrUnknown = identity.NewError(identity.NotFound, "otp_unknown",
		"There is no such code. It may have been deleted.")
	ErrFull = identity.NewError(identity.Conflict, "otp_full",
		"There is room for 5,000 codes, those in the trash included. Delete some for good first.")
	ErrNotTrashed = identity.NewError(identity.Conflict, "otp_not_in_trash",
		"Only what is in the trash can be deleted for good. Delete it first.")
	ErrCounterEnd = identity.NewError(identity.Conflict, "otp_counter_end",
		"The counter of that code has come to its end. Ask the service for a new one.")
	ErrNoUndo = identity.NewError(identity.NotFound, "otp_nothing_to_undo",
		"There is nothing to take back: no codes were added, or they were taken back already.")
	ErrDamaged = identity.NewError(identity.Unavailable, "otp_record_damaged",
		"A code in the vault cannot be read. Go back to the vault's previous version, or restore it from a backup.")
	ErrNewer = identity.NewError(identity.Unavailable, "otp_record_newer",
		"A code in the vault was written by a newer Latchkey. Update this one; the code was left as it is.")
)

// The refusals of filling in a sign-in.
var (
	ErrNotLinked = identity.NewError(identity.NotFound, "otp_not_linked",
		"No code is linked to that account. Link one, or type the code.")
	// ErrSpent comes with RetryAfter: when the next code begins.
	ErrSpent = identity.NewError(identity.Unavailable, "otp_spent",
		"The code of this moment was used already, and a server takes none twice. Wait for the next one.")
)
