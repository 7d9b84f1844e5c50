// Package camera shows what a camera sees, so that a QR code can be held before
// it. The window and the command line call it; what is in a picture is for
// package qr to find.
//
// Latchkey speaks to cameras itself on Linux only, by V4L2, because the window
// cannot there. Elsewhere the page asks its browser engine, and Open answers
// ErrElsewhere. Cameras that the kernel does not offer as V4L2 devices, such as
// those behind Intel's IPU6, are not found.
//
// A camera watches people: one is open at a time, and it is let go of at once
// when nobody looks any more.
package camera

import (
	"context"
	"strconv"
	"strings"

	"latchkey/backend/identity"
)

// An ID names a camera of this computer, such as "video0". It stays the same
// until the camera is taken out.
type ID string

// ParseID reads an ID. Errors: ErrUnknown.
func ParseID(text string) (ID, error) {
	number, ok := strings.CutPrefix(text, "video")
	n, err := strconv.ParseUint(number, 10, 16)
	if !ok || err != nil || strconv.FormatUint(n, 10) != number {
		return "", ErrUnknown
	}
	return ID(text), nil
}

// A Camera is one that can be opened.
type Camera struct {
	ID   ID
	Name string // what its maker calls it
}

// What can go wrong.
var (
	ErrElsewhere = identity.NewError(identity.Unavailable, "camera_elsewhere",
		"On this system only the window can use the camera. Open it, or read the QR code from a picture file or the screen.")
	ErrNone = identity.NewError(identity.NotFound, "camera_none",
		"No camera was found. Plug one in, or read the QR code from a picture file or the screen.")
	ErrUnknown = identity.NewError(identity.NotFound, "camera_unknown",
		"There is no such camera any more. Choose another one.")
	ErrNotAllowed = identity.NewError(identity.PermissionDenied, "camera_not_allowed",
		"Latchkey may not use the camera. Have your user added to the group video (sudo usermod -aG video USER), then log in to the computer again.")
	ErrBusy = identity.NewError(identity.Unavailable, "camera_busy",
		"Another program is using the camera. Close that program, then try again.")
	ErrGone = identity.NewError(identity.Unavailable, "camera_gone",
		"The camera was unplugged. Plug it in again, or choose another one.")
	ErrUnsuitable = identity.NewError(identity.Unavailable, "camera_unsuitable",
		"This camera sends pictures in a way that Latchkey does not read. Use another one, or take a picture file.")
	ErrFailed = identity.NewError(identity.Unavailable, "camera_failed",
		"The camera does not work. Unplug it and plug it in again, or use another one.")
	ErrClosed = identity.NewError(identity.Unavailable, "camera_closed",
		"The camera is off. Start it again.")
)

// Devices is what the system knows of cameras. System returns the real one.
type Devices interface {
	// List returns the cameras, best known first. An empty list is no error.
	List() ([]Camera, error)
	// Open turns a camera on.
	Open(ID) (Source, error)
}

// A Source is a camera that is on.
type Source interface {
	// Format is how its frames are packed, the same for all of them.
	Format() Format
	// Frame waits for the next frame and copies it out. It ends soon after the
	// context does.
	Frame(context.Context) ([]byte, error)
	// Close turns it off.
	Close() error
}
