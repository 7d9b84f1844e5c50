//go:build !windows

package app

// BorrowTerminal does nothing: here every program has the terminal that it was
// started from.
func BorrowTerminal() {}
