package app

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"image"
	"strings"
	"sync"
	"time"

	"latchkey/backend/companion/camera"
	"latchkey/backend/companion/intake"
	"latchkey/backend/companion/qr"
	"latchkey/backend/companion/screen"
	"latchkey/backend/config"
	"latchkey/backend/identity"
)

var errNothingCopied = identity.NewError(identity.NotFound, "clipboard_empty",
	"There is no picture and no text in the clipboard. Copy the QR code or its text, then try again.")

// Screen takes a picture of each monitor, without this window in it, and reads
// it. The window is back when it returns. Of pictures without a code those are
// kept that somebody may look at, unless another one has some.
func (i *Intake) Screen() (IntakeState, error) {
	return i.take(byPerson, func(ctx context.Context) error {
		pictures, err := i.d.takeScreen(ctx)
		if err != nil {
			return err
		}
		if err := i.d.companion.Vault.Ready(ctx); err != nil {
			return err // locked meanwhile
		}
		return listed(i.d.intake.Screen(ctx, pictures))
	})
}

// unseen is how long a desktop gets to draw what was behind the window.
const unseen = 400 * time.Millisecond

func (d *desk) takeScreen(ctx context.Context) ([]screen.Picture, error) {
	d.desktop.Hide()
	defer d.desktop.Show()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(unseen):
	}
	return d.look(ctx)
}

// lookAtScreen takes the pictures of this session's screen.
func lookAtScreen(ctx context.Context) ([]screen.Picture, error) {
	x11, wayland := config.Screen()
	return screen.Take(ctx, screen.Display{X11: x11, Wayland: wayland})
}

// Paste takes what is in the system's clipboard: a picture, or else a text.
func (i *Intake) Paste() (IntakeState, error) {
	return i.take(byNet, func(ctx context.Context) error {
		from := intake.Source{Way: intake.Paste}
		picture, err := i.d.desktop.ClipboardPicture()
		if err != nil {
			return errClipboard.Because(err)
		}
		if len(picture) > 0 {
			return listed(i.d.intake.File(ctx, from, bytes.NewReader(picture)))
		}
		text, err := i.d.desktop.Clipboard()
		if err != nil {
			return errClipboard.Because(err)
		}
		if strings.TrimSpace(text) == "" {
			return errNothingCopied
		}
		return listed(i.d.intake.Text(ctx, from, text))
	})
}

// Camera is the camera, where Latchkey speaks to it itself. Where it does not,
// the page does, and hands in what it sees.
type Camera struct{ d *desk }

// A CameraChoice is a camera that can be opened.
type CameraChoice struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// A CameraView is what a camera sees.
type CameraView struct {
	Picture string       `json:"picture"` // a small one, as the text of a data: URL; empty where the page shows it
	State   *IntakeState `json:"state"`   // when something was found that was not there before, otherwise nil
}

// List returns the cameras of this computer.
func (c *Camera) List() ([]CameraChoice, error) {
	return ask(c.d, atOnce, func(context.Context) ([]CameraChoice, error) {
		list, err := c.d.eye.lens.Cameras()
		out := make([]CameraChoice, len(list))
		for i, l := range list {
			out[i] = CameraChoice{string(l.ID), l.Name}
		}
		return out, err
	})
}

// Open turns a camera on, and another off. It goes off by itself when nobody
// asks for its pictures, and when the vault is locked.
func (c *Camera) Open(id string) error {
	return do(c.d, byNet, func(ctx context.Context) error {
		parsed, err := camera.ParseID(id)
		if err != nil {
			return err
		}
		return c.d.unlocked(ctx, func() error { return c.d.eye.open(parsed) })
	})
}

