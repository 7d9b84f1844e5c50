package qr

import (
	"strings"
	"unicode/utf8"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"
	"golang.org/x/text/encoding/unicode"
)

// modules returns how bright each module of the code is, row by row.
func (g *grid) modules() []float64 {
	n := g.dimension
	out := make([]float64, n*n)
	spots := []point{{}, {-0.22, -0.22}, {0.22, -0.22}, {-0.22, 0.22}, {0.22, 0.22}}
	size := g.right.distance(g.corner.point) / float64(n-7)
	if size < 2.5 {
		spots = spots[:1]
	}
	for y := range n {
		for x := range n {
			c := point{float64(x) + 0.5, float64(y) + 0.5}
			c = c.plus(g.bentBy(c))
			sum := 0.0
			for _, s := range spots {
				sum += g.brightness(c.plus(s))
			}
			out[y*n+x] = sum / float64(len(spots))
		}
	}
	return out
}

// limits returns what the picture's mask says is dark, module by module.
func (g *grid) limits() []float64 {
	n := g.dimension
	out := make([]float64, n*n)
	for y := range n {
		for x := range n {
			limit := g.limitAt(g.toPicture.of(point{float64(x) + 0.5, float64(y) + 0.5}))
			if g.corner.light {
				limit = 255 - limit
			}
			out[y*n+x] = limit
		}
	}
	return out
}

// surroundings returns the mean of the modules around each, within some
// modules.
func surroundings(values []float64, n, within int) []float64 {
	out := make([]float64, len(values))
	sums := newSums(n, n)
	for i, v := range values {
		sums.set(i%n, i/n, int(v*16))
	}
	sums.add()
	for i := range out {
		x, y := i%n, i/n
		mean, _ := sums.mean(x-within, y-within, x+within+1, y+within+1)
		out[i] = float64(mean) / 16
	}
	return out
}

// sharpen takes from each module what blur has brought to it from those beside
// it.
func sharpen(values []float64, n int) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		x, y := i%n, i/n
		around := values[y*n+max(x-1, 0)] + values[y*n+min(x+1, n-1)] + values[max(y-1, 0)*n+x] + values[min(y+1, n-1)*n+x]
		out[i] = v + 0.9*(v-around/4)
	}
	return out
}

// level returns the same limit for every module.
func level(values []float64) []float64 {
	var histogram [256]int
	for _, v := range values {
		histogram[byte(v)]++
	}
	limit := float64(split(histogram[:]))
	out := make([]float64, len(values))
	for i := range out {
		out[i] = limit
	}
	return out
}

// read reads the code, by what can be held for dark in turn.
func (g *grid) read() (symbol, bool) {
	n := g.dimension
	values := g.modules()
	if s, ok := decode(values, surroundings(values, n, 4), n); ok {
		return s, true
	}
	if s, ok := decode(values, g.limits(), n); ok {
		return s, true
	}
	sharp := sharpen(values, n)
	if s, ok := decode(sharp, surroundings(sharp, n, 5), n); ok {
		return s, true
	}
	return decode(values, level(values), n)
}

// A symbol is a code as its modules say it.
type symbol struct {
	text     string
	mirrored bool
}

// decode reads modules, dark where the value is below the limit. Bytes of which
// the code does not say what they are are taken for UTF-8, which all generators
// write today, and guessed only where they cannot be.
func decode(values, limits []float64, n int) (symbol, bool) {
	s, ok := decodeAs(blacken(values, limits, n), map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_CHARACTER_SET: unicode.UTF8})
	if ok && strings.ContainsRune(s.text, utf8.RuneError) {
		if guessed, ok := decodeAs(blacken(values, limits, n), nil); ok {
			return guessed, true
		}
	}
	return s, ok
}

func blacken(values, limits []float64, n int) *gozxing.BitMatrix {
	bits, err := gozxing.NewSquareBitMatrix(n)
	if err != nil {
		return nil
	}
	for i, v := range values {
		if v < limits[i] {
			bits.Set(i%n, i/n)
		}
	}
	return bits
}

// decodeAs reads modules, which it changes.
func decodeAs(bits *gozxing.BitMatrix, hints map[gozxing.DecodeHintType]any) (s symbol, ok bool) {
	// The library has read broken codes without a panic so far. One that it
	// has not seen must not end the program.
	defer func() {
		if recover() != nil {
			s, ok = symbol{}, false
		}
	}()
	result, err := decoder.NewDecoder().Decode(bits, hints)
	if err != nil {
		return symbol{}, false
	}
	meta, _ := result.GetOther().(*decoder.QRCodeDecoderMetaData)
	return symbol{text: result.GetText(), mirrored: meta != nil && meta.IsMirrored()}, true
}
