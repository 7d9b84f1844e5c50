package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"unicode"

	"latchkey/backend/companion/intake"
	"latchkey/backend/identity"
)

// mostFiles is how many files are taken at a time.
const mostFiles = 200

var (
	errNotFile = identity.NewError(identity.Invalid, "intake_not_a_file",
		"That is a folder or a device, not a file. Choose the files in it.")
	errFileGone = identity.NewError(identity.NotFound, "intake_file_missing",
		"That file cannot be read: it is not there, or closed to you.")
	errManyFiles = identity.NewError(identity.Invalid, "intake_too_many_files",
		"At most 200 files are looked at together. Choose fewer.")
)

// takeFiles hands in files that the person has chosen or dropped.
func (d *desk) takeFiles(ctx context.Context, paths []string) error {
	if len(paths) > mostFiles {
		return errManyFiles
	}
	for _, path := range paths {
		if err := listed(d.takeFile(ctx, path)); err != nil {
			return err
		}
	}
	return nil
}

func (d *desk) takeFile(ctx context.Context, path string) error {
	from := intake.Source{Way: intake.File, Name: fileName(path)}
	// Opening what is no file, such as a pipe, may never end.
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return d.intake.Miss(from, errFileGone.Because(err))
	case !info.Mode().IsRegular():
		return d.intake.Miss(from, errNotFile)
	}
	f, err := os.Open(path)
	if err != nil {
		return d.intake.Miss(from, errFileGone.Because(err))
	}
	defer func() { _ = f.Close() }() // it was only read
	return d.intake.File(ctx, from, f)
}

// fileName is what a file is called on the page: without its folder, without
// what does not show or turns text around, and no longer than can be read.
func fileName(path string) string {
	const most = 100 // characters
	if path == "" {
		return ""
	}
	var name []rune
	for _, r := range filepath.Base(path) {
		if unicode.IsGraphic(r) && len(name) < most {
			name = append(name, r)
		}
	}
	return string(name)
}

// droppedCodes hands in what was dropped on the window while the codes are in
// view, and tells the page.
func (d *desk) droppedCodes(paths []string) {
	if _, err := d.companion.Codes.List(d.ctx); err != nil {
		return // locked: there is nobody to tell
	}
	d.desktop.Emit(eventReading, nil)
	err := d.takeFiles(d.ctx, paths)
	if errors.Is(err, context.Canceled) {
		return
	}
	d.tellIntake(err)
}

// tellIntake tells the page what was understood, or why something was refused.
func (d *desk) tellIntake(err error) {
	var news IntakeNews
	state, stateErr := d.intakeState(d.ctx)
	if stateErr != nil {
		return // locked meanwhile
	}
	news.State, news.Problem = state, asProblem(err)
	d.desktop.Emit(eventIntake, news)
}

// IntakeNews is what came in without a call of the page.
type IntakeNews struct {
	State   IntakeState `json:"state"`
	Problem *Problem    `json:"problem"` // why something was refused as a whole
}
