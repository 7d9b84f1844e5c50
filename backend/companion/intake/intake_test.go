package intake_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"latchkey/backend/companion/authenticator/backup"
	"latchkey/backend/companion/authenticator/otpauth"
	"latchkey/backend/companion/intake"
	"latchkey/backend/companion/qr"
	"latchkey/backend/companion/screen"
	"latchkey/backend/identity"
	"latchkey/backend/internal/env"
	"latchkey/backend/internal/secret"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	github  = "otpauth://totp/GitHub:ann?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=GitHub"
	router  = "otpauth://hotp/Router?secret=JBSWY3DPEHPK3PXP&counter=5"
	webLink = "https://example.com/2fa"

	// Two parts of one export, as Google Authenticator writes it.
	part1 = "otpauth-migration://offline?data=ChsKCkhlbGxvId6tvu8SA29uZRoCRXggASgBMAIQARgCIAAoBw%3D%3D"
	part2 = "otpauth-migration://offline?data=ChsKCkhlbGxvId6tvvASA3R3bxoCRXggASgBMAIQARgCIAEoBw%3D%3D"
)

// picture draws codes side by side as a PNG, with so many pixels a module.
func picture(t testing.TB, each int, texts ...string) []byte {
	t.Helper()
	var drawn []qr.Drawing
	side := 0
	for _, text := range texts {
		d, err := qr.Draw(text)
		if err != nil {
			t.Fatal(err)
		}
		drawn, side = append(drawn, d), max(side, d.Side())
	}
	img := image.NewGray(image.Rect(0, 0, max(side*each*len(texts), 1), max(side*each, 1)))
	for i := range img.Pix {
		x, y := i%img.Stride/each, i/img.Stride/each
		img.Pix[i] = 255
		if side > 0 && drawn[x/side].Dark(x%side, y) {
			img.Pix[i] = 0
		}
	}
	return encode(t, img)
}

// blank is a picture with nothing on it.
func blank(t testing.TB, w, h int) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	return encode(t, img)
}

func encode(t testing.TB, img image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func file(name string) intake.Source { return intake.Source{Way: intake.File, Name: name} }

// hand hands in a file.
func hand(t testing.TB, in *intake.Intake, name string, content []byte) error {
	t.Helper()
	return in.File(t.Context(), file(name), bytes.NewReader(content))
}

// wantReading compares what was understood, one thing a line.
func wantReading(t testing.TB, in *intake.Intake, want ...string) {
	t.Helper()
	r := in.Reading()
	var got []string
	for _, f := range r.Found {
		got = append(got, "found "+f.Entry.Name()+" "+where(f.From))
	}
	for _, m := range r.Missed {
		got = append(got, fmt.Sprintf("missed %s %s at %d, %v", m.Err.Code, where(m.From), m.At, m.Picture))
	}
	for _, b := range r.Batches {
		got = append(got, fmt.Sprintf("batch of %d without %v", b.Size, b.Missing))
	}
	for _, w := range r.Waiting {
		got = append(got, "waiting "+w.From.Name)
	}
	for _, p := range r.Plain {
		got = append(got, "plain "+p.Name)
	}
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("understood\n%s\nwant\n%s", g, w)
	}
}

func where(o intake.Origin) string {
	return fmt.Sprintf("%s %d/%d %d/%d", o.Name, o.Code, o.Of, o.Part, o.Parts)
}

func wantError(t testing.TB, err error, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("error %v; want %v", err, want)
	}
}

