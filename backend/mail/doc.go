// Package mail sends one mail at a time through the SMTP server that the
// person named in their settings. It also holds the words of the mails that
// Latchkey sends; services hand it what goes into them.
//
// It asks for TLS with a certificate that the system vouches for, or for a
// server on this machine: a password goes out no other way. It keeps no queue
// and tries once, within ten seconds, so that whoever caused the mail learns
// what became of it. The reason of a failure is for the log, and holds neither
// the password for the server nor what stands in the mail.
package mail
