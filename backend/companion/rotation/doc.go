// Package rotation puts a new SSH key in the place of an old one on a server:
//
//	make -> upload -> test -> entry -> agent -> remove -> aside
//
// The new key is made here, the server is given its public half, it signs in
// with it, the ssh config and the agent get to know it, and only then the old
// one is taken off the server, by somebody whom the new one has let in at that
// moment. The old file is kept under another name.
//
// A rotation can stop after any step, and be gone on with by another process:
// what is done is seen by looking at the files, the server and the agent. Only
// which new key belongs to which old one has to be written down; see Notes.
// Until the step remove the old key opens all that it opened before.
//
// The window and the command line drive it. Who a server is, and whether its
// host key is the right one, is decided before; package hosts keeps that.
package rotation
