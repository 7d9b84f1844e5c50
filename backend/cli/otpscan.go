package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/camera"
	"latchkey/backend/companion/intake"
	"latchkey/backend/identity"
	"latchkey/backend/internal/disk"
)

var (
	errNothingScanned = identity.NewError(identity.NotFound, "otp_nothing_scanned", "No setup of a sign-in code was found.")
	errNoFile         = identity.NewError(identity.NotFound, "file_missing", "There is no such file. Check the name.")
	errFolder         = identity.NewError(identity.Invalid, "file_is_folder", "That is a folder. Name the pictures in it.")
)

func (a *app) otpScan() *cobra.Command {
	var how taking
	var add bool
	var what capture
	c := a.withJSON(&cobra.Command{
		Use:   "scan [FILE...]",
		Short: "Read the QR codes in pictures, on the screen or before the camera",
		Long: "Read the QR codes in pictures: PNG, JPEG, WebP, GIF or BMP, of which - reads one from standard input.\n" +
			"All the parts of an export of Google Authenticator are read at once. What was found is shown without\n" +
			"its secrets. Nothing is stored unless you say --add, which asks first, as import does.\n\n" +
			"With --screen it is what the screen shows now; on Wayland the desktop asks you first. With --camera it\n" +
			"looks through the camera until there is a code, and all parts of an export, or you press Ctrl+C.",
		Args: takes(0, -1),
		RunE: a.onDesk(func(ctx context.Context, d *desk, args []string) error {
			if err := how.check(); err != nil {
				return err
			}
			if !add && how.any() {
				return usagef("Say --add as well: the other flags are about adding.")
			}
			if d.onTerminal() && slices.Contains(args, "-") {
				return usagef("Standard input is the keyboard. Send it a picture, or name a file.")
			}
			if len(args) == 0 && what == (capture{}) {
				return usagef("Name pictures, or say --screen or --camera.")
			}
			r, err := d.scan(ctx, args, what)
			if err != nil {
				return err
			}
			if !add || len(r.Found) == 0 {
				return d.tellScan(r)
			}
			if err := d.needVault(ctx); err != nil {
				return err
			}
			return d.takeIn(ctx, r, how)
		}),
	})
	c.Flags().BoolVar(&what.screen, "screen", false, "read what the screen shows")
	c.Flags().StringVar(&what.camera, "camera", "", "look through the camera, or through the one of that `NUMBER`, from 1")
	c.Flags().Lookup("camera").NoOptDefVal = "1"
	c.Flags().BoolVar(&add, "add", false, "add what was found")
	how.addFlags(c)
	return c
}

// scan reads the codes in pictures, on the screen and before the camera. A
// picture that cannot be read is with what was missed.
func (d *desk) scan(ctx context.Context, files []string, what capture) (intake.Reading, error) {
	in := intake.New()
	var err error
	for _, file := range files {
		if err = d.readPicture(ctx, in, file); ctx.Err() != nil || errors.Is(err, intake.ErrFull) {
			break
		}
		err = nil
	}
	if err == nil && what.screen {
		err = scanScreen(ctx, in)
	}
	if err == nil && what.camera != "" {
		err = d.scanCamera(ctx, in, camera.System(), what.camera)
	}
	if ctx.Err() != nil {
		err = errInterrupted
	}
	return in.Reading(), err
}

// readPicture reads the codes in a file, or in what comes on standard input.
func (d *desk) readPicture(ctx context.Context, in *intake.Intake, name string) error {
	from := intake.Source{Way: intake.File, Name: name}
	_, err := interruptible(ctx, func() (struct{}, error) {
		if name == "-" {
			return struct{}{}, in.Picture(ctx, from, d.in)
		}
		f, err := os.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			err = errNoFile.Because(err)
		}
		if err != nil {
			return struct{}{}, in.Miss(from, disk.Explain(err))
		}
		defer f.Close()
		if info, err := f.Stat(); err == nil && info.IsDir() {
			return struct{}{}, in.Miss(from, errFolder)
		}
		return struct{}{}, in.Picture(ctx, from, f)
	})
	return err
}

// tellScan tells what was found, with nothing stored and no vault opened.
func (d *desk) tellScan(r intake.Reading) error {
	all := make([]intake.Candidate, len(r.Found))
	for i, f := range r.Found {
		all[i].Find = f
	}
	d.sayMissed(r)
	var err error
	switch {
	case d.json:
		err = d.printJSON(toTakenJSON(r, all))
	case len(all) > 0:
		err = printTable(d.out, rowsOf(all))
	}
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return errNothingScanned
	}
	d.say("Nothing was stored. To keep what was found, say --add as well.")
	return nil
}
