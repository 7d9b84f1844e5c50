package sshkeys

import "latchkey/backend/identity"

// What can be wrong with making a key. Errors of the disk come from it as they
// are, such as disk_full.
var (
	ErrKind = identity.InvalidField("kind", "ssh_key_kind_unknown",
		"That is not a kind of key. Choose ed25519, ecdsa-256, ecdsa-384, ecdsa-521, rsa-3072, rsa-4096 or ed25519-sk.")
	ErrName = identity.InvalidField("name", "ssh_key_name_invalid",
		"That cannot be the name of a key file. Use up to 100 letters, digits and . _ - @ + and begin with a letter or digit, without .pub at the end.")
	ErrComment = identity.InvalidField("comment", "ssh_key_comment_invalid",
		"The comment has characters that do not show, or more than 200. Use something like ann@laptop.")
	ErrPassphraseShort = identity.InvalidField("passphrase", "ssh_passphrase_short",
		"The passphrase is too short for ssh-keygen, which wants at least 5 characters. Use a longer one, or none.")
	ErrPassphraseCharacters = identity.InvalidField("passphrase", "ssh_passphrase_characters",
		"The passphrase has a character that cannot be typed, such as a line end, or more than 1,000 bytes. Use another one.")
	ErrExists = &identity.Error{Kind: identity.Conflict, Code: "ssh_key_exists", Field: "name",
		Message: "A key file of that name is there already, and was left as it is. Choose another name."}
	ErrStopped = identity.NewError(identity.Unavailable, "ssh_key_stopped",
		"The key was not finished, and no file was written.")
	ErrReadBack = identity.NewError(identity.Unavailable, "ssh_key_unreadable_after_write",
		"The key files did not read back as they were written, so they were removed. Check the disk, and try again.")
)

// What can be wrong with making a key in a security token.
var (
	ErrNoKeygen = identity.NewError(identity.NotFound, "ssh_keygen_missing",
		"A key in a security token is made by ssh-keygen, which is not on this computer. Install the OpenSSH client.")
	ErrToken = identity.NewError(identity.Unavailable, "ssh_key_token_failed",
		"The security token made no key. Check that it is plugged in and has FIDO2, touch it when it blinks, and try again.")
	ErrTokenPIN = identity.NewError(identity.Unauthenticated, "ssh_key_token_pin",
		"The security token did not accept the PIN, and made no key. Try again with the right one; after a few wrong ones a token locks itself.")
	ErrTokenWaited = identity.NewError(identity.Unavailable, "ssh_key_token_waited",
		"Nobody touched the security token or entered its PIN in time, so no key was made. Try again.")
)

// What can be wrong with a key that is there.
var (
	ErrNotAKey = identity.NewError(identity.Invalid, "ssh_key_not_a_key",
		"That file is not an SSH key. Choose one that ssh-keygen or Latchkey has made.")
	ErrNoFile = identity.NewError(identity.NotFound, "ssh_key_no_file",
		"There is no key file of that name. Check the path.")
	ErrNoPrivate = identity.NewError(identity.NotFound, "ssh_key_no_private",
		"There is no such private key file. Check the name.")
	ErrFormat = identity.NewError(identity.Invalid, "ssh_key_format",
		"That is a private key in a format that is not read here. Convert it to OpenSSH's format with the program that made it.")
	ErrUnsupported = identity.NewError(identity.Invalid, "ssh_key_unsupported",
		"That kind of key cannot be used here: DSA is too weak, and a key in a security token stays in it. Make an Ed25519 key.")
	ErrMismatch = identity.NewError(identity.Conflict, "ssh_key_halves_differ",
		"The .pub file is not the public half of the private key beside it. Make it anew with ssh-keygen -y.")
	ErrPassphraseNeeded = identity.NewError(identity.Unauthenticated, "ssh_passphrase_needed",
		"That key has a passphrase. Enter it.")
	ErrPassphraseWrong = identity.NewError(identity.Unauthenticated, "ssh_passphrase_wrong",
		"That is not the passphrase of this key. Try again.")
	ErrCostly = identity.NewError(identity.Invalid, "ssh_key_costly",
		"Opening that key would take minutes, because its passphrase is stretched that much. Lower that with the program that made it, such as ssh-keygen -p -a 100.")
	ErrAltered = identity.NewError(identity.Invalid, "ssh_key_altered",
		"That key file has been altered or damaged since it was written: its check sum is wrong. Use a copy of it, or make a new key.")
	ErrFolderLarge = identity.NewError(identity.Invalid, "ssh_folder_large",
		"That folder holds more than 10,000 files. Choose the folder that has the keys in it.")
)

// What can be wrong with writing a key in another format.
var (
	ErrFormatUnknown = identity.InvalidField("format", "ssh_key_format_unknown",
		"That is not a format of keys. Choose openssh, pkcs8, ppk or rfc4716.")
	ErrFormatPublic = identity.InvalidField("format", "ssh_key_format_public",
		"That format is one of public keys. For a private key choose openssh, pkcs8 or ppk.")
	ErrNoPublic = identity.NewError(identity.NotFound, "ssh_key_no_public",
		"The public half of that key is not to be had without its passphrase. Give the .pub file.")
	ErrNotReplaced = identity.NewError(identity.Unavailable, "ssh_key_not_replaced",
		"The new file did not read back as it was written, so the old one was left as it is. Check the disk, and try again.")
)
