package qr

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"testing"
	"unicode/utf8"

	"latchkey/backend/identity"
)

// Whatever the file, it is read or refused in words, and no code is outside its
// picture by much.
func FuzzDecode(f *testing.F) {
	seeds := files(f)
	seeds["moving gif"] = movie(f, 3, map[int]image.Image{1: code(f)}, image.Rect(0, 0, 60, 60))
	seeds["moving webp"] = animated(seeds["webp"], 164, 164)
	seeds["turned"] = exif(seeds["jpeg"], rightUp, binary.LittleEndian, "II")
	for _, data := range seeds {
		f.Add(data)
	}
	f.Add(pngOf(30_000, 30_000, 8, 6, nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		found, err := Decode(t.Context(), bytes.NewReader(data))
		if err != nil {
			if _, ok := errors.AsType[*identity.Error](err); !ok || len(found.Codes) > 0 {
				t.Errorf("%d codes and %v", len(found.Codes), err)
			}
			return
		}
		for _, c := range found.Codes {
			for _, p := range c.Corners {
				if !(p.X > -100 && p.Y > -100 && p.X < float64(found.Width)+100 && p.Y < float64(found.Height)+100) {
					t.Errorf("a corner is at %v of %d by %d", p, found.Width, found.Height)
				}
			}
		}
	})
}

// Any pixels at all end in codes or in words.
func FuzzRead(f *testing.F) {
	img := code(f)
	f.Add(uint16(img.Rect.Dx()), img.Pix)
	f.Fuzz(func(t *testing.T, width uint16, pix []byte) {
		w := max(int(width), 1)
		img := &image.Gray{Pix: pix, Stride: w, Rect: image.Rect(0, 0, w, len(pix)/w)}
		codes, err := Read(t.Context(), img)
		if _, ok := errors.AsType[*identity.Error](err); (err == nil) != (len(codes) > 0) || err != nil && !ok {
			t.Errorf("%d codes and %v", len(codes), err)
		}
	})
}

func FuzzDraw(f *testing.F) {
	f.Add(text)
	f.Add("Bäckerei 王")
	f.Fuzz(func(t *testing.T, text string) {
		d, err := Draw(text)
		if err != nil || !utf8.ValidString(text) {
			return
		}
		data, err := d.PNG(800)
		if err != nil {
			t.Fatal(err)
		}
		if got := texts(t, data); len(got) != 1 || got[0] != text {
			t.Errorf("%q reads as %q", text, got)
		}
	})
}
