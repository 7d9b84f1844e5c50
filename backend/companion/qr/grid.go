package qr

import (
	"cmp"
	"math"
	"slices"

	"github.com/makiuchi-d/gozxing/qrcode/decoder"
)

// A grid knows where in a picture each module of a code is, by what it has
// found of the code so far.
type grid struct {
	*mask
	trio
	dimension int   // modules of a side
	centres   []int // of the alignment patterns, in either way
	ties      []tie
	toCode    view
	toPicture view
	found     []tie   // alignment patterns
	bends     []point // modules by which the view is off, for each two centres
}

// toSide is how many modules the middle of a finder is from the nearest sides of
// the code.
const toSide = 3.5

// middles returns where the middles of the three finders are in a code.
func middles(dimension int) [3]point {
	far := float64(dimension) - toSide
	return [3]point{{toSide, toSide}, {far, toSide}, {toSide, far}}
}

// borders is what was measured around a finder: along rows and columns of the
// code, to and fro.
type borders struct {
	at       *finder
	along    [4]point // unit directions: right, left, down, up
	measured [4]edges
}

func (m *mask) measure(f *finder, right, down point) borders {
	c := borders{at: f, along: [4]point{right, right.times(-1), down, down.times(-1)}}
	for i, way := range c.along {
		e := m.edgesOf(f, way)
		if e[2] > 1.7*e[1] { // the code's surroundings are as dark as it
			e[2] = 0
		}
		c.measured[i] = e
	}
	return c
}

// sound reports whether the borders are where a finder has them, on three sides
// at least.
func (c *borders) sound() bool {
	good := 0
	for _, e := range c.measured {
		if e[1] > 0 && e[0] > 0.4*e[1] && e[0] < 0.78*e[1] {
			good++
		}
	}
	return good >= 3
}

// sizes returns how long a module is to the right and down.
func (c *borders) sizes() (right, down float64) {
	right, down = sizeAlong(c.measured[0], c.measured[1]), sizeAlong(c.measured[2], c.measured[3])
	if right == 0 {
		right = c.at.size
	}
	if down == 0 {
		down = c.at.size
	}
	return right, down
}

// ties returns what the finder says, if its middle is at a place in the code.
func (c *borders) ties(middle point) []tie {
	out := []tie{{picture: c.at.point, code: middle, x: 0.3, y: 0.3}}
	for i, way := range [4]point{{1, 0}, {-1, 0}, {0, 1}, {0, -1}} {
		for k, d := range c.measured[i] {
			if d == 0 {
				continue
			}
			out = append(out, tie{
				picture: c.at.plus(c.along[i].times(d)),
				code:    middle.plus(way.times(modulesToEdge[k])),
				x:       math.Abs(way.x), y: math.Abs(way.y),
			})
		}
	}
	return out
}

// grids returns what the code may be whose corners a trio is, the likeliest
// first, each with how well the rows of alternating modules between the
// finders fit, from 0 to 1.
func (m *mask) grids(t trio) []candidate {
	right, down := t.right.minus(t.corner.point), t.down.minus(t.corner.point)
	wide, high := right.length(), down.length()
	right, down = right.times(1/wide), down.times(1/high)
	corners := [3]borders{m.measure(t.corner, right, down), m.measure(t.right, right, down), m.measure(t.down, right, down)}
	for i := range corners {
		if !corners[i].sound() {
			return nil
		}
	}
	// Between two places of a line in perspective there are as many modules as
	// their distance has of the geometric mean of the modules at both.
	a, b := corners[0].sizes()
	c, _ := corners[1].sizes()
	_, d := corners[2].sizes()
	across, along := wide/math.Sqrt(a*c), high/math.Sqrt(b*d)
	var out []candidate
	for _, dimension := range dimensions(across+7, along+7) {
		g := &grid{mask: m, trio: t, dimension: dimension}
		for i, middle := range middles(dimension) {
			g.ties = append(g.ties, corners[i].ties(middle)...)
		}
		if !g.fit() {
			continue
		}
		s := g.timing()
		if s < 1 && g.confirmed() {
			s = max(s, confirmedTiming)
		}
		if s >= leastTiming {
			out = append(out, candidate{g, s})
		}
	}
	slices.SortStableFunc(out, func(a, b candidate) int { return cmp.Compare(b.timing, a.timing) })
	return out[:min(len(out), 2)]
}

