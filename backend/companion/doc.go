// Package companion puts together what the desktop does on one data folder,
// without a window: the vault, the list of servers, the workshop for keys, and
// the authenticator. The window and the command line both build on it, so that
// what one can do the other can. It decides nothing itself; the packages below
// it do.
//
// It does not know the server. The one on the data folder is reached as any
// other is, through a transport that is handed in.
package companion
