package qr

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"
	"unicode/utf8"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"
)

// mostDrawn bounds the side of a drawn picture, in pixels.
const mostDrawn = 4096

// A Drawing is a QR code to show: its modules, with the quiet zone of four on
// each side that ISO/IEC 18004 asks for (6.3.8).
type Drawing struct {
	side int
	dark []bool
}

// Draw makes the code for a text, which may be what an authenticator is to
// keep: a drawing is as secret as its text. A seventh of it may be spoilt (error
// correction M). The text is read as UTF-8; ErrTextEmpty and ErrTextLong are
// what can be wrong with it.
func Draw(text string) (Drawing, error) {
	if text == "" {
		return Drawing{}, ErrTextEmpty
	}
	hints := map[gozxing.EncodeHintType]any{gozxing.EncodeHintType_ERROR_CORRECTION: decoder.ErrorCorrectionLevel_M}
	if !ascii(text) {
		hints[gozxing.EncodeHintType_CHARACTER_SET] = "UTF-8"
	}
	// At no size at all it comes with a pixel for each module.
	m, err := qrcode.NewQRCodeWriter().Encode(text, gozxing.BarcodeFormat_QR_CODE, 0, 0, hints)
	if err != nil {
		return Drawing{}, ErrTextLong.Because(err)
	}
	d := Drawing{side: m.GetWidth()}
	for y := range d.side {
		for x := range d.side {
			d.dark = append(d.dark, m.Get(x, y))
		}
	}
	return d, nil
}

func ascii(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// Side is how many modules the drawing is wide and high, with the quiet zone.
func (d Drawing) Side() int { return d.side }

// Dark reports whether a module is dark. Beyond the sides none is.
func (d Drawing) Dark(x, y int) bool {
	return x >= 0 && y >= 0 && x < d.side && y < d.side && d.dark[y*d.side+x]
}

// PNG draws it in black and white, at most px pixels wide and high: as many
// whole pixels for each module as fit, so that the edges are sharp, and one at
// least. More than 4,096 pixels are not drawn.
func (d Drawing) PNG(px int) ([]byte, error) {
	each := max(min(px, mostDrawn)/max(d.side, 1), 1)
	img := image.NewPaletted(image.Rect(0, 0, d.side*each, d.side*each), color.Palette{color.White, color.Black})
	for y := range img.Rect.Dy() {
		row := img.Pix[y*img.Stride:][:img.Stride]
		for x := range row {
			if d.Dark(x/each, y/each) {
				row[x] = 1
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		return nil, fmt.Errorf("write QR code: %w", err)
	}
	return out.Bytes(), nil
}

// SVG draws it as one path on a white square that fills the space it is given.
// A unit is a module.
func (d Drawing) SVG() string {
	var path strings.Builder
	for y := range d.side {
		for x := 0; x < d.side; x++ {
			from := x
			for d.Dark(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from, y, x-from, x-from)
			}
		}
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges">`+
		`<path fill="#fff" d="M0 0h%dv%dh-%dz"/><path d="%s"/></svg>`, d.side, d.side, d.side, d.side, d.side, path.String())
}
