// Package authenticator keeps the two-factor codes of a person: it shows them,
// takes in what other authenticators export, and finds the code that a sign-in
// asks for. The window and the command line call it. It keeps its entries in
// the vault and nowhere else; what travels is read and written by the packages
// below it, otpauth (one key, one QR code) and backup (files of other apps).
//
// # What is stored
//
// Each entry is a record of its own in the vault, and each change one update of
// it, so that a crash leaves the entries as they were before or after. The
// counter of a HOTP entry moves on before its code is shown, and the time step
// that was given to a sign-in is noted before the code is handed out: a crash
// can lose a code, but none is given twice. Putting back the previous version
// of the vault puts back the counters too.
//
// # Taking in
//
// Whatever is added comes as a [otpauth.Reading], from a picture, a paste or a
// file. [Book.Preview] says what of it is new, [Book.Add] stores what the person
// has chosen, all or nothing, and [Book.UndoAdd] takes back the whole of the last
// addition. No secret is ever written over: an entry that is replaced goes to
// the trash.
//
// # Time
//
// Codes are made by this computer's clock, or by a [Clock] that the caller hands
// in, who has asked the person.
package authenticator
