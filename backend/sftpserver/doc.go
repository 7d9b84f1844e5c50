// Package sftpserver lets people reach their files over SFTP: an SSH listener
// with its host keys, sign-in, and SFTP version 3 (draft-ietf-secsh-filexfer-02)
// over package files. Package server runs it.
//
// # The way of a connection
//
//	accept       slots: how many at once, in all and per address; a newcomer
//	             takes the place of the one that has been signing in longest
//	handshake    a time limit, algorithms from a list of our own; where the
//	             processor has AES, AES-GCM alone to clients that offer it
//	sign-in      by public key, password, or prompts: package login decides
//	channels     sessions with the subsystem sftp, nothing else: a few on a
//	             connection, and a few connections of one account, because
//	             each takes some MiB
//	requests     read one by one into a buffer, answered in order
//	operations   the person's rights as they are now, then files.Tree
//	answers      gathered, and sent together
//
// Who somebody is comes only from the Permissions of the key that signed, or
// of the method that succeeded; offering a key proves nothing. A second factor
// is asked for on every way that a password opens.
//
// A person's rights are read again whenever the store has changed, for each
// operation and ten times a second for connections that do nothing. When the
// account, its password, the key or the right to use SFTP is gone, the
// connection is closed, transfers included. What cannot be confirmed counts as
// gone. A connection is listed among the devices while it is open, in the
// store, where every process on the data folder sees it and can end it.
//
// A key can have rules (identity.KeyRules), which are read again with the rest.
// When it expires, or is taken from there no more, or its folder changes, its
// connections are closed; with one that only reads, nothing is allowed that
// could change something; the folder of a key is the top of what is shown, and
// is not made where it is missing.
//
// Where folders are behind passwords, or the key has a folder, what is open is
// refused when it has been moved, removed or replaced, and a session ends when the
// folder at its top was moved; the next one begins with what is there then. An
// upload on its way only needs its folder where it was.
//
// # Files
//
// An upload that begins with an empty file appears when the client closes it.
// If the connection is lost before, an earlier file stays; where there was
// none, what has arrived gets the name, because `reput` and its like resume
// from what is there. The same goes for an upload of which a write has failed,
// whose close is answered with the failure; no later write counts, and content
// with a hole in it is dropped. The connection that uploads sees its own file
// under the name meanwhile. Opening a file without truncating it changes it in
// place.
//
// Links are neither made nor read, and owners do not change. The limits of
// names and modes are those of package files.
//
// # Packets
//
// The packets are read and answered here, not by a library, because that is
// where the time goes. A session is one goroutine, which answers a request
// before it looks at the next, and one more while it waits for a time. What is
// read from a file lands in the packet that goes out, and what is written comes
// out of the packet that came in. Packets of more than 4 KiB lie in buffers
// that all sessions share, so one that waits holds little. Answers that belong
// together are one write to the channel, and the packets of SSH that this
// becomes are one write to the socket.
//
// Beside version 3 there are the extensions of OpenSSH that its own client
// uses: limits, posix-rename, statvfs, fsync, lsetstat, copy-data,
// home-directory and users-groups-by-id. OpenSSH's client gets slow when much
// lies in its buffers, so the answers to its long reads keep its pace.
//
// BenchmarkTransfer, BenchmarkFour and BenchmarkSignIn take OpenSSH's own
// server for the measure.
//
// This package checks no password and stores nothing but host keys.
package sftpserver
