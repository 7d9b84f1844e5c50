package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"image"
	"image/draw"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/backend/companion/camera"
	"latchkey/backend/companion/intake"
	"latchkey/backend/companion/qr"
	"latchkey/backend/companion/screen"
)

// hasX11 reports whether a screen can be had, and something shown on it.
func hasX11() bool {
	_, server := exec.LookPath("Xvfb")
	_, viewer := exec.LookPath("display")
	return server == nil && viewer == nil
}

// show opens an X server for the script, with a picture on it:
// show FILE.png.
func (w *world) show(args []string) {
	w.arg(args, 1, "show FILE.png")
	r, out, err := os.Pipe()
	w.ts.Check(err)
	defer r.Close()
	x := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "900x700x24", "-nolisten", "tcp", "-noreset")
	x.ExtraFiles = []*os.File{out}
	w.background(x)
	w.ts.Check(out.Close())
	number, err := bufio.NewReader(r).ReadString('\n')
	w.ts.Check(err)
	at := ":" + strings.TrimSpace(number)
	w.ts.Setenv("DISPLAY", at)
	w.background(exec.Command("display", "-display", at, "-geometry", "+200+100", w.ts.MkAbs(args[0])))
	for range 300 {
		pictures, err := screen.Take(context.Background(), screen.Display{X11: at})
		w.ts.Check(err)
		if _, err := qr.Read(context.Background(), pictures[0]); err == nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	w.ts.Fatalf("%s is not shown", args[0])
}

// A handheld camera stands in for the hardware: it sees one text's code after
// the other, as somebody holds them before it.
type handheld struct {
	frames [][]byte
	on     atomic.Int32
}

const handheldSide = 400

func newHandheld(t *testing.T, texts ...string) *handheld {
	t.Helper()
	h := &handheld{}
	for _, text := range append([]string{""}, texts...) {
		view := image.NewGray(image.Rect(0, 0, handheldSide, handheldSide))
		draw.Draw(view, view.Rect, image.White, image.Point{}, draw.Src)
		if text != "" {
			drawing, err := qr.Draw(text)
			if err != nil {
				t.Fatal(err)
			}
			draw.Draw(view, view.Rect, paint(drawing.Side(), drawing.Side(), drawing.Dark), image.Point{}, draw.Src)
		}
		var frame []byte
		for _, light := range view.Pix {
			frame = append(frame, light, 128)
		}
		h.frames = append(h.frames, frame)
	}
	return h
}

func (h *handheld) List() ([]camera.Camera, error) {
	return []camera.Camera{{ID: "video0", Name: "Front"}}, nil
}

func (h *handheld) Open(camera.ID) (camera.Source, error) {
	h.on.Add(1)
	return &view{h: h}, nil
}

type view struct {
	h *handheld
	n int
}

func (v *view) Format() camera.Format {
	return camera.Format{Packing: camera.YUYV, Width: handheldSide, Height: handheldSide}
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
	v.h.on.Add(-1)
	return nil
}

// An export in three parts, as Google Authenticator shows them.
func TestTheCameraWaitsForAllParts(t *testing.T) {
	script, err := os.ReadFile("testdata/otpscan.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var exported []string
	for _, line := range strings.Fields(string(script)) {
		if strings.HasPrefix(line, "otpauth-migration://") {
			exported = append(exported, line)
		}
	}
	var said bytes.Buffer
	d := &desk{app: &app{err: &said}}
	in := intake.New()
	h := newHandheld(t, exported[0], "https://example.com", exported[0], exported[1], exported[2])
	if err := d.scanCamera(t.Context(), in, h, "1"); err != nil {
		t.Fatal(err)
	}
	if r := in.Reading(); !complete(r) || len(r.Found) != 3 {
		t.Errorf("%d found, %d exports", len(r.Found), len(r.Batches))
	}
	if h.on.Load() != 0 {
		t.Error("the camera is still on")
	}
	if !strings.Contains(said.String(), "of which these were not read: 2, 3") {
		t.Errorf("it says %s", said.String())
	}
}

func TestCtrlCTurnsTheCameraOff(t *testing.T) {
	d := &desk{app: &app{err: io.Discard}}
	h := newHandheld(t)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if err := d.scanCamera(ctx, intake.New(), h, "1"); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if h.on.Load() != 0 {
		t.Error("the camera is still on")
	}
}

func TestWhichCamera(t *testing.T) {
	d := &desk{app: &app{err: io.Discard}}
	for _, n := range []string{"0", "2", "-1", "front", ""} {
		h := newHandheld(t)
		err := d.scanCamera(t.Context(), intake.New(), h, n)
		if _, usage := errors.AsType[*usageError](err); !usage || h.on.Load() != 0 {
			t.Errorf("%q: %v", n, err)
		}
	}
}
