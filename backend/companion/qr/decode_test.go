package qr

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"strings"
	"testing"

	"golang.org/x/image/bmp"
)

const text = "otpauth://totp/ACME:ann?secret=JBSWY3DPEHPK3PXP&issuer=ACME"

// code returns text's code, four pixels a module.
func code(t testing.TB) *image.Gray {
	t.Helper()
	d, err := Draw(text)
	if err != nil {
		t.Fatal(err)
	}
	const each = 4
	img := image.NewGray(image.Rect(0, 0, d.Side()*each, d.Side()*each))
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			if !d.Dark(x/each, y/each) {
				img.Pix[y*img.Stride+x] = 255
			}
		}
	}
	return img
}

// repaint draws a picture on another, pixel by pixel.
func repaint(to interface {
	image.Image
	Set(x, y int, c color.Color)
}, from image.Image,
) image.Image {
	b := to.Bounds()
	for y := range b.Dy() {
		for x := range b.Dx() {
			to.Set(b.Min.X+x, b.Min.Y+y, from.At(x, y))
		}
	}
	return to
}

func encoded(t testing.TB, encode func(io.Writer, image.Image) error, img image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func toJPEG(w io.Writer, img image.Image) error { return jpeg.Encode(w, img, nil) }
func toGIF(w io.Writer, img image.Image) error  { return gif.Encode(w, img, nil) }

// files returns text's code in the formats that can be written here.
func files(t testing.TB) map[string][]byte {
	t.Helper()
	img := code(t)
	return map[string][]byte{
		"png": encoded(t, png.Encode, img), "jpeg": encoded(t, toJPEG, img), "gif": encoded(t, toGIF, img), "bmp": encoded(t, bmp.Encode, img),
		"webp": lossless(t),
	}
}

func TestEveryKindOfPixels(t *testing.T) {
	plain := code(t)
	r := plain.Rect.Add(image.Pt(7, 3)) // which need not begin at 0
	for _, img := range []image.Image{
		plain,
		repaint(image.NewRGBA(r), plain), repaint(image.NewNRGBA(r), plain), repaint(image.NewRGBA64(r), plain), repaint(image.NewNRGBA64(r), plain),
		repaint(image.NewGray(r), plain), repaint(image.NewGray16(r), plain), repaint(image.NewCMYK(r), plain),
		repaint(image.NewPaletted(r, color.Palette{color.Black, color.White}), plain),
		struct{ image.Image }{plain},
		repaint(image.NewRGBA(r), plain).(*image.RGBA).SubImage(r.Inset(4)),
	} {
		codes, err := Read(t.Context(), img)
		if err != nil || len(codes) != 1 || codes[0].Text.Reveal() != text {
			t.Errorf("%T reads as %d codes, %v", img, len(codes), err)
		}
	}
}

func TestTransparentPictures(t *testing.T) {
	plain := code(t)
	for name, ink := range map[string]color.NRGBA{"dark": {0, 0, 0, 255}, "light": {255, 255, 255, 255}} {
		img := image.NewNRGBA(plain.Rect)
		for y := range plain.Rect.Dy() {
			for x := range plain.Rect.Dx() {
				if plain.GrayAt(x, y).Y == 0 {
					img.SetNRGBA(x, y, ink)
				}
			}
		}
		palette := repaint(image.NewPaletted(plain.Rect, color.Palette{color.Transparent, ink}), img)
		for _, img := range []image.Image{img, repaint(image.NewRGBA(plain.Rect), img), repaint(image.NewNRGBA64(plain.Rect), img), palette} {
			if codes, err := Read(t.Context(), img); err != nil || len(codes) != 1 {
				t.Errorf("%s %T reads as %d codes, %v", name, img, len(codes), err)
			}
		}
	}
}

func TestFilesReadByTheirContent(t *testing.T) {
	for kind, data := range files(t) {
		if got := texts(t, data); len(got) != 1 || got[0] != text {
			t.Errorf("%s reads %q", kind, got)
		}
	}
}

func TestFilesThatAreCutOff(t *testing.T) {
	for kind, data := range files(t) {
		for _, n := range []int{1, 2, 8, 14, 20, 30, 60, len(data) / 2, len(data) - len(data)/8} {
			_, err := Decode(t.Context(), bytes.NewReader(data[:n]))
			if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrNotAnImage) {
				t.Errorf("%d of %d bytes of a %s: %v", n, len(data), kind, err)
			}
		}
	}
}

func TestWhatIsNoPicture(t *testing.T) {
	for _, tc := range []struct {
		content string
		want    error
		says    string
	}{
		{"", ErrEmpty, "empty"},
		{"otpauth://totp/ACME", ErrNotAnImage, "not a picture"},
		{"\x00", ErrNotAnImage, "not a picture"},
		{"%PDF-1.7\n", ErrFormat, "a PDF document"},
		{"\x00\x00\x00\x18ftypheic\x00\x00", ErrFormat, "HEIC"},
		{"\x00\x00\x00\x18ftypavif\x00\x00", ErrFormat, "AVIF"},
		{"\x00\x00\x00\x18ftypisom\x00\x00", ErrFormat, "a video"},
		{"  <svg xmlns=", ErrFormat, "an SVG drawing"},
		{"<?xml version=\"1.0\"?>\n<!-- x -->\n<svg>", ErrFormat, "an SVG drawing"},
		{"<?xml version=\"1.0\"?><html>", ErrNotAnImage, "not a picture"},
		{"RIFF\x00\x00\x00\x00WEBP", ErrDamaged, "damaged"},
		{"RIFF\x00\x00\x00\x00WEBPANMF\xff\xff\xff\xff" + strings.Repeat("ANMF\xff\xff\xff\xff", 30), ErrDamaged, "damaged"},
		{strings.Repeat("x", MostBytes+1), ErrFileLarge, "too large"},
	} {
		_, err := Decode(t.Context(), strings.NewReader(tc.content))
		wantError(t, err, tc.want)
		if err != nil && !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%.20q: %v", tc.content, err)
		}
	}
}

