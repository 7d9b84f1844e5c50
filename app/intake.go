package app

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"time"

	"latchkey/backend/companion"
	"latchkey/backend/companion/authenticator"
	"latchkey/backend/companion/authenticator/otpauth"
	"latchkey/backend/companion/intake"
	"latchkey/backend/companion/qr"
	"latchkey/backend/identity"
)

// Intake is the surface on which codes are added. What was handed in stays here
// until it is kept, let go, or the vault is locked: the page learns what was
// understood, and no secret. A picture or text that says nothing is no error of
// a call, but is listed in the state with the reason.
type Intake struct{ d *desk }

// An IntakeFile is a file that was dropped or pasted.
type IntakeFile struct {
	Name string `json:"name"` // empty: pasted
	Data string `json:"data"` // base64
}

// An IntakeTyped is a code as somebody has typed it. Empty fields stand for what
// is usual.
type IntakeTyped struct {
	Issuer    string `json:"issuer"`
	Account   string `json:"account"`
	Secret    string `json:"secret"`
	Kind      string `json:"kind"`
	Algorithm string `json:"algorithm"`
	Digits    string `json:"digits"`
	Period    string `json:"period"`
	Counter   string `json:"counter"`
}

// An IntakePassword is the password of a backup that waits for it.
type IntakePassword struct {
	ID       string `json:"id"`
	Password string `json:"password"`
}

// An IntakeCrop is a part of a picture, in fractions of its width and height.
type IntakeCrop struct {
	ID     string  `json:"id"`
	Left   float64 `json:"left"`
	Top    float64 `json:"top"`
	Right  float64 `json:"right"`
	Bottom float64 `json:"bottom"`
}

// An IntakeChoice is what the person wants of one thing that was found.
type IntakeChoice struct {
	ID       string `json:"id"`
	Issuer   string `json:"issuer"`
	Account  string `json:"account"`
	Replaces string `json:"replaces"` // an entry of the same name that goes to the trash; empty: none
	Server   string `json:"server"`   // whose account the code is for; empty: none
	Username string `json:"username"`
}

var errUnencoded = identity.NewError(identity.Invalid, "intake_unreadable",
	"That could not be taken from where it was copied or dragged. Save it as a file and choose that.")

// State returns what was understood so far.
func (i *Intake) State() (IntakeState, error) {
	return ask(i.d, byNet, i.d.intakeState)
}

// PickFiles lets the person choose pictures and backups.
func (i *Intake) PickFiles() (IntakeState, error) {
	return i.take(byPerson, func(ctx context.Context) error {
		w := i.d.words()
		paths, err := i.d.desktop.OpenFiles(dialog{Title: w.ChooseCodes})
		if err != nil {
			return err
		}
		return i.d.takeFiles(ctx, paths)
	})
}

// Picture takes a picture, or any other file, that was pasted or dropped.
func (i *Intake) Picture(f IntakeFile) (IntakeState, error) {
	return i.take(byNet, func(ctx context.Context) error {
		from := intake.Source{Way: intake.File, Name: fileName(f.Name)}
		if f.Name == "" {
			from.Way = intake.Paste
		}
		if len(f.Data) > base64.StdEncoding.EncodedLen(qr.MostBytes) {
			return listed(i.d.intake.Miss(from, qr.ErrFileLarge))
		}
		content, err := base64.StdEncoding.DecodeString(f.Data)
		if err != nil {
			return errUnencoded.Because(err)
		}
		return listed(i.d.intake.File(ctx, from, bytes.NewReader(content)))
	})
}

// Text takes a text that was pasted or dropped.
func (i *Intake) Text(text string) (IntakeState, error) {
	return i.take(byNet, func(ctx context.Context) error {
		return listed(i.d.intake.Text(ctx, intake.Source{Way: intake.Paste}, text))
	})
}