func sealed(t testing.TB, password string) []byte {
	t.Helper()
	e, err := otpauth.ParseURI(github)
	if err != nil {
		t.Fatal(err)
	}
	content, err := backup.WriteAegis([]otpauth.Entry{e}, secret.New(password), env.System())
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// A file is what its content says, whatever it is called.
func TestFilesAreKnownByTheirContent(t *testing.T) {
	in := intake.New()
	for name, content := range map[string][]byte{"codes.txt": picture(t, 4, github)} {
		wantError(t, hand(t, in, name, content), nil)
	}
	wantError(t, hand(t, in, "holiday.png", []byte(router+"\n# one\nhello\n")), nil)
	wantError(t, hand(t, in, "blank.csv", blank(t, 300, 200)), qr.ErrNone)
	wantError(t, hand(t, in, "60.json", blank(t, 60, 60)), qr.ErrSmall)
	wantError(t, hand(t, in, "letter", []byte("Dear Ann,\nit rains.\n")), backup.ErrUnknown)
	wantError(t, hand(t, in, "paper", []byte("%PDF-1.7\n")), qr.ErrFormat)
	wantError(t, hand(t, in, "zip", []byte("PK\x03\x04xxxx")), backup.ErrArchive)
	wantError(t, hand(t, in, "nothing", nil), backup.ErrEmpty)
	wantReading(t, in,
		"found GitHub (ann) codes.txt 1/1 0/0",
		"found Router holiday.png 0/0 0/0",
		"missed otp_not_text holiday.png 0/0 0/0 at 3, (0,0)",
		"missed qr_none blank.csv 0/0 0/0 at 0, (300,200)",
		"missed qr_image_small 60.json 0/0 0/0 at 0, (60,60)",
		"missed backup_unknown letter 0/0 0/0 at 0, (0,0)",
		"missed qr_image_format paper 0/0 0/0 at 0, (0,0)",
		"missed backup_archive zip 0/0 0/0 at 0, (0,0)",
		"missed backup_empty nothing 0/0 0/0 at 0, (0,0)",
		"plain holiday.png",
	)
	// The same once more says nothing new.
	wantError(t, hand(t, in, "again.png", picture(t, 4, github)), nil)
	if got := len(in.Reading().Found); got != 2 {
		t.Errorf("%d were found; want 2", got)
	}
}

// The parts of an export belong together, however and in whichever order they
// come.
func TestPartsComeOneAfterTheOther(t *testing.T) {
	in := intake.New()
	wantError(t, hand(t, in, "b.png", picture(t, 4, part2, webLink)), nil)
	wantReading(t, in,
		"found Ex (two) b.png 1/2 2/2",
		"missed otp_not_web_link b.png 2/2 0/0 at 2, (0,0)",
		"batch of 2 without [1]",
	)
	before := in.Reading().Found[0].ID
	wantError(t, in.Text(t.Context(), intake.Source{Way: intake.Paste}, " "+part1+"\n"), nil)
	wantReading(t, in,
		"found Ex (two) b.png 1/2 2/2",
		"found Ex (one)  0/0 1/2",
		"missed otp_not_web_link b.png 2/2 0/0 at 2, (0,0)",
		"batch of 2 without []",
	)
	if after := in.Reading().Found[0].ID; after != before {
		t.Errorf("what was %s is %s now", before, after)
	}
	// In one list with something else it is the same.
	in.Clear()
	wantError(t, in.Text(t.Context(), intake.Source{Way: intake.Paste}, part1+"\n"+router), nil)
	wantError(t, hand(t, in, "b.png", picture(t, 4, part2)), nil)
	r := in.Reading()
	if len(r.Found) != 3 || len(r.Batches) != 1 || len(r.Batches[0].Missing) != 0 {
		t.Errorf("%d found, %+v", len(r.Found), r.Batches)
	}
}

func TestTexts(t *testing.T) {
	for text, want := range map[string]string{
		github:                            "found GitHub (ann)  0/0 0/0",
		"  " + github + "\r\n":            "found GitHub (ann)  0/0 0/0",
		"JBSWY3DPEHPK3PXP":                "found   0/0 0/0",
		"jbsw y3dp ehpk 3pxp":             "found   0/0 0/0",
		"JBSW-Y3DP-EHPK-3PXP":             "found   0/0 0/0",
		"please sign in again tomorrow":   "missed otp_not_text  0/0 0/0 at 1, (0,0)",
		"please sign in\nagain tomorrow":  "missed otp_not_text  0/0 0/0 at 1, (0,0)",
		webLink:                           "missed otp_not_web_link  0/0 0/0 at 1, (0,0)",
		"BEGIN:VCARD\nFN:Ann\nEND:VCARD":  "missed otp_not_contact  0/0 0/0 at 1, (0,0)",
		"":                                "missed otp_not_empty  0/0 0/0 at 1, (0,0)",
		"{\"a\": 1}":                      "missed otp_not_text  0/0 0/0 at 1, (0,0)",
		"otpauth://totp/A?secret=1":       "missed otp_secret_invalid  0/0 0/0 at 1, (0,0)",
		strings.Repeat("otpauth://\n", 2): "missed otp_kind_unknown  0/0 0/0 at 1, (0,0)\nmissed otp_kind_unknown  0/0 0/0 at 2, (0,0)",
	} {
		in := intake.New()
		_ = in.Text(t.Context(), intake.Source{Way: intake.Paste}, text)
		r := in.Reading()
		if len(r.Plain) == 1 && r.Plain[0].Way == intake.Paste {
			want += "\nplain "
		}
		wantReading(t, in, want)
	}
}

// A backup waits for its password, and a wrong one changes nothing.
func TestPassword(t *testing.T) {
	in := intake.New()
	wantError(t, hand(t, in, "aegis.json", sealed(t, "right")), backup.ErrPasswordNeeded)
	wantReading(t, in, "waiting aegis.json")
	id := in.Reading().Waiting[0].Piece
	wantError(t, in.Unlock(t.Context(), id, secret.New("wrong")), backup.ErrPasswordWrong)
	wantError(t, in.Unlock(t.Context(), id, secret.Text{}), backup.ErrPasswordNeeded)
	wantReading(t, in, "waiting aegis.json")
	in.Settle()
	wantReading(t, in, "waiting aegis.json")
	wantError(t, in.Unlock(t.Context(), id, secret.New("right")), nil)
	wantReading(t, in, "found GitHub (ann) aegis.json 0/0 0/0")
	wantError(t, in.Unlock(t.Context(), id, secret.New("right")), intake.ErrGone)
	in.Settle()
	wantReading(t, in)
}

// scene is a large picture with a code in a place where a person sees it and
// the reader may not.
func scene(t testing.TB, text string) (img *image.Gray, at image.Rectangle) {
	t.Helper()
	d, err := qr.Draw(text)
	if err != nil {
		t.Fatal(err)
	}
	img = image.NewGray(image.Rect(0, 0, 800, 600))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	at = image.Rect(500, 300, 500+4*d.Side(), 300+4*d.Side())
	for y := at.Min.Y; y < at.Max.Y; y++ {
		for x := at.Min.X; x < at.Max.X; x++ {
			if d.Dark((x-at.Min.X)/4, (y-at.Min.Y)/4) {
				img.SetGray(x, y, color.Gray{})
			}
		}
	}
	return img, at
}

// Monitors without a code are told of only where none has one.
func TestScreen(t *testing.T) {
	with, _ := scene(t, github)
	bare := image.NewGray(image.Rect(0, 0, 800, 600))
	in := intake.New()
	wantError(t, in.Screen(t.Context(), []screen.Picture{{Image: bare, Monitor: "LEFT"}, {Image: with, Monitor: "RIGHT"}}), nil)
	if r := in.Reading(); len(r.Missed) != 0 || len(r.Found) != 1 || r.Found[0].From.Source != (intake.Source{Way: intake.Screen, Name: "RIGHT"}) {
		t.Errorf("%+v", r)
	}
	in = intake.New()
	wantError(t, in.Screen(t.Context(), []screen.Picture{{Image: bare, Monitor: "LEFT"}, {Image: bare}}), qr.ErrNone)
	if r := in.Reading(); len(r.Missed) != 2 || r.Missed[0].From.Name != "LEFT" || r.Missed[1].Picture != (image.Pt(800, 600)) {
		t.Errorf("%+v", r)
	}
}

// Where a person says that a code is, it is looked for again.
func TestCrop(t *testing.T) {
	img, at := scene(t, webLink)
	good, goodAt := scene(t, github)
	in := intake.New()
	wantError(t, in.Image(t.Context(), intake.Source{Way: intake.Screen}, img), nil)
	wantReading(t, in, "missed otp_not_web_link  1/1 0/0 at 1, (800,600)")
	id := in.Reading().Missed[0].From.Piece
	shown, err := in.Show(t.Context(), id, 400)
	if err != nil || shown.Bounds().Size() != image.Pt(400, 300) {
		t.Fatalf("%v, %v", shown, err)
	}
	around := func(at image.Rectangle) qr.Area {
		return qr.Area{Left: float64(at.Min.X) / 800, Top: float64(at.Min.Y) / 600, Right: float64(at.Max.X) / 800, Bottom: float64(at.Max.Y) / 600}
	}
	err = in.Crop(t.Context(), id, around(at))
	if e, ok := errors.AsType[*identity.Error](err); !ok || e.Code != "otp_not_web_link" {
		t.Errorf("error %v", err)
	}
	wantError(t, in.Crop(t.Context(), id, qr.Area{Right: 0.2, Bottom: 0.2}), qr.ErrNone)
	wantReading(t, in, "missed otp_not_web_link  1/1 0/0 at 1, (800,600)")
	wantError(t, in.Crop(t.Context(), "7", around(at)), intake.ErrGone)

	// The picture becomes what was read in it, and is not shown then.
	copy(img.Pix, good.Pix)
	wantError(t, in.Crop(t.Context(), id, around(goodAt)), nil)
	wantReading(t, in, "found GitHub (ann)  1/1 0/0")
	_, err = in.Show(t.Context(), id, 400)
	wantError(t, err, intake.ErrGone)
}

// A picture with the setup of a code in it is as secret as the code.
func TestNoSecretIsShown(t *testing.T) {
	in := intake.New()
	wantError(t, hand(t, in, "both.png", picture(t, 4, github, webLink)), nil)
	_, err := in.Show(t.Context(), in.Reading().Missed[0].From.Piece, 400)
	wantError(t, err, intake.ErrGone)
	if text := fmt.Sprintf("%+v %#v", in.Reading(), in.Reading()); strings.Contains(text, "GEZDGNBV") {
		t.Error("the reading prints a secret")
	}
}

func TestCodesOfACamera(t *testing.T) {
	in := intake.New()
	camera := intake.Source{Way: intake.Camera}
	codes := []qr.Code{{Text: secret.New(github)}}
	for i, want := range []bool{true, false} {
		fresh, err := in.Codes(camera, codes)
		if fresh != want || err != nil {
			t.Errorf("frame %d: %v, %v", i, fresh, err)
		}
	}
	wantReading(t, in, "found GitHub (ann)  1/1 0/0")
}

func TestBounds(t *testing.T) {
	t.Run("things", func(t *testing.T) {
		in := intake.New()
		for i := range 1000 {
			wantError(t, in.Texts(file(""), []string{fmt.Sprint("text ", i)}), nil)
		}
		wantError(t, in.Texts(file(""), []string{"one more"}), intake.ErrFull)
		in.Remove(in.Reading().Missed[0].From.Piece)
		wantError(t, in.Texts(file(""), []string{"one more"}), nil)
	})
	t.Run("codes", func(t *testing.T) {
		in := intake.New()
		lines := strings.Repeat(github+"\n", 4990)
		wantError(t, hand(t, in, "list", []byte(lines)), nil)
		wantError(t, in.Texts(file(""), strings.Split(lines, "\n")[:20]), intake.ErrFull)
		wantError(t, in.Texts(file(""), []string{router}), nil)
	})
	t.Run("pictures", func(t *testing.T) {
		in := intake.New()
		// Three of 60 MB: the first is not shown any more, and still named.
		for i := range 3 {
			img := image.NewRGBA(image.Rect(0, 0, 5000, 3000))
			img.Pix[i] = 1
			wantError(t, in.Image(t.Context(), file("blank"), img), qr.ErrNone)
		}
		missed := in.Reading().Missed
		if len(missed) != 3 {
			t.Fatalf("%d missed", len(missed))
		}
		_, err := in.Show(t.Context(), missed[0].From.Piece, 100)
		wantError(t, err, intake.ErrGone)
		if _, err = in.Show(t.Context(), missed[2].From.Piece, 100); err != nil {
			t.Error(err)
		}
		if missed[0].Picture != (image.Point{}) {
			t.Error("a picture that is gone is offered")
		}
	})
}

// What is let go while it is being read does not come back.
func TestClearedMeanwhile(t *testing.T) {
	in := intake.New()
	slow := &slowFile{content: bytes.NewReader(picture(t, 4, github)), before: in.Clear}
	wantError(t, in.File(t.Context(), file("a.png"), slow), intake.ErrCleared)
	wantReading(t, in)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	wantError(t, in.Image(ctx, file("a"), image.NewGray(image.Rect(0, 0, 50, 50))), context.Canceled)
	wantReading(t, in)
}

// A slowFile does something before it is read.
type slowFile struct {
	content *bytes.Reader
	before  func()
}

func (f *slowFile) Read(p []byte) (int, error) {
	if f.before != nil {
		f.before()
		f.before = nil
	}
	return f.content.Read(p)
}
