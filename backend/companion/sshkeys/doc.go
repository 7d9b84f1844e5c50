// Package sshkeys makes SSH key pairs on this computer and reads the ones that
// are there. It owns the form in which their files are written and told about.
// The window and the command line call it; uploading a public half is the part
// of package remote.
//
// A new private half is for its owner alone from the first byte, both halves
// or neither get their names, and nothing that is there is ever written over.
// Both are read back from the disk, and sign and verify something, before they
// are reported.
//
// A file in another format, or with another passphrase, is written from what
// was opened and compared with it before it counts, and the old one stays until
// then.
//
// What the files tell without a passphrase is read without one: a list opens
// no encrypted private half. Files are foreign input here: their
// size, and the work that they ask for, are bounded.
package sshkeys
