// Package screen takes pictures of what is on the screen, so that a QR code
// that another program shows can be read. The window and the command line call
// it; what is in a picture is for package qr to find.
//
// How it is done is the system's:
//
//	X11      the X server hands out what it shows, by monitor
//	Wayland  nobody may look, so the desktop is asked through its portal; it
//	         asks the person each time, and gives one picture of all monitors
//	Windows  by monitor
//	macOS    the system's own program screencapture, by monitor; the person
//	         allows it in the settings once
//
// A picture may show anything, so it is never kept: where the system writes it
// to a file, the file is gone when Take returns.
package screen

import (
	"context"
	"image"
	"time"

	"latchkey/backend/identity"
)

// A Picture is what one monitor shows.
type Picture struct {
	image.Image
	// Monitor is what the system calls it, such as "HDMI-1"; empty if the
	// picture is of all monitors together.
	Monitor string
}

// A Display says where the programs of this session find the screen. Windows
// and macOS need none of it.
type Display struct {
	X11     string // the X server, as in DISPLAY; empty if there is none
	Wayland bool   // there is a Wayland compositor
}

// What can go wrong.
var (
	ErrNoDisplay = identity.NewError(identity.Unavailable, "screen_no_display",
		"There is no screen here to take a picture of. Read the QR code from a picture file, or with the camera.")
	ErrNoPortal = identity.NewError(identity.Unavailable, "screen_no_portal",
		"This desktop has no service that takes pictures of the screen for programs (xdg-desktop-portal). "+
			"Take a screenshot with the desktop's own program, and open that file.")
	ErrRefused = identity.NewError(identity.PermissionDenied, "screen_refused",
		"The picture of the screen was not allowed. Try again and allow it, or open a picture file instead.")
	ErrSlow = identity.NewError(identity.Unavailable, "screen_slow",
		"No picture of the screen came in time. Try again, or open a picture file instead.")
	ErrFailed = identity.NewError(identity.Unavailable, "screen_failed",
		"No picture of the screen could be taken. Take a screenshot with another program, and open that file.")
)

// Limits on one call of Take.
const (
	machinePatience = 15 * time.Second // where nobody is asked
	personPatience  = 2 * time.Minute  // where the desktop asks the person
	mostPixels      = 100_000_000      // of one picture
	mostBytes       = 64 << 20         // of a picture's file
	mostMonitors    = 16
)

// Take returns a picture of each monitor, at least one. It gives up within two
// minutes. Its errors are those above and the context's.
func Take(ctx context.Context, d Display) ([]Picture, error) {
	patience := machinePatience
	if d.asks() {
		patience = personPatience
	}
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	pictures, err := d.take(limited)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case limited.Err() != nil && err != nil:
		return nil, ErrSlow.Because(err)
	case err != nil:
		return nil, explain(err)
	case len(pictures) == 0:
		return nil, ErrNoDisplay
	}
	return pictures, nil
}

// explain makes a refusal of an error that is none.
func explain(err error) error {
	if identity.KindOf(err) == identity.Internal {
		return ErrFailed.Because(err)
	}
	return err
}
