package qr

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/draw"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// exif puts a segment with an orientation into a JPEG, in either byte order.
func exif(data []byte, o orientation, order binary.AppendByteOrder, mark string) []byte {
	tiff := order.AppendUint16([]byte(mark), 42)
	tiff = order.AppendUint32(tiff, 8)
	tiff = order.AppendUint16(tiff, 2)
	for _, tag := range []uint16{0x010f, 0x0112} {
		tiff = order.AppendUint32(order.AppendUint16(order.AppendUint16(tiff, tag), 3), 1)
		tiff = order.AppendUint16(order.AppendUint16(tiff, uint16(o)), 0)
	}
	body := append([]byte("Exif\x00\x00"), order.AppendUint32(tiff, 0)...)
	out := binary.BigEndian.AppendUint16(append([]byte{}, 0xff, 0xd8, 0xff, 0xe1), uint16(len(body)+2))
	return append(append(out, body...), data[2:]...)
}

// A photo from a phone lies on its side and says so. Where its code is must be
// told in the picture as people see it, which ImageMagick shows.
func TestTurnedPhotos(t *testing.T) {
	needs(t, "convert")
	img := code(t)
	desk := image.NewGray(image.Rect(0, 0, 420, 260))
	draw.Draw(desk, desk.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(desk, img.Rect.Add(image.Pt(30, 70)), img, image.Point{}, draw.Src)
	stored := encoded(t, toJPEG, desk)
	for o := upright; o <= leftDown; o++ {
		order, mark := binary.AppendByteOrder(binary.BigEndian), "MM"
		if o%2 == 0 {
			order, mark = binary.LittleEndian, "II"
		}
		data := exif(stored, o, order, mark)
		path := filepath.Join(t.TempDir(), "a.jpg")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		shown, err := exec.CommandContext(t.Context(), "convert", path, "-auto-orient", "-strip", "png:-").Output()
		if err != nil {
			t.Fatal(err)
		}
		got, err := Decode(t.Context(), bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		want, err := Decode(t.Context(), bytes.NewReader(shown))
		if err != nil {
			t.Fatal(err)
		}
		if got.Width != want.Width || got.Height != want.Height {
			t.Errorf("orientation %d: %d by %d, want %d by %d", o, got.Width, got.Height, want.Width, want.Height)
		}
		for i, p := range got.Codes[0].Corners {
			if q := want.Codes[0].Corners[i]; math.Hypot(p.X-q.X, p.Y-q.Y) > 3 {
				t.Errorf("orientation %d: corner %d is at %.0f, want %.0f", o, i, p, q)
			}
		}
	}
}

func TestBrokenExif(t *testing.T) {
	whole := exif(encoded(t, toJPEG, code(t)), rightUp, binary.BigEndian, "MM")
	segment := jpegSegments(whole)[0].data[6:]
	if got := exifOrientation(segment); got != rightUp {
		t.Errorf("got %d", got)
	}
	for n := range len(segment) - 16 {
		if got := exifOrientation(segment[:n]); got != upright {
			t.Errorf("%d bytes say %d", n, got)
		}
	}
	far := bytes.Clone(segment)
	copy(far[4:], "\xff\xff\xff\xff")
	if got := exifOrientation(far); got != upright {
		t.Errorf("got %d", got)
	}
}

// Corners are told as the code has them, whichever way it lies.
func TestCornersOfTheCode(t *testing.T) {
	img := code(t)
	last := img.Rect.Dx() - 1
	turn := image.NewGray(img.Rect)
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			turn.Set(last-y, x, img.At(x, y))
		}
	}
	mirror := image.NewGray(img.Rect)
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			mirror.Set(last-x, y, img.At(x, y))
		}
	}
	near, far := 16.0, float64(img.Rect.Dx()-16) // within the quiet zone of four modules
	for name, tc := range map[string]struct {
		img  image.Image
		want [4]Point
	}{
		"upright":         {img, [4]Point{{near, near}, {far, near}, {far, far}, {near, far}}},
		"a quarter turn":  {turn, [4]Point{{far, near}, {far, far}, {near, far}, {near, near}}},
		"as in a mirror":  {mirror, [4]Point{{far, near}, {near, near}, {near, far}, {far, far}}},
		"part of another": {img.SubImage(img.Rect.Inset(8)), [4]Point{{near - 8, near - 8}, {far - 8, near - 8}, {far - 8, far - 8}, {near - 8, far - 8}}},
	} {
		codes, err := Read(t.Context(), tc.img)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for i, p := range codes[0].Corners {
			if math.Hypot(p.X-tc.want[i].X, p.Y-tc.want[i].Y) > 1.5 {
				t.Errorf("%s: corner %d is at %.1f, want %.1f", name, i, p, tc.want[i])
			}
		}
	}
}