// Next waits for the next picture and reads it.
func (c *Camera) Next() (CameraView, error) {
	return ask(c.d, byNet, func(ctx context.Context) (CameraView, error) {
		img, err := c.d.eye.next(ctx)
		if err != nil {
			return CameraView{}, err
		}
		view, err := c.d.readView(ctx, img)
		if err != nil {
			return CameraView{}, err
		}
		view.Picture, err = dataURL(qr.PictureOf(img).Fit(previewSide))
		return view, err
	})
}

// Close turns the camera off.
func (c *Camera) Close() error {
	return do(c.d, atOnce, func(context.Context) error {
		c.d.eye.close()
		return nil
	})
}

// Limits on pictures between the page and here.
const (
	previewSide = 480     // pixels
	mostFrame   = 4 << 20 // bytes of one that the page hands in
)

var errFrame = identity.NewError(identity.Invalid, "camera_frame_invalid",
	"The camera's picture could not be read. Stop the camera and start it again.")

// Frame reads a picture that the page got from a camera: a JPEG in base64.
func (c *Camera) Frame(data string) (CameraView, error) {
	return ask(c.d, byNet, func(ctx context.Context) (CameraView, error) {
		if len(data) > base64.StdEncoding.EncodedLen(mostFrame) {
			return CameraView{}, errFrame
		}
		content, err := base64.StdEncoding.DecodeString(data)
		if err != nil {
			return CameraView{}, errFrame.Because(err)
		}
		if err := c.d.companion.Vault.Ready(ctx); err != nil {
			return CameraView{}, err
		}
		found, err := qr.Decode(ctx, bytes.NewReader(content))
		if err != nil && !seesNothing(err) {
			return CameraView{}, errFrame.Because(err)
		}
		return c.d.takeView(ctx, found.Codes)
	})
}

func seesNothing(err error) bool {
	return errors.Is(err, qr.ErrNone) || errors.Is(err, qr.ErrUnreadable)
}

func (d *desk) readView(ctx context.Context, img image.Image) (CameraView, error) {
	if err := d.companion.Vault.Ready(ctx); err != nil {
		return CameraView{}, err
	}
	codes, err := qr.Read(ctx, img)
	if err != nil && !seesNothing(err) {
		return CameraView{}, err
	}
	return d.takeView(ctx, codes)
}

// takeView hands in codes before the camera that were not there before.
func (d *desk) takeView(ctx context.Context, codes []qr.Code) (CameraView, error) {
	fresh, err := d.intake.Codes(intake.Source{Way: intake.Camera}, codes)
	if err := listed(err); err != nil || !fresh {
		return CameraView{}, err
	}
	state, err := d.intakeState(ctx)
	return CameraView{State: &state}, err
}

// unlocked does something that must not outlive the open vault.
func (d *desk) unlocked(ctx context.Context, do func() error) error {
	if err := d.companion.Vault.Ready(ctx); err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	err := d.companion.Vault.Ready(ctx)
	if err != nil { // locked meanwhile
		d.eye.close()
	}
	return err
}

// An eye is the camera that the page looks through. A page that is gone asks
// for no pictures any more, and then it is closed.
type eye struct {
	lens *camera.Lens

	mu    sync.Mutex
	timer *time.Timer
}

// unwatched is how long a camera stays on while nobody asks for a picture.
const unwatched = 5 * time.Second

func (e *eye) open(id camera.ID) error {
	err := e.lens.Open(id)
	if err == nil {
		e.watched()
	}
	return err
}

func (e *eye) next(ctx context.Context) (image.Image, error) {
	e.mu.Lock()
	e.calm() // while somebody waits
	e.mu.Unlock()
	defer e.watched()
	return e.lens.Next(ctx)
}

// watched puts off the end.
func (e *eye) watched() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.calm()
	if e.lens.On() {
		e.timer = time.AfterFunc(unwatched, e.close)
	}
}

// calm stops the timer. The caller holds mu.
func (e *eye) calm() {
	if e.timer != nil {
		e.timer.Stop()
		e.timer = nil
	}
}

func (e *eye) close() {
	e.lens.Close()
	e.watched()
}
