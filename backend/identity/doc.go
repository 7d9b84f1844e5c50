// Package identity is the vocabulary of Latchkey: who can sign in, how they
// prove it, what they may do, and how a refusal is told. Every other package
// speaks in these types.
//
// It holds types, their parsers and pure rules over them. It does no I/O and
// knows no HTTP, SQL or JSON; it imports the standard library only.
package identity
