package app

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"slices"
	"sync"
	"testing"

	"latchkey/backend/companion/camera"
	"latchkey/backend/companion/qr"
	"latchkey/backend/companion/screen"
)

const shownSetup = "otpauth://totp/ACME:ann?secret=JBSWY3DPEHPK3PXP&issuer=ACME"

// seen is a picture with a text's code in it, or with nothing.
func seen(t testing.TB, text string) *image.Gray {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 400, 300))
	draw.Draw(img, img.Rect, image.White, image.Point{}, draw.Src)
	if text == "" {
		return img
	}
	drawing, err := qr.Draw(text)
	if err != nil {
		t.Fatal(err)
	}
	for y := range 4 * drawing.Side() {
		for x := range 4 * drawing.Side() {
			if drawing.Dark(x/4, y/4) {
				img.SetGray(40+x, 20+y, color.Gray{})
			}
		}
	}
	return img
}

func encodedPNG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestTheWindowIsAwayWhileTheScreenIsRead(t *testing.T) {
	d := newTestDesk(t)
	d.makeVault(t)
	d.look = func(context.Context) ([]screen.Picture, error) {
		if d.screen.hidden != 1 || d.screen.shown != 0 {
			t.Errorf("hidden %d times, shown %d times", d.screen.hidden, d.screen.shown)
		}
		return []screen.Picture{{Image: seen(t, ""), Monitor: "LEFT"}, {Image: seen(t, shownSetup), Monitor: "RIGHT"}}, nil
	}
	state, err := (&Intake{d.desk}).Screen()
	if err != nil {
		t.Fatal(err)
	}
	if len(state.Found) != 1 || state.Found[0].From.Way != "screen" || state.Found[0].From.Name != "RIGHT" || len(state.Missed) != 0 {
		t.Errorf("%+v", state)
	}
	if d.screen.shown != 1 {
		t.Errorf("shown %d times after", d.screen.shown)
	}
}

func TestTheWindowComesBackWhateverHappens(t *testing.T) {
	for name, c := range map[string]struct {
		look func(context.Context) ([]screen.Picture, error)
		want string
	}{
		"refused": {func(context.Context) ([]screen.Picture, error) { return nil, screen.ErrRefused }, "screen_refused"},
		"panic":   {func(context.Context) ([]screen.Picture, error) { panic("canary") }, "app_failed"},
	} {
		d := newTestDesk(t)
		d.makeVault(t)
		d.look = c.look
		_, err := (&Intake{d.desk}).Screen()
		checkProblem(t, name, err, c.want)
		if d.screen.shown != 1 {
			t.Errorf("%s: shown %d times", name, d.screen.shown)
		}
	}
}

// A screen without a code can be looked at, and cut.
func TestAScreenWithoutACodeIsKept(t *testing.T) {
	d := newTestDesk(t)
	d.makeVault(t)
	d.look = func(context.Context) ([]screen.Picture, error) { return []screen.Picture{{Image: seen(t, "")}}, nil }
	in := &Intake{d.desk}
	state, err := in.Screen()
	if err != nil || len(state.Missed) != 1 || state.Missed[0].Width != 400 || state.Missed[0].Problem.Code != "qr_none" {
		t.Fatalf("%+v, %v", state, err)
	}
	if text, err := in.Show(state.Missed[0].From.Piece); err != nil || text == "" {
		t.Errorf("%.20s, %v", text, err)
	}
}

