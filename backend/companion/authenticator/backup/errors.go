package backup

import "latchkey/backend/identity"

// What is wrong with a file.
var (
	ErrUnknown = identity.NewError(identity.Invalid, "backup_unknown",
		"That is not a backup that Latchkey knows. It reads those of Aegis, 2FAS, Ente, Bitwarden, Raivo, andOTP, FreeOTP+ and KeePassXC, and lists of otpauth:// lines.")
	ErrLarge = identity.NewError(identity.Invalid, "backup_large",
		"That file is larger than 10 MB, which no backup of codes is. Choose another one.")
	ErrEmpty = identity.NewError(identity.Invalid, "backup_empty", "There is nothing in that file. Choose another one.")
	ErrNone  = identity.NewError(identity.Invalid, "backup_no_codes",
		"That is a backup, but there are no codes in it. Choose another one.")
	ErrDamaged = identity.NewError(identity.Invalid, "backup_damaged",
		"That backup is damaged or cut short. Make it again in the app that it comes from.")
	ErrNewer = identity.NewError(identity.Invalid, "backup_newer",
		"That backup is of a newer form than Latchkey reads. Export it as a list of otpauth:// lines, or look for a newer Latchkey.")
	ErrPicture = identity.NewError(identity.Invalid, "backup_picture",
		"That is a picture, not a backup. If it shows QR codes, scan it instead.")
	ErrArchive = identity.NewError(identity.Invalid, "backup_archive",
		"That is an archive. Unpack it first, with its password if it has one, and choose the file in it.")
	ErrPGP = identity.NewError(identity.Invalid, "backup_pgp",
		"That backup is encrypted with OpenPGP. Decrypt it first, or export it with a password instead.")
	ErrOtherEncryption = identity.NewError(identity.Invalid, "backup_encrypted_otherwise",
		"That export is encrypted in a way that Latchkey does not read. Export it without encryption, and delete the file afterwards.")
)

// What is wrong with its password.
var (
	ErrPasswordNeeded = identity.NewError(identity.Unauthenticated, "backup_password_needed",
		"That backup is encrypted. Enter the password that it was made with.")
	ErrPasswordWrong = identity.NewError(identity.Unauthenticated, "backup_password_wrong",
		"That is not the password of this backup, or the backup is damaged. Try again.")
	ErrNoPasswordSlot = identity.NewError(identity.Invalid, "backup_no_password",
		"That backup opens on the phone alone. Export it there once more, with a password.")
	ErrCostly = identity.NewError(identity.Invalid, "backup_costly",
		"Opening that file would take more memory or time than any backup needs, so it was not tried. It may be made to stop this computer.")
	ErrPasswordMissing = identity.InvalidField("password", "backup_password_missing", "Choose a password for the file.")
)
