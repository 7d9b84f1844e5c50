// Package seal keeps what must not be readable from the database alone. It
// owns the server's master key: 32 random bytes in a file of their own, beside
// the database and not in it.
//
// Services seal second factors and signing keys with it, and hash recovery
// codes under it. It does not know what it seals: a label says what a value is
// and whose, and a value opens under its own label only.
package seal
