package qr

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"iter"

	"golang.org/x/image/bmp"
)

// MostBytes bounds a picture's file.
const MostBytes = 64 << 20

// What a picture may take.
const (
	mostSide   = 30_000 // pixels
	mostPixels = 100_000_000
	mostMemory = 512 << 20 // bytes that the picture unfolds to
)

func tooLarge(w, h int) bool {
	return w > mostSide || h > mostSide || w*h > mostPixels
}

// Found is what was read from a picture's file.
type Found struct {
	// Width and Height are the picture's, in pixels, upright as programs show
	// it; the corners of codes are places in that.
	Width, Height int
	Codes         []Code
}

// Decode reads the codes in a picture's file, as Read does: a PNG, JPEG, WebP,
// GIF or BMP of at most 64 MiB. What kind it is shows in its content, not its
// name. Of a moving picture the first frames are looked at, until one has a
// code.
//
// The file is foreign: its dimensions are looked at before anything is made of
// them, and errors name what is wrong with it. Besides those of Read they are
// ErrFileLarge, ErrEmpty, ErrNotAnImage, ErrFormat and ErrDamaged. What a
// reader answers comes as it is.
func Decode(ctx context.Context, r io.Reader) (Found, error) {
	frames, turned, err := open(ctx, r)
	if err != nil {
		return Found{}, err
	}
	return readFrames(ctx, frames, turned)
}

// open decodes a picture's file.
func open(ctx context.Context, r io.Reader) (iter.Seq[image.Image], orientation, error) {
	data, err := io.ReadAll(io.LimitReader(&interruptible{ctx, r}, MostBytes+1))
	switch {
	case err != nil:
		return nil, upright, err
	case len(data) > MostBytes:
		return nil, upright, ErrFileLarge
	}
	f, err := formatOf(data)
	if err != nil {
		return nil, upright, err
	}
	if err := f.check(ctx); err != nil {
		return nil, upright, err
	}
	frames, err := f.frames(ctx)
	return frames, f.turned, err
}

// interruptible is a reader that ends with a context.
type interruptible struct {
	ctx context.Context
	r   io.Reader
}

func (i *interruptible) Read(p []byte) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	return i.r.Read(p)
}

// readFrames reads the first frame that has codes. If none has any, the error
// is that of the first.
func readFrames(ctx context.Context, frames iter.Seq[image.Image], turned orientation) (Found, error) {
	var first error
	for img := range frames {
		codes, err := Read(ctx, img)
		if err == nil {
			return turned.found(img.Bounds().Size(), codes), nil
		}
		if ctx.Err() != nil {
			return Found{}, err
		}
		if first == nil {
			first = err
		}
	}
	return Found{}, first
}

// A file is a picture's file, with how its kind is read.
type file struct {
	data   []byte
	turned orientation
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)                         // one picture, or
	moving func(context.Context, []byte) (iter.Seq[image.Image], error) // the first few of a moving one

	// least is how many bytes a file of so many pixels has at least, so that
	// one that is cut off, or made to fill the memory, is found out before it
	// does.
	least func(image.Config) int
	// unfolded is how many bytes it takes to decode, where its colours do not
	// tell.
	unfolded func([]byte) int
}

// check looks at what the file says about itself, before anything is made of
// it.
func (f *file) check(ctx context.Context) (err error) {
	defer survive(&err)
	config, err := f.config(bytes.NewReader(f.data))
	if err != nil {
		return damaged(ctx, err)
	}
	switch {
	case tooLarge(config.Width, config.Height):
		return ErrLarge
	case config.Width <= 0, config.Height <= 0, f.least != nil && f.least(config) > len(f.data):
		return ErrDamaged
	}
	unfolded := config.Width * config.Height * bytesOf(config.ColorModel)
	if f.unfolded != nil {
		unfolded = f.unfolded(f.data)
	}
	if unfolded > mostMemory {
		return ErrLarge
	}
	return nil
}

func (f *file) frames(ctx context.Context) (frames iter.Seq[image.Image], err error) {
	defer survive(&err)
	if f.moving != nil {
		return f.moving(ctx, f.data)
	}
	img, err := f.decode(&interruptible{ctx, bytes.NewReader(f.data)})
	if err != nil {
		return nil, damaged(ctx, err)
	}
	return func(yield func(image.Image) bool) { yield(img) }, nil
}

// survive takes a panic for a broken file. Decoders meet whatever strangers
// send; one that panics has met something new, which is not worth the program.
func survive(err *error) {
	if p := recover(); p != nil {
		*err = ErrDamaged.Because(fmt.Errorf("panic: %v", p))
	}
}

// damaged is the error for a file that a decoder gave up on.
func damaged(ctx context.Context, err error) error {
	var unsupportedPNG png.UnsupportedError
	var unsupportedJPEG jpeg.UnsupportedError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, png.UnsupportedError("dimension overflow")):
		return ErrLarge.Because(err)
	case errors.As(err, &unsupportedPNG), errors.As(err, &unsupportedJPEG), errors.Is(err, bmp.ErrUnsupported):
		return format("an unusual kind of picture").Because(err)
	}
	return ErrDamaged.Because(err)
}

// bytesOf returns how many bytes a pixel takes in memory.
func bytesOf(m color.Model) int {
	switch m {
	case color.GrayModel, color.AlphaModel:
		return 1
	case color.Gray16Model, color.Alpha16Model:
		return 2
	case color.YCbCrModel:
		return 3
	case color.RGBA64Model, color.NRGBA64Model:
		return 8
	}
	if _, ok := m.(color.Palette); ok {
		return 1
	}
	return 4
}
