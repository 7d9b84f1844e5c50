package camera

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"latchkey/backend/companion/qr"
	"latchkey/backend/identity"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// cameras stands in for the hardware: frames come from frames, in turns, and
// then none does.
type cameras struct {
	list    []Camera
	listing error
	opening error
	format  Format
	frames  [][]byte
	fails   error // after the frames; nil: waits

	mu   sync.Mutex
	on   []ID // those that are on now
	most int  // at once
}

func (c *cameras) List() ([]Camera, error) { return c.list, c.listing }

func (c *cameras) Open(id ID) (Source, error) {
	if c.opening != nil {
		return nil, c.opening
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.on = append(c.on, id)
	c.most = max(c.most, len(c.on))
	return &source{c: c, id: id}, nil
}

func (c *cameras) lit() []ID {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.on)
}

type source struct {
	c  *cameras
	id ID
	n  int
}

func (s *source) Format() Format { return s.c.format }

func (s *source) Frame(ctx context.Context) ([]byte, error) {
	if s.n < len(s.c.frames) {
		s.n++
		return s.c.frames[s.n-1], nil
	}
	if s.c.fails != nil {
		return nil, s.c.fails
	}
	<-ctx.Done()
	return nil, ctx.Err()
}

func (s *source) Close() error {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	s.c.on = slices.DeleteFunc(s.c.on, func(id ID) bool { return id == s.id })
	return nil
}

// two returns two cameras that see the scene, after a frame that is cut off.
func two(t *testing.T) *cameras {
	frame := yuyv(scene(t), 0)
	return &cameras{
		list:   []Camera{{"video0", "Front"}, {"video2", "Desk"}},
		format: Format{YUYV, 640, 480, 1280}, frames: [][]byte{frame[:1000], frame},
	}
}

func TestACodeBeforeTheCamera(t *testing.T) {
	c := two(t)
	l := NewLens(c)
	if err := l.Open(""); err != nil {
		t.Fatal(err)
	}
	img, err := l.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	codes, err := qr.Read(t.Context(), img)
	if err != nil || codes[0].Text.Reveal() != setup {
		t.Errorf("%v, %v", codes, err)
	}
	if on := c.lit(); !slices.Equal(on, []ID{"video0"}) || !l.On() {
		t.Errorf("%v is on", on)
	}
	l.Close()
	if on := c.lit(); len(on) > 0 || l.On() {
		t.Errorf("%v is still on", on)
	}
	if _, err := l.Next(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("error %v", err)
	}
}

func TestOneAtATime(t *testing.T) {
	c := two(t)
	l := NewLens(c)
	for _, id := range []ID{"video0", "video2", "video0"} {
		if err := l.Open(id); err != nil {
			t.Fatal(err)
		}
		if on := c.lit(); !slices.Equal(on, []ID{id}) {
			t.Errorf("%v is on; want %s", on, id)
		}
	}
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() { _ = l.Open("video2") })
	}
	wait.Wait()
	l.Close()
	if on := c.lit(); len(on) > 0 {
		t.Errorf("%v is still on", on)
	}
}

// Whoever waits for a picture does not keep the camera on.
func TestClosingEndsTheWait(t *testing.T) {
	c := two(t)
	c.frames = nil
	l := NewLens(c)
	if err := l.Open("video0"); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() {
		_, err := l.Next(t.Context())
		ended <- err
	}()
	l.Close()
	if on := c.lit(); len(on) > 0 {
		t.Errorf("%v is still on", on)
	}
	if err := <-ended; !errors.Is(err, ErrClosed) {
		t.Errorf("error %v", err)
	}
}

func TestGivingUpLeavesItOn(t *testing.T) {
	c := two(t)
	c.frames = nil
	l := NewLens(c)
	if err := l.Open("video0"); err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Next(ctx); !errors.Is(err, context.Canceled) || !l.On() {
		t.Errorf("error %v, on %v", err, l.On())
	}
}

func TestWhatCanGoWrong(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*cameras)
		want   *identity.Error
	}{
		"no camera":      {func(c *cameras) { c.list = nil }, ErrNone},
		"not allowed":    {func(c *cameras) { c.list, c.listing = nil, ErrNotAllowed }, ErrNotAllowed},
		"elsewhere":      {func(c *cameras) { c.list, c.listing = nil, ErrElsewhere }, ErrElsewhere},
		"busy":           {func(c *cameras) { c.opening = ErrBusy }, ErrBusy},
		"odd":            {func(c *cameras) { c.opening = errors.New("odd") }, ErrFailed},
		"a lying format": {func(c *cameras) { c.format.Stride = 3 }, ErrUnsuitable},
		"unplugged":      {func(c *cameras) { c.frames, c.fails = nil, ErrGone }, ErrGone},
		"broken":         {func(c *cameras) { c.frames = make([][]byte, 2*mostBroken) }, ErrFailed},
	} {
		t.Run(name, func(t *testing.T) {
			hardware := two(t)
			c.change(hardware)
			l := NewLens(hardware)
			err := l.Open("")
			if err == nil {
				_, err = l.Next(t.Context())
			}
			if !errors.Is(err, c.want) {
				t.Errorf("error %v; want %v", err, c.want)
			}
			l.Close()
			if on := hardware.lit(); len(on) > 0 {
				t.Errorf("%v is still on", on)
			}
		})
	}
}
