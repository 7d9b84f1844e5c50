package qr

import (
	"cmp"
	"context"
	"image"
	"math"
	"slices"

	"latchkey/backend/internal/secret"
)

// A Code is a QR code that was read.
type Code struct {
	// Text is what it says. It is a secret, because that of an authenticator
	// is.
	Text secret.Text
	// Corners is where it is, in pixels of the picture: the code's own upper
	// left, upper right, lower right and lower left corner.
	Corners [4]Point
}

// A Point is a place in a picture, in pixels from its upper left corner.
type Point struct{ X, Y float64 }

// Read reads the codes in a picture, in the order in which one would read them.
// A code that is there twice is told once.
//
// It ends with ErrNone if there is none, ErrUnreadable if there is one that
// cannot be read, ErrSmall or ErrLarge by the size of the picture, and with the
// context's error once that is done. The work for a picture is bounded by its
// size.
func Read(ctx context.Context, img image.Image) ([]Code, error) {
	size := img.Bounds().Size()
	if tooLarge(size.X, size.Y) {
		return nil, ErrLarge
	}
	if size.X < smallest || size.Y < smallest {
		return nil, small(size.X, size.Y)
	}
	p, seeThrough := luma(img, 255)
	r := reader{ctx: ctx}
	r.climb(p)
	if seeThrough && len(r.codes) == 0 {
		// A light code on nothing was now light on light.
		p, _ = luma(img, 0)
		r.climb(p)
	}
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case len(r.codes) > 0:
		return inReadingOrder(r.codes), nil
	case max(size.X, size.Y) < 100:
		return nil, small(size.X, size.Y)
	case len(r.suspects) > 0:
		return nil, ErrUnreadable
	}
	return nil, ErrNone
}

// smallest is how many pixels a code of one pixel a module takes.
const smallest = 21

// A reader collects the codes of one picture.
type reader struct {
	ctx   context.Context
	codes []Code
	// suspects are the middles of what looks much like a code and was not read
	// at once.
	suspects []point
}

// climb goes up the ladder: what is quick and finds nearly all first, then what
// takes longer, for as long as there is reason to.
func (r *reader) climb(p plane) {
	levels := pyramid(p)
	for _, level := range levels {
		r.look(localMask(level, plainContrast), scaleOf(p, level), false)
		if r.ctx.Err() != nil {
			return
		}
	}
	for _, rung := range rungs() {
		for _, level := range levels {
			if r.satisfied() || r.ctx.Err() != nil {
				return
			}
			if m := rung(level); m.mask != nil {
				r.look(m.mask, scaleOf(p, m.plane), m.loose)
			}
		}
	}
}

// satisfied reports whether there is no reason to look any longer.
func (r *reader) satisfied() bool {
	return len(r.codes) > 0 && !slices.ContainsFunc(r.suspects, func(p point) bool { return !r.within(p) })
}

// within reports whether a place is in a code that was read.
func (r *reader) within(p point) bool {
	return slices.ContainsFunc(r.codes, func(c Code) bool { return c.holds(p) })
}

// attempt is a way to look at a picture; without a mask, it does not suit it.
type attempt struct {
	*mask
	loose bool
}

// rungs returns what is tried where a plain look is not enough, on each level
// of the pyramid: with noise taken out, with less contrast, with one limit for
// all, with finders that need no border, at double size. What takes long and
// helps small pictures is not done with large ones.
func rungs() []func(plane) attempt {
	return []func(plane) attempt{
		func(p plane) attempt {
			return attempt{mask: modest(p, func(p plane) *mask { return localMask(p.calm(), calmContrast) })}
		},
		func(p plane) attempt {
			return attempt{mask: modest(p, func(p plane) *mask { return localMask(p, leastContrast) })}
		},
		func(p plane) attempt { return attempt{mask: modest(p, globalMask)} },
		func(p plane) attempt {
			return attempt{mask: modest(p, func(p plane) *mask { return localMask(p, plainContrast) }), loose: true}
		},
		func(p plane) attempt {
			if p.longer() > 1200 {
				return attempt{}
			}
			return attempt{mask: localMask(p.twice(), plainContrast)}
		},
	}
}

