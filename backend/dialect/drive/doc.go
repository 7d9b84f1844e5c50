// Package drive serves the HTTP API of a personal cloud drive, version 1 of its
// document: signing in with an access and a refresh token, registration, one's
// profile and password, and tokens for programs. It is mounted at /drive and at
// the root, where it shares three routes with another dialect. Its README lists
// every operation, and what is our own.
//
// It only translates: wire structs, the cookie and when it counts, the envelope
// with codes of five digits, and which HTTP status goes with each. Every rule is
// the core's but for the bounds of a registration's fields.
package drive
