package camera

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"testing"

	"latchkey/backend/companion/qr"
)

const setup = "otpauth://totp/ACME:ann?secret=JBSWY3DPEHPK3PXP&issuer=ACME"

// scene is what a camera sees: setup's code on grey.
func scene(t testing.TB) *image.Gray {
	t.Helper()
	drawing, err := qr.Draw(setup)
	if err != nil {
		t.Fatal(err)
	}
	const each = 5
	img := image.NewGray(image.Rect(0, 0, 640, 480))
	draw.Draw(img, img.Rect, image.NewUniform(color.Gray{Y: 200}), image.Point{}, draw.Src)
	for y := range drawing.Side() * each {
		for x := range drawing.Side() * each {
			c := color.Gray{Y: 230}
			if drawing.Dark(x/each, y/each) {
				c.Y = 30
			}
			img.SetGray(200+x, 100+y, c)
		}
	}
	return img
}

// yuyv packs a picture, with so many bytes of nothing after each row.
func yuyv(img *image.Gray, padding int) []byte {
	var out []byte
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			out = append(out, img.GrayAt(x, y).Y, 128)
		}
		out = append(out, bytes.Repeat([]byte{0xee}, padding)...)
	}
	return out
}

func jpegOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: 80}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// withoutTables takes the Huffman tables out of a JPEG, as many cameras do.
func withoutTables(t testing.TB, data []byte) []byte {
	t.Helper()
	out := bytes.Clone(data[:2])
	for at := 2; ; {
		size := 2 + int(data[at+2])<<8 + int(data[at+3])
		if data[at+1] == markerSOS {
			return append(out, data[at:]...)
		}
		if data[at+1] != markerDHT {
			out = append(out, data[at:at+size]...)
		}
		at += size
	}
}

func TestFramesAreRead(t *testing.T) {
	img := scene(t)
	colour := image.NewRGBA(img.Rect)
	draw.Draw(colour, colour.Rect, img, image.Point{}, draw.Src)
	if _, err := jpeg.Decode(bytes.NewReader(withoutTables(t, jpegOf(t, colour)))); err == nil {
		t.Fatal("a JPEG without tables is read anyway, so this tests nothing")
	}
	for name, c := range map[string]struct {
		format Format
		frame  []byte
	}{
		"YUYV":                      {Format{YUYV, 640, 480, 1280}, yuyv(img, 0)},
		"YUYV, no stride":           {Format{YUYV, 640, 480, 0}, yuyv(img, 0)},
		"YUYV, wide rows":           {Format{YUYV, 640, 480, 1312}, yuyv(img, 32)},
		"YUYV, more than announced": {Format{YUYV, 640, 480, 1280}, append(yuyv(img, 0), 1, 2, 3)},
		"JPEG":                      {Format{Packing: MJPEG, Width: 640, Height: 480}, jpegOf(t, colour)},
		"JPEG, no tables":           {Format{Packing: MJPEG, Width: 640, Height: 480}, withoutTables(t, jpegOf(t, colour))},
		"JPEG, grey, no tables":     {Format{Packing: MJPEG, Width: 640, Height: 480}, withoutTables(t, jpegOf(t, img))},
		"JPEG, padded":              {Format{Packing: MJPEG, Width: 640, Height: 480}, append(withoutTables(t, jpegOf(t, colour)), make([]byte, 5000)...)},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := c.format.decode(c.frame)
			if err != nil {
				t.Fatal(err)
			}
			codes, err := qr.Read(t.Context(), got)
			if err != nil || len(codes) != 1 || codes[0].Text.Reveal() != setup {
				t.Errorf("%d codes, %v", len(codes), err)
			}
		})
	}
}

func TestBrokenFrames(t *testing.T) {
	img := scene(t)
	whole := withoutTables(t, jpegOf(t, img))
	huge := bytes.Clone(jpegOf(t, img))
	at := bytes.Index(huge, []byte{0xff, 0xc0})
	copy(huge[at+5:], "\xff\xff\xff\xff") // its sides
	for name, c := range map[string]struct {
		format Format
		frame  []byte
	}{
		"nothing":           {Format{YUYV, 640, 480, 1280}, nil},
		"cut off":           {Format{YUYV, 640, 480, 1280}, yuyv(img, 0)[:640*480*2-1]},
		"rows too short":    {Format{YUYV, 640, 480, 640}, yuyv(img, 0)},
		"rows too long":     {Format{YUYV, 640, 480, 1 << 30}, yuyv(img, 0)},
		"negative":          {Format{YUYV, -640, 480, 0}, yuyv(img, 0)},
		"too wide":          {Format{YUYV, 1 << 20, 1 << 20, 0}, yuyv(img, 0)},
		"unknown":           {Format{0, 640, 480, 0}, yuyv(img, 0)},
		"no JPEG":           {Format{Packing: MJPEG, Width: 640, Height: 480}, []byte("GIF89a")},
		"JPEG cut off":      {Format{Packing: MJPEG, Width: 640, Height: 480}, whole[:len(whole)/2]},
		"JPEG of 65535":     {Format{Packing: MJPEG, Width: 640, Height: 480}, huge},
		"JPEG, begun":       {Format{Packing: MJPEG, Width: 640, Height: 480}, whole[:3]},
		"JPEG, long marker": {Format{Packing: MJPEG, Width: 640, Height: 480}, []byte("\xff\xd8\xff\xe0\xff\xff")},
	} {
		if _, err := c.format.decode(c.frame); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func FuzzDecode(f *testing.F) {
	img := scene(f).SubImage(image.Rect(0, 0, 32, 32)).(*image.Gray)
	f.Add(true, 32, 32, 0, withoutTables(f, jpegOf(f, img)))
	f.Add(true, 32, 32, 0, jpegOf(f, img))
	f.Add(false, 32, 32, 64, yuyv(img, 0))
	f.Add(false, 31, 3, 70, yuyv(img, 6))
	f.Fuzz(func(t *testing.T, compressed bool, w, h, stride int, frame []byte) {
		format := Format{YUYV, w, h, stride}
		if compressed {
			format.Packing = MJPEG
		}
		got, err := format.decode(frame)
		if (got == nil) == (err == nil) {
			t.Fatalf("%v, %v", got, err)
		}
		if err == nil && (got.Bounds().Dx() > mostSide || got.Bounds().Dy() > mostSide) {
			t.Fatalf("a picture of %v", got.Bounds())
		}
	})
}

func FuzzParseID(f *testing.F) {
	for _, text := range []string{"video0", "video10", "video00", "video", "../video0", "video1/../../x", "video65536", "video-1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		id, err := ParseID(text)
		if err == nil && (string(id) != text || len(text) > len("video65535") || bytes.ContainsAny([]byte(text), "/.+- ")) {
			t.Errorf("%q is an ID", text)
		}
	})
}

func TestParseID(t *testing.T) {
	for text, want := range map[string]bool{
		"video0": true, "video12": true, "": false, "video": false, "video01": false, "video+1": false, "../video0": false, "videoX": false, "Video0": false,
	} {
		if _, err := ParseID(text); (err == nil) != want {
			t.Errorf("%q: %v", text, err)
		}
	}
}
