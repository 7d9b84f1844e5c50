package cli

import (
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

// scanScreen reads the codes that the monitors show now. That there are none is
// told with the reading.
func scanScreen(ctx context.Context, in *intake.Intake) error {
	x11, wayland := config.Screen()
	monitors, err := screen.Take(ctx, screen.Display{X11: x11, Wayland: wayland})
	if err != nil {
		return err
	}
	if err := in.Screen(ctx, monitors); errors.Is(err, intake.ErrFull) {
		return err
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
