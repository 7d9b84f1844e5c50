//go:build unix && !darwin

package screen

import "context"

// asks reports whether the desktop asks the person. An X server beside Wayland
// shows the windows of old programs alone, so it is not looked at.
func (d Display) asks() bool { return d.Wayland }

func (d Display) take(ctx context.Context) ([]Picture, error) {
	switch {
	case d.Wayland:
		return takePortal(ctx)
	case d.X11 != "":
		return takeX11(ctx, d.X11)
	}
	return nil, ErrNoDisplay
}
