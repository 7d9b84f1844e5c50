// Package app is the window. It holds what every screen shares in a desk: the
// companion, the server that runs in this program, the person's preferences;
// and it hands the page one small struct per screen, whose methods the page
// calls through Wails. Each method is one call of the companion or the own
// server; there are no rules here that the command line does not keep too.
//
// It is the only package that knows Wails, and only in files with the build
// tags that Wails sets; everything else is tested without a screen. What it
// needs of the desktop stands in the interface desktop.
//
// # What the page gets
//
// The page holds no secret and reaches no network. A method returns plain data
// or an error, which arrives as a Problem with a stable code. A panic and a
// call that takes too long are errors too, because Wails would leave the page
// waiting for ever.
package app
