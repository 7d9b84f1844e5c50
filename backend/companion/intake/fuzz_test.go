package intake_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"latchkey/backend/companion/intake"
	"latchkey/backend/companion/qr"
	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
)

// FuzzIntake hands in a file, the same as a text, and a password, and looks at
// what is said of them: it can be shown, agrees with itself, and keeps secrets.
func FuzzIntake(f *testing.F) {
	f.Add([]byte(github), "")
	f.Add([]byte(part1+"\n"+part2), "")
	f.Add(picture(f, 3, github, webLink), "")
	f.Add(picture(f, 3, part2), "x")
	f.Add(blank(f, 60, 60), "")
	f.Add(sealed(f, "right"), "right")
	f.Add([]byte("BM"), "")
	f.Add([]byte("\xff\xd8\xff"), "")
	f.Add([]byte("{"), "")
	f.Add([]byte("jbsw y3dp ehpk 3pxp"), "")
	f.Fuzz(func(t *testing.T, content []byte, password string) {
		if len(content) > 20_000 {
			t.Skip("large pictures are for qr's own fuzzing")
		}
		in := intake.New()
		errs := []error{
			hand(t, in, "file", content),
			in.Text(t.Context(), intake.Source{Way: intake.Paste}, string(content)),
			in.Picture(t.Context(), file("picture"), bytes.NewReader(content)),
		}
		r := in.Reading()
		for _, w := range r.Waiting {
			errs = append(errs, in.Unlock(t.Context(), w.Piece, secret.New(password)))
		}
		for _, m := range r.Missed {
			errs = append(errs, in.Crop(t.Context(), m.From.Piece, qr.Area{Left: 0.1, Top: -1, Right: 0.5, Bottom: 7}))
			img, err := in.Show(t.Context(), m.From.Piece, 50)
			if errs = append(errs, err); err == nil && (img.Bounds().Dx() > 50 || img.Bounds().Dy() > 50) {
				t.Errorf("shown with %v", img.Bounds())
			}
		}
		for _, err := range errs {
			if _, ok := errors.AsType[*identity.Error](err); err != nil && !ok {
				t.Errorf("%v cannot be shown", err)
			}
		}
		r = in.Reading()
		ids := map[intake.FindID]bool{}
		for _, found := range r.Found {
			if ids[found.ID] {
				t.Errorf("two are called %s", found.ID)
			}
			ids[found.ID] = true
			if s := found.Entry.Key.Secret.Base32(); len(s) > 8 && strings.Contains(fmt.Sprintf("%+v", found), s) {
				t.Error("a secret is printed")
			}
		}
		in.Clear()
		wantReading(t, in)
	})
}
