package vault

import (
	"time"

	"latchkey/backend/identity"
)

// The states of the file that keep it from being used.
var (
	ErrNew = identity.NewError(identity.NotFound, "vault_new",
		"There is no vault yet. Choose first what protects it: the system's keyring or a passphrase.")
	ErrExists = identity.NewError(identity.Conflict, "vault_exists",
		"There is a vault already. Unlock it, or set it aside before you make another one.")
	ErrLocked = identity.NewError(identity.Unauthenticated, "vault_locked",
		"The vault is locked. Unlock it and try again.")
	ErrChanged = identity.NewError(identity.Unauthenticated, "vault_changed",
		"What opens the vault was changed by another program of yours. Unlock it again.")
	ErrRolledBack = identity.NewError(identity.Unauthenticated, "vault_rolled_back",
		"The vault file was replaced by an older one while it was open. If you did that, unlock it again; otherwise find out who did.")
	ErrDamaged = identity.NewError(identity.Unavailable, "vault_damaged",
		"The vault file is damaged and was left as it is. Go back to its previous version, or restore it from a backup.")
	ErrMissing = identity.NewError(identity.Unavailable, "vault_missing",
		"The vault file is gone, but its previous version is there. Go back to that, or restore the file from a backup.")
	ErrNewer = identity.NewError(identity.Unavailable, "vault_newer",
		"The vault was written by a newer Latchkey. Update this one; the vault was left as it is.")
	ErrWhole = identity.NewError(identity.Conflict, "vault_whole",
		"The vault file is in order, so its previous version was not put in its place.")
	ErrNoPrevious = identity.NewError(identity.NotFound, "vault_no_previous",
		"There is no whole previous version of the vault. Restore the file from a backup, or set it aside and begin anew.")
	ErrBusy = &identity.Error{
		Kind: identity.Unavailable, Code: "vault_busy", RetryAfter: time.Second,
		Message: "The vault is in use by another program or task. Try again in a moment.",
	}
)

// What is wrong with a key.
var (
	ErrPassphraseWrong = identity.NewError(identity.Unauthenticated, "vault_passphrase_wrong",
		"That is not the passphrase of this vault. Try again, or use the recovery key.")
	ErrPassphraseEmpty = identity.InvalidField("passphrase", "vault_passphrase_empty", "Enter the passphrase.")
	ErrPassphraseShort = identity.InvalidField("passphrase", "vault_passphrase_short",
		"The passphrase needs at least 8 characters. A few words that have nothing to do with each other are good.")
	ErrPassphraseLong       = identity.InvalidField("passphrase", "vault_passphrase_long", "The passphrase has at most 1,024 bytes.")
	ErrPassphraseCharacters = identity.InvalidField("passphrase", "vault_passphrase_characters",
		"The passphrase has a character in it that cannot be typed, such as a line end. Leave it out.")
	ErrRecoveryMistyped = identity.InvalidField("recovery", "vault_recovery_mistyped",
		"The recovery key is mistyped: compare it with the print, all 8 groups of 4 letters and digits.")
	ErrRecoveryWrong = identity.NewError(identity.Unauthenticated, "vault_recovery_wrong",
		"That is a recovery key, but not that of this vault. Look for a later print, or for that of this computer.")
	ErrOtherProtection = identity.NewError(identity.Conflict, "vault_other_protection",
		"The vault is not protected in that way. Look at its status, and unlock it in the way that it names or with the recovery key.")
	ErrSameProtection = identity.NewError(identity.Conflict, "vault_same_protection",
		"A passphrase protects the vault already. Change it instead.")
	ErrNoProtection = identity.NewError(identity.Invalid, "vault_no_protection",
		"A vault is protected by the system's keyring or a passphrase. Choose one of them.")
)

// What is wrong with the keyring.
var (
	ErrKeyringAbsent = identity.NewError(identity.Unavailable, "vault_keyring_absent",
		"This system offers no keyring at the moment. Use a passphrase; if the vault is in the keyring already, sign in to the desktop or use the recovery key.")
	ErrKeyringMissing = identity.NewError(identity.Unavailable, "vault_keyring_missing",
		"The keyring has no key for this vault any more. Unlock the vault with the recovery key, then choose its protection anew.")
	ErrKeyringLocked = identity.NewError(identity.Unavailable, "vault_keyring_locked",
		"The system's keyring is locked. Unlock it and try again, or use the recovery key.")
	ErrKeyringSilent = identity.NewError(identity.Unavailable, "vault_keyring_silent",
		"The system's keyring does not answer. Look for a window of it that waits for you and try again, or use the recovery key.")
	ErrKeyringFailing = identity.NewError(identity.Unavailable, "vault_keyring_failing",
		"The system's keyring failed. Try again, or use the recovery key.")
	ErrKeyMismatch = identity.NewError(identity.Unavailable, "vault_key_mismatch",
		"The key in the keyring is not that of this vault. Unlock the vault with the recovery key, then choose its protection anew.")
)

// What is wrong with a record.
var (
	ErrNoRecord = identity.NewError(identity.NotFound, "vault_no_record", "The vault has no such record.")
	ErrName     = identity.NewError(identity.Invalid, "vault_name_invalid", "A record's name has 1 to 512 bytes, and a bucket's 1 to 64.")
	ErrTooLarge = identity.NewError(identity.Invalid, "vault_record_too_large", "That is too large for the vault: a record has at most 1 MiB.")
	ErrFull     = identity.NewError(identity.Conflict, "vault_full", "The vault is full: it holds 64 MiB. Remove something first.")
)
