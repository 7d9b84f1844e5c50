package captcha

import (
	"crypto/sha3"
	"encoding/binary"
	"image"
	"math"
	"slices"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// A chance is the numbers that the look of one challenge stands for.
type chance struct{ bits *sha3.SHAKE }

func newChance(look [32]byte) chance {
	bits := sha3.NewSHAKE128()
	_, _ = bits.Write(look[:]) // does not fail
	return chance{bits}
}

// between returns a number from low to high.
func (c chance) between(low, high float64) float64 {
	var b [4]byte
	_, _ = c.bits.Read(b[:]) // does not fail
	return low + (high-low)*float64(binary.BigEndian.Uint32(b[:]))/math.MaxUint32
}

type point struct{ x, y float64 }

func toPoint(p fixed.Point26_6) point { return point{float64(p.X) / 64, float64(p.Y) / 64} }

// A sheet is drawn on in one ink. All that is drawn is bent by the same two
// waves, so that no letter has its usual shape.
type sheet struct {
	drawn *image.Alpha
	shape *vector.Rasterizer // what is not inked yet
	bend  func(point) point
}

func newSheet(c chance) *sheet {
	dx, dy := wave(c, 40, 80), wave(c, 60, 130)
	return &sheet{
		drawn: image.NewAlpha(image.Rect(0, 0, imageWidth, imageHeight)),
		shape: vector.NewRasterizer(imageWidth, imageHeight),
		bend:  func(p point) point { return point{p.x + dx(p.y), p.y + dy(p.x)} },
	}
}

// wave returns a swing of a few pixels with a length between the two.
func wave(c chance, short, long float64) func(float64) float64 {
	high, length, shift := c.between(2, 4.5), c.between(short, long), c.between(0, 2*math.Pi)
	return func(at float64) float64 { return high * math.Sin(2*math.Pi*at/length+shift) }
}

// ink fills what was drawn since, over what is there.
func (s *sheet) ink() {
	s.shape.Draw(s.drawn, s.drawn.Rect, image.Opaque, image.Point{})
	s.shape.Reset(imageWidth, imageHeight)
}

func (s *sheet) moveTo(p point) { p = s.bend(p); s.shape.MoveTo(float32(p.x), float32(p.y)) }
func (s *sheet) lineTo(p point) { p = s.bend(p); s.shape.LineTo(float32(p.x), float32(p.y)) }

// polygon adds the area between two lines that run side by side.
func (s *sheet) polygon(there, back []point) {
	s.moveTo(there[0])
	for _, p := range there[1:] {
		s.lineTo(p)
	}
	for _, p := range slices.Backward(back) {
		s.lineTo(p)
	}
	s.shape.ClosePath()
}

// path adds an outline, each of its points put where place says.
func (s *sheet) path(outline sfnt.Segments, place func(point) point) {
	var at point
	for i, seg := range outline {
		to := make([]point, 0, len(seg.Args))
		for _, p := range seg.Args {
			to = append(to, toPoint(p))
		}
		switch seg.Op {
		case sfnt.SegmentOpMoveTo:
			if i > 0 {
				s.shape.ClosePath()
			}
			at = to[0]
			s.moveTo(place(at))
		case sfnt.SegmentOpLineTo:
			at = s.curve(place, at, to[0])
		case sfnt.SegmentOpQuadTo:
			at = s.curve(place, at, to[0], to[1])
		case sfnt.SegmentOpCubeTo:
			at = s.curve(place, at, to[0], to[1], to[2])
		}
	}
	s.shape.ClosePath()
}

// curve adds a Bézier curve in pieces short enough to be bent, and returns
// where it ends.
func (s *sheet) curve(place func(point) point, ends ...point) point {
	const pieces = 6
	for i := 1; i <= pieces; i++ {
		s.lineTo(place(bezier(ends, float64(i)/pieces)))
	}
	return ends[len(ends)-1]
}

// bezier returns the point of a curve at t, from 0 to 1 (de Casteljau).
func bezier(ends []point, t float64) point {
	p := slices.Clone(ends)
	for n := len(p) - 1; n > 0; n-- {
		for i := range n {
			p[i] = point{p[i].x + t*(p[i+1].x-p[i].x), p[i].y + t*(p[i+1].y-p[i].y)}
		}
	}
	return p[0]
}