// modest makes the mask of a picture of up to three megapixels.
func modest(p plane, make func(plane) *mask) *mask {
	if p.w*p.h > 3_000_000 {
		return nil
	}
	return make(p)
}

// How much brightness must differ around a code, of 255.
const (
	plainContrast = 24
	calmContrast  = 16 // where noise was taken out, and contrast with it
	leastContrast = 8
)

func scaleOf(p, level plane) float64 { return float64(p.w) / float64(level.w) }

// pyramid returns a picture in its size and in halves of it, down to where its
// longer side has less than a thousand pixels, the smallest first: the larger a
// module, the farther blur, noise and JPEG's blocks are from looking like one.
func pyramid(p plane) []plane {
	levels := []plane{p}
	for p.longer() >= 1000 && min(p.w, p.h) >= 2*smallest {
		p = p.half()
		levels = append(levels, p)
	}
	slices.Reverse(levels)
	return levels
}

// look reads what a mask shows of a picture that has scale times its size.
func (r *reader) look(m *mask, scale float64, loose bool) {
	finders := findFinders(m, loose)
	for _, light := range [...]bool{false, true} {
		for _, t := range trios(finders, light, rowStep(m.h)) {
			if r.ctx.Err() != nil {
				return
			}
			if !r.taken(t, scale) {
				r.try(m, t, scale)
			}
		}
	}
}

func (r *reader) try(m *mask, t trio, scale float64) {
	for _, g := range m.grids(t) {
		g.align()
		if s, ok := g.read(); ok {
			r.add(s, g.corners(scale))
			return
		}
		if g.timing > 0.9 && g.dimension > 21 || g.timing == 1 {
			r.suspects = append(r.suspects, t.right.plus(t.down.point).times(scale/2))
		}
	}
}

// corners returns where the corners of the code are, in the picture that has
// scale times the size.
func (g *grid) corners(scale float64) (out [4]Point) {
	n := float64(g.dimension)
	for i, c := range [4]point{{0, 0}, {n, 0}, {n, n}, {0, n}} {
		p := g.toPicture.of(c.plus(g.bentBy(c))).times(scale)
		out[i] = Point{p.x, p.y}
	}
	return out
}

func (r *reader) add(s symbol, corners [4]Point) {
	if s.mirrored {
		corners[1], corners[3] = corners[3], corners[1]
	}
	text := secret.New(s.text)
	if !slices.ContainsFunc(r.codes, func(c Code) bool { return c.Text == text }) {
		r.codes = append(r.codes, Code{Text: text, Corners: corners})
	}
}

// taken reports whether a finder of a trio lies in a code that was read.
func (r *reader) taken(t trio, scale float64) bool {
	return r.within(t.corner.times(scale)) || r.within(t.right.times(scale)) || r.within(t.down.times(scale))
}

// holds reports whether a place is within the code.
func (c *Code) holds(p point) bool {
	var left, right bool
	for i, a := range c.Corners {
		b := c.Corners[(i+1)%4]
		side := point{b.X - a.X, b.Y - a.Y}.cross(p.minus(point{a.X, a.Y}))
		left, right = left || side < 0, right || side > 0
	}
	return !left || !right
}

// inReadingOrder sorts codes from top to bottom and, where they stand in a row,
// from left to right.
func inReadingOrder(codes []Code) []Code {
	slices.SortStableFunc(codes, func(a, b Code) int { return cmp.Compare(a.middle().y, b.middle().y) })
	for from := 0; from < len(codes); {
		first := codes[from]
		height := math.Abs(first.Corners[2].Y-first.Corners[0].Y) / 2
		to := from + 1
		for to < len(codes) && codes[to].middle().y < first.middle().y+height {
			to++
		}
		slices.SortStableFunc(codes[from:to], func(a, b Code) int { return cmp.Compare(a.middle().x, b.middle().x) })
		from = to
	}
	return codes
}

func (c *Code) middle() (m point) {
	for _, p := range c.Corners {
		m = m.plus(point{p.X / 4, p.Y / 4})
	}
	return m
}
