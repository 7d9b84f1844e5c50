package qr

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"

	"golang.org/x/image/bmp"
	"golang.org/x/image/webp"
)

// formatOf says what kind of file it is, by how it begins.
func formatOf(data []byte) (*file, error) {
	f := &file{data: data, turned: upright}
	switch {
	case len(data) == 0:
		return nil, ErrEmpty
	case begins(data, "\x89PNG\r\n\x1a\n"):
		f.config, f.decode, f.least = png.DecodeConfig, png.Decode, leastPNG
	case begins(data, "\xff\xd8\xff"):
		f.config, f.decode, f.unfolded, f.turned = jpeg.DecodeConfig, jpeg.Decode, unfoldedJPEG, turnedJPEG(data)
	case begins(data, "GIF87a"), begins(data, "GIF89a"):
		f.config, f.moving = gif.DecodeConfig, gifFrames
	case begins(data, "RIFF????WEBP"):
		f.config, f.decode, f.data = webp.DecodeConfig, webp.Decode, webpPicture(data)
	case begins(data, "BM"):
		f.config, f.decode, f.least = bmp.DecodeConfig, bmp.Decode, leastBMP
	default:
		if name := nameOf(data); name != "" {
			return nil, format(name)
		}
		return nil, ErrNotAnImage
	}
	return f, nil
}

// Recognises reports whether a file is a picture, or what people take for one,
// such as a PDF document. It looks at no more than how the file begins.
func Recognises(data []byte) bool {
	_, err := formatOf(data)
	return !errors.Is(err, ErrNotAnImage) && !errors.Is(err, ErrEmpty)
}

// begins reports whether data begins like a pattern, in which ? is any byte.
func begins(data []byte, pattern string) bool {
	if len(data) < len(pattern) {
		return false
	}
	for i := range len(pattern) {
		if pattern[i] != '?' && pattern[i] != data[i] {
			return false
		}
	}
	return true
}

// nameOf names files that people take for pictures of QR codes, and that are
// not read.
func nameOf(data []byte) string {
	for _, known := range [...]struct{ pattern, name string }{
		{"%PDF-", "a PDF document"},
		{"????ftypavif", "an AVIF picture"},
		{"????ftyphe", "a HEIC photo, as iPhones take them"},
		{"????ftypmif1", "a HEIC photo, as iPhones take them"},
		{"????ftyp", "a video"},
		{"\x1a\x45\xdf\xa3", "a video"},
		{"II*\x00", "a TIFF picture"},
		{"MM\x00*", "a TIFF picture"},
		{"\x00\x00\x01\x00", "an icon file"},
		{"\xff\x0a", "a JPEG XL picture"},
		{"\x00\x00\x00\x0cJXL ", "a JPEG XL picture"},
		{"8BPS", "a Photoshop document"},
	} {
		if begins(data, known.pattern) {
			return known.name
		}
	}
	start := strings.ToLower(string(bytes.TrimLeft(data[:min(len(data), 1024)], "\ufeff \t\r\n")))
	if strings.HasPrefix(start, "<svg") || strings.HasPrefix(start, "<?xml") && strings.Contains(start, "<svg") {
		return "an SVG drawing"
	}
	return ""
}

// leastPNG is what a PNG's pixels take at least: deflate packs 1,032 bytes into
// one (RFC 1951: 258 bytes in two bits), and a pixel has a bit or more.
func leastPNG(c image.Config) int {
	bits := 1
	switch c.ColorModel {
	case color.RGBAModel, color.NRGBAModel:
		bits = 24
	case color.RGBA64Model, color.NRGBA64Model:
		bits = 48
	case color.Gray16Model:
		bits = 16
	}
	return c.Width / 8 * bits * c.Height / 1032
}

// leastBMP is what the pixels of a BMP take, of which only the kinds that are
// not packed are read.
func leastBMP(c image.Config) int {
	if _, ok := c.ColorModel.(color.Palette); ok {
		return c.Width * c.Height / 8
	}
	return c.Width * c.Height * 3
}
