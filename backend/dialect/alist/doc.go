// Package alist serves the HTTP API of AList v3 (device sessions and SFTP keys
// included, as of v3.62) on Latchkey's core, at /alist and at the root. Its
// README lists every operation, what is kept for clients that exist, and what
// is our own.
//
// It only translates: wire structs, how the token travels, the envelope that
// is always HTTP 200 with the result in code, and AList's words for each
// refusal. Every rule is the core's.
package alist