type candidate struct {
	*grid
	timing float64
}

// leastTiming is what must fit of the alternating modules. Half of them do by
// chance.
const (
	leastTiming     = 0.7
	confirmedTiming = 0.85 // what it is worth that a code says its version
)

// dimensions lists the sizes that a code can have near what was measured both
// ways, the nearest first.
func dimensions(across, along float64) []int {
	mean := (across + along) / 2
	spread := math.Abs(across-along)/2 + 3 + mean*0.05
	var out []int
	for d := 21; d <= 177; d += 4 {
		if math.Abs(float64(d)-mean) <= spread {
			out = append(out, d)
		}
	}
	slices.SortStableFunc(out, func(a, b int) int {
		return cmp.Compare(math.Abs(float64(a)-mean), math.Abs(float64(b)-mean))
	})
	return out[:min(len(out), 7)]
}

// fit makes the views from the ties and alignment patterns that are there.
func (g *grid) fit() bool {
	ties := slices.Concat(g.ties, g.found)
	scale := max(g.right.distance(g.corner.point), g.down.distance(g.corner.point))
	v, ok := fit(ties, g.corner.point, scale, float64(g.dimension))
	if !ok {
		return false
	}
	g.toCode, g.toPicture = v, v.inverse()
	return true
}

// brightness returns how bright the picture is at a place in the code, as if
// the code were dark on light.
func (g *grid) brightness(code point) float64 {
	p := g.toPicture.of(code)
	v := g.at(p.x, p.y)
	if g.corner.light {
		return 255 - v
	}
	return v
}

// timing returns how much of the timing patterns is seen: each of their modules
// differs from its neighbours in the known way (ISO/IEC 18004, 6.3.5).
func (g *grid) timing() float64 {
	good := 0
	for _, row := range [...]bool{true, false} {
		at := func(i int) float64 {
			if row {
				return g.brightness(point{float64(i) + 0.5, 6.5})
			}
			return g.brightness(point{6.5, float64(i) + 0.5})
		}
		before, here := at(6), at(7)
		for i := 7; i < g.dimension-7; i++ {
			after := at(i + 1)
			differs := (before+after)/2 - here // above 0 if it is darker than its neighbours
			if (i%2 == 0) == (differs > 0) && math.Abs(differs) > 2 {
				good++
			}
			before, here = here, after
		}
	}
	return float64(good) / float64(2*(g.dimension-14))
}

// confirmed reports whether one of the two places where a large code says its
// version (ISO/IEC 18004, 7.10) says the one that is supposed. They lie beside
// finders, so they are read even where a lens or the paper bends the lines
// between those.
func (g *grid) confirmed() bool {
	if g.dimension < 45 {
		return false
	}
	for _, right := range [...]bool{true, false} {
		bits := 0
		for j := 5; j >= 0; j-- {
			for i := g.dimension - 9; i >= g.dimension-11; i-- {
				p := point{float64(i) + 0.5, float64(j) + 0.5}
				if !right {
					p.x, p.y = p.y, p.x
				}
				bits <<= 1
				if g.isDark(p) {
					bits |= 1
				}
			}
		}
		if v, err := decoder.Version_decodeVersionInformation(bits); err == nil && v != nil && v.GetDimensionForVersion() == g.dimension {
			return true
		}
	}
	return false
}

// isDark reports whether a place in the code is dark, as if the code were dark
// on light.
func (g *grid) isDark(code point) bool {
	p := g.toPicture.of(code)
	return (g.at(p.x, p.y) < g.limitAt(p)) != g.corner.light
}
