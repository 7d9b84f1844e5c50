// Package disk writes Latchkey's own files: whole or not at all, with the right
// mode from the first byte, and on the disk before it says so.
//
// The server's keys and certificate, the vault and SSH keys are written with it. It knows nothing of what is
// in them, and locks nothing: who writes one file from two places sees to that.
package disk
