// Package connect signs in to SSH servers with the person's keys, the way a
// program for SFTP would, and says in words what came of it and what to do.
//
// A host key that is not trusted ends the connection before anything of the
// person's is sent. What the other side sends is foreign: it is bounded, shown
// without what a terminal could act on, and its silence ends.
package connect
