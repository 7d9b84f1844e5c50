package camera

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
)

// A Packing is how a frame's pixels are packed.
type Packing int

// The packings that are read. Nearly every camera has one of them.
const (
	MJPEG Packing = iota + 1 // a JPEG each
	YUYV                     // brightness of two pixels, and a colour for both (4:2:2)
)

// A Format says how a camera's frames are packed.
type Format struct {
	Packing       Packing
	Width, Height int
	Stride        int // bytes of a row, with YUYV; 0 means as many as its pixels take
}

// mostSide is how many pixels a side of a frame may have.
const mostSide = 4096

// check refuses what a camera must not say of itself.
func (f Format) check() error {
	if f.Width < 2 || f.Height < 1 || f.Width > mostSide || f.Height > mostSide {
		return fmt.Errorf("frames of %d by %d", f.Width, f.Height)
	}
	switch f.Packing {
	case MJPEG:
		return nil
	case YUYV:
		if f.Stride != 0 && (f.Stride < f.rowBytes() || f.Stride > 8*mostSide) {
			return fmt.Errorf("%d bytes for a row of %d pixels", f.Stride, f.Width)
		}
		return nil
	}
	return fmt.Errorf("packing %d", f.Packing)
}

// rowBytes is how many bytes the pixels of a row take: two pixels four.
func (f Format) rowBytes() int { return (f.Width + 1) / 2 * 4 }

// decode makes a picture of a frame, which is not kept.
func (f Format) decode(frame []byte) (image.Image, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	if f.Packing == MJPEG {
		return decodeMJPEG(frame)
	}
	return f.decodeYUYV(frame)
}

// decodeYUYV takes the pairs of pixels apart: Y0 U Y1 V.
func (f Format) decodeYUYV(frame []byte) (image.Image, error) {
	stride := max(f.Stride, f.rowBytes())
	if len(frame) < stride*(f.Height-1)+f.rowBytes() {
		return nil, errors.New("frame is cut off")
	}
	img := image.NewYCbCr(image.Rect(0, 0, f.Width, f.Height), image.YCbCrSubsampleRatio422)
	for y := range f.Height {
		row := frame[y*stride:][:f.rowBytes()]
		light, cb, cr := img.Y[y*img.YStride:], img.Cb[y*img.CStride:], img.Cr[y*img.CStride:]
		for i := 0; i < len(row); i += 4 {
			x := i / 2
			light[x] = row[i]
			if x+1 < f.Width {
				light[x+1] = row[i+2]
			}
			cb[x/2], cr[x/2] = row[i+1], row[i+3]
		}
	}
	return img, nil
}

// decodeMJPEG reads a JPEG whose Huffman tables may be missing: cameras leave
// them out, because they are always the same. Its size is looked at before
// anything is made of it.
func decodeMJPEG(frame []byte) (img image.Image, err error) {
	defer func() {
		if p := recover(); p != nil {
			img, err = nil, fmt.Errorf("panic: %v", p)
		}
	}()
	config, err := jpeg.DecodeConfig(bytes.NewReader(frame))
	if err != nil {
		return nil, err
	}
	if config.Width > mostSide || config.Height > mostSide {
		return nil, fmt.Errorf("frame of %d by %d", config.Width, config.Height)
	}
	return jpeg.Decode(bytes.NewReader(withTables(frame)))
}
