package app

import "latchkey/backend/identity"

// Why there is no window. Whoever asked for one can serve instead.
var (
	ErrNoWindow = identity.NewError(identity.Unavailable, "no_window",
		"This edition of Latchkey has no window. Start the server with:")
	ErrNoDisplay = identity.NewError(identity.Unavailable, "no_display",
		"There is no display to open a window on. Start the server with:")
)
