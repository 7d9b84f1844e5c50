// Package servers knows the person's servers: where each is, what it was last
// seen to be, whether its certificate was accepted, and how the connection
// stands. The window and the command line ask it for everything that concerns
// a server, and it asks package remote.
//
// A [Book] keeps the list in a [Store], which the window and the command line
// may share, and tokens in a [Vault] only. Passwords it passes on and forgets.
//
// # Trust
//
// A server by https is trusted because the system vouches for its certificate
// or because the person has accepted that one certificate. Nothing secret is
// sent before that, and another certificate later blocks everything until the
// person replaces the accepted one by an explicit call. A token goes only to
// where it came from: moving a server to another address forgets it, unless
// the accepted certificate proves that it is the same server.
//
// # Patience
//
// A kept token that a server refuses is forgotten at once and never sent
// again. Sign-ins are not repeated: one at a time goes to a server, the same
// one asked twice is one, and while AList has locked sign-ins none is sent,
// because each try would make the lock longer. What looks whether a server is
// there waits longer each time that it is not.
package servers
