package screen

import (
	"context"
	"encoding/binary"
	"errors"
	"image"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/xproto"

	"latchkey/backend/identity"
)

// split makes two monitors of an X server's screen, side by side.
func split(t *testing.T, display string, left, right image.Rectangle) {
	t.Helper()
	c, err := xgb.NewConnDisplay(display)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := randr.Init(c); err != nil {
		t.Fatal(err)
	}
	if _, err := randr.QueryVersion(c, 1, 5).Reply(); err != nil {
		t.Fatal(err)
	}
	root := xproto.Setup(c).DefaultScreen(c).Root
	outputs, err := randr.GetScreenResources(c, root).Reply()
	if err != nil {
		t.Fatal(err)
	}
	for i, place := range []image.Rectangle{left, right} {
		name := []string{"LEFT", "RIGHT"}[i]
		atom, err := xproto.InternAtom(c, false, uint16(len(name)), name).Reply()
		if err != nil {
			t.Fatal(err)
		}
		m := randr.MonitorInfo{
			Name: atom.Atom, X: int16(place.Min.X), Y: int16(place.Min.Y), Width: uint16(place.Dx()), Height: uint16(place.Dy()),
			WidthInMillimeters: 100, HeightInMillimeters: 100,
		}
		if i == 0 {
			m.NOutput, m.Outputs = 1, outputs.Outputs[:1]
		}
		if err := randr.SetMonitorChecked(c, root, m).Check(); err != nil {
			t.Fatal(err)
		}
	}
}

// until takes pictures until one is as wanted.
func until(t *testing.T, d Display, wanted func([]Picture) bool) {
	t.Helper()
	for range 300 {
		pictures, err := Take(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		if wanted(pictures) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("waited in vain")
}

func TestACodeOnTheSecondMonitorIsRead(t *testing.T) {
	needs(t, "display")
	display := startX(t, "1300x600x24")
	split(t, display, image.Rect(0, 0, 500, 600), image.Rect(500, 0, 1300, 500))
	d := Display{X11: display}
	pictures, err := Take(t.Context(), d)
	if err != nil || len(pictures) != 2 {
		t.Fatalf("%d pictures, %v", len(pictures), err)
	}
	for i, want := range []Picture{{Monitor: "LEFT", Image: image.NewGray(image.Rect(0, 0, 500, 600))}, {Monitor: "RIGHT", Image: image.NewGray(image.Rect(0, 0, 800, 500))}} {
		if p := pictures[i]; p.Monitor != want.Monitor || p.Bounds() != want.Bounds() {
			t.Errorf("picture %d is of %q, %v; want %q, %v", i, p.Monitor, p.Bounds(), want.Monitor, want.Bounds())
		}
		if found := texts(t, pictures[i]); found != nil {
			t.Errorf("picture %d has %q before it is shown", i, found)
		}
	}
	show := exec.Command("display", "-display", display, "-geometry", "+900+100", code(t, t.TempDir()))
	start(t, show)
	until(t, d, func(p []Picture) bool { return slices.Equal(texts(t, p[1]), []string{setup}) })
	pictures, err = Take(t.Context(), d)
	if err != nil || texts(t, pictures[0]) != nil {
		t.Errorf("the code is on the other monitor, too (%v)", err)
	}
}

func TestColoursAreWhereTheyAre(t *testing.T) {
	needs(t, "display", "convert")
	display := startX(t, "300x200x24")
	file := filepath.Join(t.TempDir(), "red.png")
	if out, err := exec.Command("convert", "-size", "300x200", "xc:#ff8001", file).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	start(t, exec.Command("display", "-display", display, "-geometry", "+0+0", file))
	until(t, Display{X11: display}, func(p []Picture) bool {
		r, g, b, _ := p[0].At(150, 100).RGBA()
		return r>>8 == 0xff && g>>8 == 0x80 && b>>8 == 0x01
	})
}

// A screen of 16 bits is told, not shown in wrong colours.
func TestAnotherDepthIsRefused(t *testing.T) {
	display := startX(t, "300x200x16")
	if _, err := Take(t.Context(), Display{X11: display}); !errors.Is(err, ErrFailed) {
		t.Errorf("error %v", err)
	}
}

func TestNoDisplay(t *testing.T) {
	for _, d := range []Display{{}, {X11: ":65000"}, {X11: "nonsense"}, {X11: "127.0.0.1:59000"}} {
		if _, err := Take(t.Context(), d); !errors.Is(err, ErrNoDisplay) {
			t.Errorf("%+v: %v", d, err)
		}
	}
}

// An X server that takes the call and says nothing, or nonsense, holds nobody
// up and brings nobody down.
func TestAHostileServer(t *testing.T) {
	hello := make([]byte, 8)
	hello[0] = 1 // success
	binary.LittleEndian.PutUint16(hello[2:], 11)
	binary.LittleEndian.PutUint16(hello[6:], 4) // words that follow; far too few
	for name, says := range map[string][]byte{"nothing": nil, "too little": append(hello, make([]byte, 16)...)} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			l, err := net.Listen("unix", filepath.Join(folder, "x:7"))
			if err != nil {
				t.Fatal(err)
			}
			served := make(chan struct{})
			go func() {
				defer close(served)
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					_, _ = c.Write(says)
					if says == nil {
						t.Cleanup(func() { _ = c.Close() })
						continue
					}
					_ = c.Close()
				}
			}()
			ctx, cancel := context.WithCancel(t.Context())
			if says == nil {
				time.AfterFunc(100*time.Millisecond, cancel)
			}
			defer cancel()
			_, err = Take(ctx, Display{X11: filepath.Join(folder, "x:7")})
			if err == nil || says != nil && identity.KindOf(err) != identity.Unavailable {
				t.Errorf("error %v", err)
			}
			_ = l.Close()
			<-served
		})
	}
}

func TestThePictureIsGone(t *testing.T) {
	folder := t.TempDir()
	name := code(t, folder)
	if _, err := takeFile(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(name); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file is still there: %v", err)
	}
}
