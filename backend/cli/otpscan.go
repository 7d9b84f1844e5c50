package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/authenticator"
	"latchkey/backend/companion/authenticator/otpauth"
	"latchkey/backend/companion/qr"
	"latchkey/backend/identity"
	"latchkey/backend/internal/disk"
)

var (
	errNothingScanned = identity.NewError(identity.NotFound, "otp_nothing_scanned", "No setup of a sign-in code was found.")
	errNoFile         = identity.NewError(identity.NotFound, "file_missing", "There is no such file. Check the name.")
	errFolder         = identity.NewError(identity.Invalid, "file_is_folder", "That is a folder. Name the pictures in it.")
)

func (a *app) otpScan() *cobra.Command {
	var how intake
	var add bool
	c := a.withJSON(&cobra.Command{
		Use:   "scan FILE...",
		Short: "Read the QR codes in pictures",
		Long: "Read the QR codes in pictures: PNG, JPEG, WebP, GIF or BMP, of which - reads one from standard input.\n" +
			"All the parts of an export of Google Authenticator are read at once. What was found is shown without\n" +
			"its secrets. Nothing is stored unless you say --add, which asks first, as import does.",
		Args: takes(1, -1),
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
			r, places, err := d.scan(ctx, args)
			if err != nil {
				return err
			}
			how.places = places
			if !add || len(r.Found) == 0 {
				return d.tellScan(r, how)
			}
			if err := d.needVault(ctx); err != nil {
				return err
			}
			return d.takeIn(ctx, r, how)
		}),
	})
	c.Flags().BoolVar(&add, "add", false, "add what was found")
	how.addFlags(c)
	return c
}

// A place is where a text comes from: a code in a picture, or just the picture
// where no code was read.
type place struct {
	file        string
	argument    int // which one of the command the file is
	code, of    int // which code of the picture, from 1, and how many it has
	part, parts int // which part of an export it is, from 1; 0 unless that has several
}

func (p place) String() string {
	text := p.file
	if p.of > 1 {
		text += fmt.Sprintf(", code %d", p.code)
	}
	if p.parts > 1 {
		text += fmt.Sprintf(", part %d of %d", p.part, p.parts)
	}
	return text
}

// scan reads the codes in pictures. Each At in the reading is one of the
// places, from 1. A picture that cannot be read is listed with what cannot.
func (d *desk) scan(ctx context.Context, files []string) (otpauth.Reading, []place, error) {
	var texts []string
	var places, blank []place
	var why []*identity.Error
	for n, file := range files {
		codes, err := d.readPicture(ctx, file)
		if ctx.Err() != nil {
			return otpauth.Reading{}, nil, errInterrupted
		}
		if err != nil {
			blank, why = append(blank, place{file: file, argument: n}), append(why, identity.AsError(err))
		}
		for i, c := range codes {
			p := place{file: file, argument: n, code: i + 1, of: len(codes)}
			if part, err := otpauth.ParseMigration(c.Text.Reveal()); err == nil && part.Size > 1 {
				p.part, p.parts = part.Index+1, part.Size
			}
			texts, places = append(texts, c.Text.Reveal()), append(places, p)
		}
	}
	r := otpauth.Read(texts)
	for i, p := range blank {
		places = append(places, p)
		r.Unread = append(r.Unread, otpauth.Unread{At: len(places), Err: why[i]})
	}
	slices.SortStableFunc(r.Unread, func(a, b otpauth.Unread) int {
		return cmp.Compare(places[a.At-1].argument, places[b.At-1].argument)
	})
	return r, places, nil
}

// readPicture reads the codes in a file, or in what comes on standard input.
func (d *desk) readPicture(ctx context.Context, name string) ([]qr.Code, error) {
	found, err := interruptible(ctx, func() (qr.Found, error) {
		if name == "-" {
			return qr.Decode(ctx, d.in)
		}
		f, err := os.Open(name)
		if err != nil {
			return qr.Found{}, err
		}
		defer f.Close()
		if info, err := f.Stat(); err == nil && info.IsDir() {
			return qr.Found{}, errFolder
		}
		return qr.Decode(ctx, f)
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = errNoFile.Because(err)
	}
	return found.Codes, disk.Explain(err)
}

// tellScan tells what was found, with nothing stored and no vault opened.
func (d *desk) tellScan(r otpauth.Reading, how intake) error {
	all := make([]authenticator.Candidate, len(r.Found))
	for i, f := range r.Found {
		all[i].Found = f
	}
	d.sayUnread(r, how)
	var err error
	switch {
	case d.json:
		err = d.printJSON(toTakenJSON(r, all, how))
	case len(all) > 0:
		err = printTable(d.out, how.rows(all))
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
