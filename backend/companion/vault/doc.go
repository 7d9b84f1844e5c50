// Package vault keeps the desktop's secrets: tokens, codes, passphrases. It
// owns one file, vault.db in the data folder, and what is in the keyring for
// it. The window and the command line call it, both at once if they like. It
// does not know what the records are that it keeps.
//
// # What opens it
//
// Everything in the file is sealed with one random master key. The file holds
// that key twice, wrapped for the two ways in:
//
//	the protection   a key in the operating system's keyring,
//	                 or one made from a passphrase (Argon2id, RFC 9106)
//	recovery         a printed key of 128 random bits
//
// Which protection was chosen stands in the file and changes only when Move is
// called. If the keyring is gone, is locked, hangs, or has another key, the
// vault stays locked and says which; there is no other protection that it
// falls back to, and it never makes a new file where one is.
//
// A change of protection, passphrase or recovery key changes the master key
// too, so that what opened the vault before opens no later version of it. The
// keys that wrap it lie sealed in the file for that, beside the records.
//
// # The file
//
// In order, with big-endian numbers:
//
//	magic      16 bytes
//	version    2 bytes
//	header     2 bytes of length; the vault's id, the revision, which grows by
//	           one each time the file is written, and the two wrapped keys
//	body       XChaCha20-Poly1305: a nonce of 24 bytes, then the records, with
//	           all that stands before as associated data
//	checksum   SHA-256 of all that stands before
//
// The checksum, which every later version keeps at the end, tells a damaged
// file from a wrong passphrase before anybody types one. It keeps out no
// attacker: the seals do, and a header from one version does not open with the
// body of another. A whole older file is noticed while the vault is open, not
// after a restart: nothing outside the file remembers it.
//
// A new version is written beside the file, synced, and renamed over it, so
// that a crash at any moment leaves one whole version. The one before stays as
// vault.db.previous. Writers take turns by a lock on vault.db.lock.
//
// # Memory
//
// While the vault is open the records lie in memory in the clear. Lock
// overwrites them and the keys, which is as much as Go allows: copies that
// callers hold, and texts that a person has typed, wait for the garbage
// collector.
package vault
