// Package transfer brings files from this computer to a server and back. It
// owns what a file may be called here, the rule that one appears whole or not
// at all, and the queue of what is on its way. The window and the commands of a
// person call it; it reaches a server through package remote.
//
// A name that a server tells is foreign: it becomes a path here through
// LocalName only, which leaves one name that every system can have.
//
// A Queue works through one thing after the other: two at once would share the
// same line, and a person could not tell which comes first. Where a name is
// taken it asks, and nothing is ever replaced unasked.
package transfer
