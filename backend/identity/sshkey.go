package identity

import "time"

// A Fingerprint is the SHA-256 fingerprint of a public key as OpenSSH prints
// it: "SHA256:" and 43 characters of unpadded base64.
type Fingerprint string

// An SSHKey is a public key that lets its owner sign in over SFTP.
type SSHKey struct {
	ID            SSHKeyID
	User          UserID
	Title         string
	Type          string // such as "ssh-ed25519"
	AuthorizedKey string // "type base64", without options, comment or newline
	Fingerprint   Fingerprint
	AddedAt       time.Time
	LastUsedAt    time.Time // zero: never used
	Rules         KeyRules
}
