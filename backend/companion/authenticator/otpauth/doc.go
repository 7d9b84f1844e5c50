// Package otpauth is what authenticators agree on: the key that codes are made
// from (RFC 4226, RFC 6238, Steam Guard), and the texts in which keys travel,
// which a QR code shows or a person pastes: otpauth:// and Google's
// otpauth-migration://. The authenticator and its backups build on it. It keeps
// nothing, and knows no file format.
//
// Texts come from strangers, so they are bounded and read leniently where apps
// differ in how they write the same thing, and not at all where they could be
// meant in two ways. What is no key is named for what it is.
package otpauth
