package app

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"slices"
	"testing"

	"golang.org/x/image/bmp"
)

// dib returns a bitmap as the clipboard of Windows has it.
func dib(t testing.TB, fields bool) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 5, 3))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	img.Set(1, 1, color.RGBA{200, 100, 50, 255})
	var out bytes.Buffer
	if err := bmp.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	data := out.Bytes()[14:]
	if !fields {
		return data
	}
	// 32 bits, with the masks after the header.
	le := binary.LittleEndian
	head := bytes.Clone(data[:40])
	le.PutUint16(head[14:], 32)
	le.PutUint32(head[16:], 3)
	body := []byte("\x00\x00\xff\x00\x00\xff\x00\x00\xff\x00\x00\x00")
	for y := range 3 {
		for x := range 5 {
			c := img.RGBAAt(x, 2-y)
			body = append(body, c.B, c.G, c.R, 0)
		}
	}
	return slices.Concat(head, body)
}

func TestABitmapOfWindows(t *testing.T) {
	for name, fields := range map[string]bool{"plain": false, "with masks": true} {
		img, err := bmp.Decode(bytes.NewReader(bmpOf(dib(t, fields))))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if r, g, b, _ := img.At(1, 1).RGBA(); img.Bounds().Dx() != 5 || r>>8 != 200 || g>>8 != 100 || b>>8 != 50 {
			t.Errorf("%s: %v of %v", name, img.At(1, 1), img.Bounds())
		}
	}
}

func FuzzBitmap(f *testing.F) {
	f.Add(dib(f, false))
	f.Add(dib(f, true))
	f.Add([]byte("x"))
	f.Fuzz(func(t *testing.T, data []byte) {
		before := bytes.Clone(data)
		if out := bmpOf(data); len(out) > len(data)+14 || !bytes.Equal(before, data) {
			t.Errorf("%d bytes of %d", len(out), len(data))
		}
	})
}