func TestSmallPictures(t *testing.T) {
	for _, side := range []int{1, 20, 60} {
		data := encoded(t, png.Encode, image.NewGray(image.Rect(0, 0, side, side)))
		_, err := Decode(t.Context(), bytes.NewReader(data))
		wantError(t, err, ErrSmall)
	}
	_, err := Read(t.Context(), image.NewGray(image.Rect(0, 0, 60, 60)))
	if err == nil || !strings.Contains(err.Error(), "60 by 60 pixels") {
		t.Errorf("got %v", err)
	}
	_, err = Read(t.Context(), image.NewGray(image.Rectangle{}))
	wantError(t, err, ErrSmall)
	_, err = Read(t.Context(), image.NewGray(image.Rect(0, 0, 400, 300)))
	wantError(t, err, ErrNone)
}

// A code of which too much is spoilt is not the same as none.
func TestSpoiltCodeIsSeen(t *testing.T) {
	img := code(t)
	for y := 18 * 4; y < 29*4; y++ {
		for x := 16 * 4; x < 40*4; x++ {
			img.SetGray(x, y, color.Gray{255})
		}
	}
	_, err := Read(t.Context(), img)
	wantError(t, err, ErrUnreadable)
}

// pngChunk appends a chunk (PNG, 5.3).
func pngChunk(to []byte, name string, data []byte) []byte {
	to = binary.BigEndian.AppendUint32(to, uint32(len(data)))
	body := append([]byte(name), data...)
	return binary.BigEndian.AppendUint32(append(to, body...), crc32.ChecksumIEEE(body))
}

// pngOf returns a PNG that says it is so large, with data for its pixels.
func pngOf(w, h uint32, bits, colours byte, pixels []byte) []byte {
	header := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	out := pngChunk([]byte("\x89PNG\r\n\x1a\n"), "IHDR", append(header, bits, colours, 0, 0, 0))
	return pngChunk(pngChunk(out, "IDAT", pixels), "IEND", nil)
}

func zeros(t testing.TB, n int64) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	if _, err := io.CopyN(z, zeroReader{}, n); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// Pictures that say that they are huge are refused before they take memory.
func TestPicturesThatWouldFillTheMemory(t *testing.T) {
	jpegOf := func(marker byte, w, h uint16) []byte {
		out := []byte{0xff, 0xd8, 0xff, marker, 0, 17, 8}
		out = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(out, h), w)
		return append(out, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 0xff, 0xda, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0)
	}
	gifOf := func(w, h uint16) []byte {
		out := binary.LittleEndian.AppendUint16([]byte("GIF89a"), w)
		return append(binary.LittleEndian.AppendUint16(out, h), 0, 0, 0, ',')
	}
	bmpOf := func(w, h uint32) []byte {
		data := encoded(t, bmp.Encode, image.NewRGBA(image.Rect(0, 0, 1, 1)))
		binary.LittleEndian.PutUint32(data[18:], w)
		binary.LittleEndian.PutUint32(data[22:], h)
		return data
	}
	for _, tc := range []struct {
		name string
		data []byte
		want error
	}{
		{"PNG of 30,000 by 30,000", pngOf(30_000, 30_000, 8, 6, nil), ErrLarge},
		{"PNG of 2^31 - 1", pngOf(math.MaxInt32, math.MaxInt32, 1, 0, nil), ErrLarge},
		{"PNG that is long and thin", pngOf(30_001, 40, 1, 0, nil), ErrLarge},
		{"PNG of 16 bits", pngOf(9_999, 9_999, 16, 6, nil), ErrDamaged},
		{"PNG that holds less than it says", pngOf(9_999, 9_999, 8, 2, zeros(t, 1000)), ErrDamaged},
		{"PNG of no width", pngOf(0, 100, 8, 2, nil), ErrDamaged},
		{"JPEG of 65,535 by 65,535", jpegOf(0xc0, 65_535, 65_535), ErrLarge},
		{"progressive JPEG of 99 megapixels", jpegOf(0xc2, 9_999, 9_999), ErrLarge},
		{"GIF of 65,535 by 65,535", gifOf(65_535, 65_535), ErrLarge},
		{"BMP of 30,000 by 30,000", bmpOf(30_000, 30_000), ErrLarge},
		{"BMP that holds less than it says", bmpOf(9_000, 9_000), ErrDamaged},
	} {
		_, err := Decode(t.Context(), bytes.NewReader(tc.data))
		if !errors.Is(err, tc.want) {
			t.Errorf("%s: got %v, want %v", tc.name, err, tc.want)
		}
	}
}

// A small file that unfolds to a large picture is one that is read.
func TestPictureOfZeros(t *testing.T) {
	const w, h = 4_000, 3_000
	_, err := Decode(t.Context(), bytes.NewReader(pngOf(w, h, 1, 0, zeros(t, h*(w/8+1)))))
	wantError(t, err, ErrNone)
}

func TestContextEndsReading(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for kind, data := range files(t) {
		if _, err := Decode(ctx, bytes.NewReader(data)); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", kind, err)
		}
	}
	if _, err := Read(ctx, code(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// What is wrong with the place that a file comes from is not the picture's
// fault.
func TestReaderThatFails(t *testing.T) {
	broken := errors.New("the disk is gone")
	_, err := Decode(t.Context(), io.MultiReader(bytes.NewReader(files(t)["png"][:50]), failing{broken}))
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
