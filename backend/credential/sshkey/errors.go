package sshkey

import "latchkey/backend/identity"

var (
	errEmpty   = refusal("ssh_key_empty", "Paste the public key: the one line of a file that ends in .pub.")
	errTooLong = refusal("ssh_key_too_long",
		"That is too long for a public key. Paste the one line of a file that ends in .pub.")
	errPrivate = refusal("ssh_key_private",
		"That is a private key, which must stay with you; nothing of it was kept. Paste the public key: the file that ends in .pub.")
	errRFC4716 = refusal("ssh_key_rfc4716",
		"That public key is in another format. Turn it into one line with ssh-keygen -i -f FILE (with -m PKCS8 if it begins with five hyphens), and paste that.")
	errSeveral = refusal("ssh_key_several",
		"That is more than one line. Add one key at a time, on one line.")
	errCharacters = refusal("ssh_key_characters",
		"The line has characters in it that do not show. Copy it again from the .pub file, or leave out its comment.")
	errOptions = refusal("ssh_key_options",
		"What stands before the key cannot be read as options. Paste the key from its type on, such as ssh-ed25519.")
	errCertificate = refusal("ssh_key_certificate",
		"That is a certificate. Paste the plain public key: the .pub file without -cert in its name.")
	errDSA      = refusal("ssh_key_dsa", "DSA keys are too weak. Make a new key with ssh-keygen -t ed25519.")
	errRSAShort = refusal("ssh_key_rsa_short",
		"RSA keys under 2,048 bits are too weak. Make a new key with ssh-keygen -t ed25519.")
	errRSALong = refusal("ssh_key_rsa_long",
		"RSA keys over 8,192 bits are not accepted. Make a new key with ssh-keygen -t ed25519.")
	errMismatch = refusal("ssh_key_mismatch",
		"The type at the beginning of the line is not that of the key. Copy the line again from the .pub file.")
	errKind    = refusal("ssh_key_kind", "That kind of key is not accepted. Make a new key with ssh-keygen -t ed25519.")
	errGarbage = refusal("ssh_key_invalid",
		"That is not a public key. It is one line that begins with a type such as ssh-ed25519; copy it again, whole.")
)

func refusal(code, message string) *identity.Error {
	return identity.InvalidField("key", code, message)
}
