// Package remote is a client of a server that speaks the API of AList:
// Latchkey itself, AList or OpenList. The window and the command line reach
// every server through it, over TCP or, for the server in their own process,
// through a handler.
//
// A [Client] knows an address and asks what anybody may ask; an [Account] also
// holds a token, so nothing that needs one can be asked without. It keeps no
// password and writes nothing down: package servers does the remembering.
//
// # What it does not trust
//
// A server may be broken, hostile, or something else altogether. Its answers
// are bounded in size and time, never unpacked, and redirects are not
// followed. What it says is made safe to show: one line, without control or
// bidirectional characters. HTTP 200 proves nothing, as AList answers so to
// everything and shows its web page at addresses that it does not know. A
// token that was ignored on the way must not look like being signed in, so an
// Account first asks who it is and refuses to be the guest.
//
// TLS is verified by the system's roots, or by one certificate that the person
// has accepted. Plain HTTP goes to private addresses only, which is checked
// when the connection is made, after the name has been looked up.
//
// # Errors
//
// Every error is an identity.Error. Its code says what happened, in words that
// do not depend on the server: what servers say, and by which number, is
// translated in one table. If a server refused, its own words are in the
// [RefusalError] that caused the error.
package remote
