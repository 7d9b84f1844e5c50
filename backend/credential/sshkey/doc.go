// Package sshkey reads public keys as people upload them. It says what kind of
// key a text holds, and refuses what must not become a way in, each thing with
// its own reason.
//
// The account service calls it. It checks no signatures, which is the SFTP
// server's part, and keeps nothing.
package sshkey