// Type takes a code that somebody has typed. What is wrong with it is an error
// of its field.
func (i *Intake) Type(c IntakeTyped) (IntakeState, error) {
	return i.take(atOnce, func(context.Context) error {
		k, err := otpauth.Fields{
			Kind: c.Kind, Secret: c.Secret, Algorithm: c.Algorithm, Digits: c.Digits, Period: c.Period, Counter: c.Counter,
		}.Key()
		if err != nil {
			return err
		}
		e, _, err := otpauth.Entry{Issuer: c.Issuer, Account: c.Account, Key: k}.Tidy()
		if err == nil && e.Name() == "" {
			err = otpauth.ErrNameless
		}
		if err != nil {
			return err
		}
		return listed(i.d.intake.Entry(intake.Source{Way: intake.Typed}, e))
	})
}

// Password opens a backup that waits for its password.
func (i *Intake) Password(p IntakePassword) (IntakeState, error) {
	return i.take(byNet, func(ctx context.Context) error {
		return i.d.intake.Unlock(ctx, intake.ID(p.ID), companion.NewSecret(p.Password))
	})
}

// Crop reads a part of a picture in which nothing was found. The error says what
// was seen there.
func (i *Intake) Crop(c IntakeCrop) (IntakeState, error) {
	return i.take(byNet, func(ctx context.Context) error {
		return i.d.intake.Crop(ctx, intake.ID(c.ID), qr.Area{Left: c.Left, Top: c.Top, Right: c.Right, Bottom: c.Bottom})
	})
}

// Show returns a picture in which nothing was found, as the text of a data: URL.
func (i *Intake) Show(id string) (string, error) {
	return ask(i.d, byNet, func(ctx context.Context) (string, error) {
		img, err := i.d.intake.Show(ctx, intake.ID(id), mostShown)
		if err != nil {
			return "", err
		}
		return dataURL(img)
	})
}

// Remove lets go of one thing that was handed in.
func (i *Intake) Remove(id string) (IntakeState, error) {
	return i.take(byNet, func(context.Context) error {
		i.d.intake.Remove(intake.ID(id))
		return nil
	})
}

// Clear lets go of everything.
func (i *Intake) Clear() error {
	return do(i.d, atOnce, func(context.Context) error {
		i.d.intake.Clear()
		return nil
	})
}

// Keep stores what the person has chosen, all or nothing, and lets go of the
// rest but for backups that wait for their passwords. It returns the ids of what
// was stored.
func (i *Intake) Keep(choices []IntakeChoice) ([]string, error) {
	return ask(i.d, byNet, func(ctx context.Context) ([]string, error) {
		all, err := intake.Compare(ctx, i.d.companion.Codes, i.d.intake.Reading().Found)
		if err != nil {
			return nil, err
		}
		wanted := make([]intake.Choice, len(choices))
		for n, c := range choices {
			wanted[n] = intake.Choice{
				ID: intake.FindID(c.ID), Issuer: c.Issuer, Account: c.Account, Replaces: authenticator.ID(c.Replaces),
				Link: authenticator.Link{Server: c.Server, Username: c.Username},
			}
		}
		items, err := intake.Items(all, wanted)
		if err != nil {
			return nil, err
		}
		added, err := i.d.companion.Codes.Add(ctx, items)
		if err != nil {
			return nil, err
		}
		i.d.intake.Settle()
		i.d.codesChanged()
		ids := make([]string, len(added))
		for n, e := range added {
			ids[n] = string(e.ID)
		}
		return ids, nil
	})
}

// take hands something in, and returns what is understood then. Nothing is kept
// while the vault is locked.
func (i *Intake) take(limit time.Duration, hand func(context.Context) error) (IntakeState, error) {
	return ask(i.d, limit, func(ctx context.Context) (IntakeState, error) {
		if err := i.d.companion.Vault.Ready(ctx); err != nil {
			return IntakeState{}, err
		}
		if err := hand(ctx); err != nil {
			return IntakeState{}, err
		}
		return i.d.intakeState(ctx)
	})
}

// listed leaves out the errors that stand in the state, with what they are
// about.
func listed(err error) error {
	for _, other := range []error{intake.ErrFull, intake.ErrCleared, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, other) {
			return err
		}
	}
	return nil
}
