// Package intake holds what a person has handed in to get two-factor codes from
// it, until it is kept or let go: pictures, backups, texts, and what was typed.
// It says what was understood of all that together, where each thing came from,
// what was not understood and why, which parts of an export are missing, and
// which backups wait for a password. The window and the command line call it.
//
// What a picture, a text or a backup is, the packages below know: qr, otpauth
// and backup. What is in the book already, and keeping what was chosen, is for
// authenticator. Nothing is stored here, and no file is opened.
//
// # Bounds
//
// A thousand things are held at a time, of 128 MiB together, with 5,000 codes in
// them. Pictures and backups are read one after the other, because one alone may
// take a good part of a computer's memory. Where the room gets scarce, pictures
// without a code are let go first: what was said of them stays, but they cannot
// be shown or cut any more.
package intake