func TestNothingIsLookedAtWhileLocked(t *testing.T) {
	d := newTestDesk(t)
	d.look = func(context.Context) ([]screen.Picture, error) {
		t.Error("the screen is looked at")
		return nil, nil
	}
	h := newHandheld(t, shownSetup)
	d.eye.lens = camera.NewLens(h)
	for name, call := range map[string]func() error{
		"screen": func() error { _, err := (&Intake{d.desk}).Screen(); return err },
		"paste":  func() error { _, err := (&Intake{d.desk}).Paste(); return err },
		"open":   func() error { return (&Camera{d.desk}).Open("video0") },
		"frame":  func() error { _, err := (&Camera{d.desk}).Frame(""); return err },
	} {
		if err := call(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if d.screen.hidden != 0 || h.opened != 0 {
		t.Errorf("hidden %d times, camera opened %d times", d.screen.hidden, h.opened)
	}
}

// A vault that is locked while the desktop asks the person gets nothing.
func TestLockingWhileTheScreenIsTaken(t *testing.T) {
	d := newTestDesk(t)
	d.makeVault(t)
	d.look = func(ctx context.Context) ([]screen.Picture, error) {
		d.companion.Vault.Lock()
		d.vaultChanged()
		return []screen.Picture{{Image: seen(t, shownSetup)}}, nil
	}
	if _, err := (&Intake{d.desk}).Screen(); err == nil {
		t.Error("no error")
	}
	if r := d.intake.Reading(); len(r.Found) != 0 {
		t.Errorf("%d codes are held", len(r.Found))
	}
}

func TestPaste(t *testing.T) {
	for name, c := range map[string]struct {
		picture []byte
		text    string
		failing error
		found   int
		problem string
	}{
		"a picture":            {encodedPNG(t, seen(t, shownSetup)), "", nil, 1, ""},
		"a picture and text":   {encodedPNG(t, seen(t, shownSetup)), "hello", nil, 1, ""},
		"a text":               {nil, shownSetup, nil, 1, ""},
		"a picture of nothing": {encodedPNG(t, seen(t, "")), "", nil, 0, ""},
		"no picture at all":    {[]byte("nonsense"), "", nil, 0, ""},
		"nothing":              {nil, " \n", nil, 0, "clipboard_empty"},
		"no clipboard":         {nil, "", errors.New("canary"), 0, "clipboard_failed"},
	} {
		d := newTestDesk(t)
		d.makeVault(t)
		d.screen.clipPicture, d.screen.clip, d.screen.failing = c.picture, c.text, c.failing
		state, err := (&Intake{d.desk}).Paste()
		checkProblem(t, name, err, c.problem)
		if len(state.Found) != c.found || c.problem == "" && c.found == 0 && len(state.Missed) != 1 {
			t.Errorf("%s: %+v", name, state)
		}
	}
}

func TestASecretIsCopiedAsOne(t *testing.T) {
	d := newTestDesk(t)
	shell := &Shell{d.desk}
	for _, secret := range []bool{false, true} {
		if _, err := shell.CopyText(Copy{Text: "x", Secret: secret}); err != nil {
			t.Fatal(err)
		}
	}
	if d.screen.secrets != 1 {
		t.Errorf("%d of two texts were marked", d.screen.secrets)
	}
}

// A handheld camera stands in for the hardware: it sees one text's code after
// the other, and then nothing comes.
type handheld struct {
	frames [][]byte

	mu     sync.Mutex
	opened int
	on     int
}

func newHandheld(t testing.TB, texts ...string) *handheld {
	t.Helper()
	h := &handheld{}
	for _, text := range texts {
		var frame []byte
		for _, light := range seen(t, text).Pix {
			frame = append(frame, light, 128)
		}
		h.frames = append(h.frames, frame)
	}
	return h
}

func (h *handheld) List() ([]camera.Camera, error) {
	return []camera.Camera{{ID: "video0", Name: "Front"}, {ID: "video2", Name: "Desk"}}, nil
}

func (h *handheld) Open(camera.ID) (camera.Source, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.opened++
	h.on++
	return &view{h: h}, nil
}

func (h *handheld) lit() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.on
}

type view struct {
	h *handheld
	n int
}

func (*view) Format() camera.Format {
	return camera.Format{Packing: camera.YUYV, Width: 400, Height: 300}
}

func (v *view) Frame(ctx context.Context) ([]byte, error) {
	if v.n == len(v.h.frames) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	v.n++
	return v.h.frames[v.n-1], nil
}

func (v *view) Close() error {
	v.h.mu.Lock()
	defer v.h.mu.Unlock()
	v.h.on--
	return nil
}

// withCamera opens a desk whose vault is open and whose first camera is on.
func withCamera(t *testing.T, texts ...string) (*testDesk, *handheld) {
	t.Helper()
	d := newTestDesk(t)
	d.makeVault(t)
	h := newHandheld(t, texts...)
	d.eye.lens = camera.NewLens(h)
	c := &Camera{d.desk}
	if list, err := c.List(); err != nil || !slices.Equal(list, []CameraChoice{{"video0", "Front"}, {"video2", "Desk"}}) {
		t.Fatal(list, err)
	}
	if err := c.Open("video0"); err != nil || h.lit() != 1 {
		t.Fatal(err, h.lit())
	}
	return d, h
}

func TestACodeBeforeTheCamera(t *testing.T) {
	d, h := withCamera(t, "", shownSetup, shownSetup)
	c := &Camera{d.desk}
	for i, found := range []bool{false, true, false} {
		v, err := c.Next()
		if err != nil || v.Picture == "" || (v.State != nil) != found {
			t.Errorf("picture %d: %.30s, %v, %v", i, v.Picture, v.State, err)
		}
		if found && (len(v.State.Found) != 1 || v.State.Found[0].From.Way != "camera") {
			t.Errorf("found %+v", v.State)
		}
	}
	if err := c.Close(); err != nil || h.lit() != 0 {
		t.Errorf("%v, %d cameras are on", err, h.lit())
	}
	_, err := c.Next()
	checkProblem(t, "closed", err, "camera_closed")
}

func TestTheLightIsOff(t *testing.T) {
	t.Run("when locked", func(t *testing.T) {
		d, h := withCamera(t)
		d.companion.Vault.Lock()
		d.vaultChanged()
		if h.lit() != 0 {
			t.Error("the camera is on")
		}
	})
	t.Run("when the program ends", func(t *testing.T) {
		d, h := withCamera(t)
		d.close()
		if h.lit() != 0 {
			t.Error("the camera is on")
		}
	})
	t.Run("when the page is gone", func(t *testing.T) {
		_, h := withCamera(t)
		until(t, "the camera is off", func() bool { return h.lit() == 0 })
	})
	t.Run("when another is chosen", func(t *testing.T) {
		d, h := withCamera(t)
		if err := (&Camera{d.desk}).Open("video2"); err != nil || h.lit() != 1 || h.opened != 2 {
			t.Errorf("%v, %d of %d are on", err, h.lit(), h.opened)
		}
	})
}

func TestOpeningWhatIsNoCamera(t *testing.T) {
	d, _ := withCamera(t)
	for _, id := range []string{"", "../../etc/passwd", "video0/../../sda"} {
		checkProblem(t, id, (&Camera{d.desk}).Open(id), "camera_unknown")
	}
}

func TestFramesOfThePage(t *testing.T) {
	d := newTestDesk(t)
	d.makeVault(t)
	c := &Camera{d.desk}
	frame := func(text string) string {
		var out bytes.Buffer
		if err := jpeg.Encode(&out, seen(t, text), nil); err != nil {
			t.Fatal(err)
		}
		return base64.StdEncoding.EncodeToString(out.Bytes())
	}
	if v, err := c.Frame(frame("")); err != nil || v.State != nil {
		t.Errorf("%+v, %v", v, err)
	}
	if v, err := c.Frame(frame(shownSetup)); err != nil || v.State == nil || len(v.State.Found) != 1 || v.Picture != "" {
		t.Errorf("%+v, %v", v, err)
	}
	if v, err := c.Frame(frame(shownSetup)); err != nil || v.State != nil {
		t.Errorf("the same again: %+v, %v", v, err)
	}
	for name, bad := range map[string]string{"nothing": "", "no base64": "%", "no picture": "AAAA", "too much": string(make([]byte, 6<<20))} {
		_, err := c.Frame(bad)
		checkProblem(t, name, err, "camera_frame_invalid")
	}
}
