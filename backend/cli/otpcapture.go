package cli

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"

	"latchkey/backend/companion/authenticator/otpauth"
	"latchkey/backend/companion/camera"
	"latchkey/backend/companion/intake"
	"latchkey/backend/companion/qr"
	"latchkey/backend/companion/screen"
	"latchkey/backend/config"
)

// A capture is what codes are read from besides files.
type capture struct {
	screen bool
	camera string // which one, from 1; empty: none
}

// scanScreen reads the codes that the monitors show now. A monitor that shows
// none is not told of beside one that does.
func (d *desk) scanScreen(ctx context.Context, in *intake.Intake) error {
	x11, wayland := config.Screen()
	pictures, err := screen.Take(ctx, screen.Display{X11: x11, Wayland: wayland})
	if err != nil {
		return err
	}
	var missed error
	found := false
	for _, p := range pictures {
		codes, err := qr.Read(ctx, p)
		if err != nil {
			missed = cmp.Or(missed, err)
			continue
		}
		found = true
		from := intake.Source{Way: intake.Screen, Name: "screen"}
		if p.Monitor != "" {
			from.Name += " " + p.Monitor
		}
		if _, err := in.Codes(from, codes); errors.Is(err, intake.ErrFull) {
			return err
		}
	}
	if !found && ctx.Err() == nil {
		_ = in.Miss(intake.Source{Way: intake.Screen, Name: "screen"}, missed) // it is told with the reading
	}
	return ctx.Err()
}

// scanCamera looks through a camera until a code is found, with all parts of
// its export, or the person has had enough.
func (d *desk) scanCamera(ctx context.Context, in *intake.Intake, devices camera.Devices, number string) error {
	lens := camera.NewLens(devices)
	list, err := lens.Cameras()
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > len(list) {
		return usagef("There is no camera %q here, but %s, counted from 1.", number, count(len(list), "camera"))
	}
	if err := lens.Open(list[n-1].ID); err != nil {
		return err
	}
	defer lens.Close()
	d.say("Hold the QR code before the camera (%s). Ctrl+C ends it.", strconv.Quote(list[n-1].Name))
	for {
		img, err := lens.Next(ctx)
		if err != nil {
			return err
		}
		codes, err := qr.Read(ctx, img)
		if err != nil {
			continue // most pictures show none
		}
		fresh, err := in.Codes(intake.Source{Way: intake.Camera, Name: "camera"}, codes)
		if errors.Is(err, intake.ErrFull) {
			return err
		}
		if r := in.Reading(); fresh && complete(r) {
			return nil
		} else if fresh {
			d.sayMissed(r)
		}
	}
}

// complete reports whether there is something in a reading and nothing missing.
func complete(r intake.Reading) bool {
	return len(r.Found) > 0 && !slices.ContainsFunc(r.Batches, func(b otpauth.Batch) bool { return len(b.Missing) > 0 })
}
