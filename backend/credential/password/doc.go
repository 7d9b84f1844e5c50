// Package password owns what Latchkey knows about passwords: the form in which
// they travel inside the program, the form in which they are stored, and what
// a new one must be.
//
// A password becomes a Digest at the door and is forgotten; AList's clients
// send the Digest themselves. What is stored is Argon2id over the Digest, so
// that both kinds of client check one verifier. A Hasher does that work a few
// at a time, because each hash takes a core and tens of megabytes.
//
// The sign-in pipeline and the account service call it. It does not count
// failures, does not know users and keeps nothing.
package password
