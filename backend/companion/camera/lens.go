package camera

import (
	"context"
	"errors"
	"fmt"
	"image"
	"sync"
	"time"

	"latchkey/backend/identity"
)

// A Lens keeps at most one camera open. It is safe for concurrent use.
type Lens struct {
	devices Devices

	mu   sync.Mutex
	open *opened
}

// NewLens returns a Lens with every camera off.
func NewLens(d Devices) *Lens { return &Lens{devices: d} }

// An opened camera ends with its context.
type opened struct {
	source Source
	ctx    context.Context // ends when the camera is to be let go of
	end    context.CancelFunc
	use    sync.Mutex // held while a frame is waited for
}

// Cameras lists the cameras of this computer, at least one. Errors: ErrNone,
// ErrNotAllowed, ErrElsewhere.
func (l *Lens) Cameras() ([]Camera, error) {
	list, err := l.devices.List()
	if err == nil && len(list) == 0 {
		err = ErrNone
	}
	return list, explain(err)
}

// Open turns a camera on, and the one off that was on before. With the ID "" it
// is the first of Cameras.
func (l *Lens) Open(id ID) error {
	l.Close()
	if id == "" {
		list, err := l.Cameras()
		if err != nil {
			return err
		}
		id = list[0].ID
	}
	source, err := l.devices.Open(id)
	if err != nil {
		return explain(err)
	}
	if err := source.Format().check(); err != nil {
		return errors.Join(ErrUnsuitable.Because(err), source.Close())
	}
	ctx, end := context.WithCancel(context.Background())
	l.mu.Lock()
	before := l.open
	l.open = &opened{source: source, ctx: ctx, end: end}
	l.mu.Unlock()
	before.close() // of somebody who opened one meanwhile
	return nil
}

// Limits on waiting for a picture.
const (
	patience   = 10 * time.Second // some cameras take seconds to begin
	mostBroken = 30               // frames in a row, about a second
)

// Next waits for the next picture. A broken frame is passed over, as cameras
// send some when they begin. Errors: ErrClosed once the camera is off, ErrGone,
// ErrFailed, and the context's.
func (l *Lens) Next(ctx context.Context) (image.Image, error) {
	l.mu.Lock()
	o := l.open
	l.mu.Unlock()
	if o == nil {
		return nil, ErrClosed
	}
	o.use.Lock()
	defer o.use.Unlock()
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	defer context.AfterFunc(o.ctx, cancel)() //nolint:contextcheck // the camera being let go of ends the wait as well
	var broken error
	for range mostBroken {
		data, err := o.source.Frame(waiting)
		switch {
		case o.ctx.Err() != nil:
			return nil, ErrClosed
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			return nil, explain(err)
		}
		img, err := o.source.Format().decode(data)
		if err == nil {
			return img, nil
		}
		broken = err
	}
	return nil, ErrFailed.Because(fmt.Errorf("frame: %w", broken))
}

// Close turns the camera off, whoever waits for a picture. It returns when it
// is off.
func (l *Lens) Close() {
	l.mu.Lock()
	o := l.open
	l.open = nil
	l.mu.Unlock()
	o.close()
}

// On reports whether a camera is on.
func (l *Lens) On() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.open != nil
}

func (o *opened) close() {
	if o == nil {
		return
	}
	o.end()
	o.use.Lock()
	defer o.use.Unlock()
	_ = o.source.Close() // the device is closed whatever it says
}

// explain makes a refusal of an error that is none.
func explain(err error) error {
	if err != nil && identity.KindOf(err) == identity.Internal {
		return ErrFailed.Because(err)
	}
	return err
}
