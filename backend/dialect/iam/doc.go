// Package iam serves an authentication management API, base path /api/v1/auth,
// on Latchkey's core, at /iam and at the root: sign-in with renewable tokens,
// users, roles, permissions by name, and API keys with statistics. Its README
// lists every operation, how permissions map onto AList's, and what is our own.
//
// It only translates: wire structs, Bearer credentials, the envelope whose
// code is HTTP's status, the document's Chinese words for each success, and
// its names for the built-in roles. Every rule is the core's.
package iam
