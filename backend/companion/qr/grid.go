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
	dimension int // modules of a side
	centres   []int
	ties      []tie
	toCode    view
	toPicture view
	found     []tie // alignment patterns
	bends     []point
}

// distance between the middle of a finder and the nearest sides of the code, in
// modules.
const toSide = 3.5

// finders returns where the middles of the three finders are in a code.
func middles(dimension int) [3]point {
	far := float64(dimension) - toSide
	return [3]point{{toSide, toSide}, {far, toSide}, {toSide, far}}
}

// A corner is what was measured around a finder: along rows and columns of the
// code, to and fro.
type corner struct {
	at       *finder
	along    [4]point // unit directions: right, left, down, up
	measured [4]edges
}

func (m *mask) measure(f *finder, right, down point) corner {
	c := corner{at: f, along: [4]point{right, right.times(-1), down, down.times(-1)}}
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
func (c *corner) sound() bool {
	good := 0
	for _, e := range c.measured {
		if e[1] > 0 && e[0] > 0.4*e[1] && e[0] < 0.78*e[1] {
			good++
		}
	}
	return good >= 3
}

// sizes returns how long a module is to the right and down.
func (c *corner) sizes() (right, down float64) {
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
func (c *corner) ties(middle point) []tie {
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
	corners := [3]corner{m.measure(t.corner, right, down), m.measure(t.right, right, down), m.measure(t.down, right, down)}
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

// align looks for the alignment patterns, from the finders outwards, and fits
// the views to each that is found: the far corner of a large code in
// perspective, or on paper that is not flat, is not where three corners say.
func (g *grid) align() {
	version, err := decoder.Version_GetVersionForNumber((g.dimension - 17) / 4)
	if err != nil {
		return
	}
	g.centres = version.GetAlignmentPatternCenters()
	type place struct {
		point
		far float64
	}
	corners := middles(g.dimension)
	var places []place
	for _, y := range g.centres {
		for _, x := range g.centres {
			p := place{point: point{float64(x) + 0.5, float64(y) + 0.5}, far: math.Inf(1)}
			for _, c := range corners {
				p.far = min(p.far, p.distance(c))
			}
			if p.far > 8 { // others would lie in the finders
				places = append(places, p)
			}
		}
	}
	slices.SortStableFunc(places, func(a, b place) int { return cmp.Compare(a.far, b.far) })
	for _, p := range places {
		far := p.far
		for _, f := range g.found {
			far = min(far, p.distance(f.code))
		}
		if at, ok := g.alignmentNear(p.point, min(1.5+0.08*far, 5)); ok {
			g.found = append(g.found, tie{picture: at, code: p.point, x: 4, y: 4})
			g.fit()
		}
	}
	g.bend()
}

// alignmentNear looks for an alignment pattern within some modules of where it
// should be: a dark square of five modules with a light one of three in it,
// and a dark module in the middle (ISO/IEC 18004, 6.3.6).
func (g *grid) alignmentNear(code point, within float64) (point, bool) {
	const fine = 2 // samples a module
	r := int(math.Ceil(within * fine))
	side := 2*(r+2*fine) + 1
	samples := make([]float64, side*side)
	for y := range side {
		for x := range side {
			samples[y*side+x] = g.brightness(code.plus(point{float64(x - side/2), float64(y - side/2)}.times(1.0 / fine)))
		}
	}
	best, bx, by := 0.0, 0, 0
	for y := -r; y <= r; y++ {
		for x := -r; x <= r; x++ {
			s := alignmentScore(func(i, j int) float64 {
				return samples[(side/2+y+j*fine)*side+side/2+x+i*fine]
			})
			if s -= 0.03 * math.Hypot(float64(x), float64(y)) / fine; s > best {
				best, bx, by = s, x, y
			}
		}
	}
	if best < leastAlignment {
		return point{}, false
	}
	return g.toPicture.of(g.refine(code.plus(point{float64(bx), float64(by)}.times(1.0 / fine)))), true
}

// refine moves a place to the middle of the alignment pattern there.
func (g *grid) refine(code point) point {
	const steps = 4 // of an eighth of a module, each way
	var scores [2*steps + 1][2*steps + 1]float64
	best := 0.0
	for y := range scores {
		for x := range scores[y] {
			at := code.plus(point{float64(x - steps), float64(y - steps)}.times(0.125))
			scores[y][x] = alignmentScore(func(i, j int) float64 { return g.brightness(at.plus(point{float64(i), float64(j)})) })
			best = max(best, scores[y][x])
		}
	}
	var sum point
	weight := 0.0
	for y := range scores {
		for x, s := range scores[y] {
			if w := s - 0.9*best; w > 0 {
				sum, weight = sum.plus(point{float64(x - steps), float64(y - steps)}.times(w)), weight+w
			}
		}
	}
	if weight == 0 {
		return code
	}
	return code.plus(sum.times(0.125 / weight))
}

// leastAlignment is how much of an alignment pattern must be seen.
const leastAlignment = 0.7

// alignmentScore compares five by five modules with an alignment pattern: 1 is
// the pattern itself, 0 is chance.
func alignmentScore(at func(i, j int) float64) float64 {
	var dark, light, sum, squares float64
	for j := -2; j <= 2; j++ {
		for i := -2; i <= 2; i++ {
			v := at(i, j)
			sum, squares = sum+v, squares+v*v
			if max(i, -i, j, -j) == 1 {
				light += v
			} else {
				dark += v
			}
		}
	}
	deviation := math.Sqrt(max(squares/25-sum*sum/625, 0))
	if deviation < 3 {
		return 0
	}
	// The correlation of the samples with the pattern, 17 dark and 8 light.
	return (light/8 - dark/17) * math.Sqrt(8.0/25*17.0/25) / deviation
}

// bend works out by how many modules the view is off at each alignment
// pattern and finder, which is what a lens does, and paper that is not flat.
func (g *grid) bend() {
	n := len(g.centres)
	if len(g.found) == 0 {
		return
	}
	g.bends = make([]point, n*n)
	known := make([]bool, n*n)
	for _, f := range g.found {
		i := slices.Index(g.centres, int(f.code.y))*n + slices.Index(g.centres, int(f.code.x))
		g.bends[i], known[i] = g.toCode.of(f.picture).minus(f.code), true
	}
	for i, middle := range middles(g.dimension) {
		at := [3]int{0, n - 1, (n - 1) * n}[i]
		f := [3]*finder{g.corner, g.right, g.down}[i]
		g.bends[at], known[at] = g.toCode.of(f.point).minus(middle), true
	}
	// Of those that were not found, the neighbours give an idea.
	for i := range g.bends {
		if known[i] {
			continue
		}
		var sum point
		count := 0.0
		for j := range g.bends {
			if known[j] && max(j%n-i%n, i%n-j%n, j/n-i/n, i/n-j/n) == 1 {
				sum, count = sum.plus(g.bends[j]), count+1
			}
		}
		if count > 0 {
			g.bends[i] = sum.times(1 / count)
		}
	}
}

// bentBy returns by how much the view is off at a place in the code, between
// the alignment patterns around it.
func (g *grid) bentBy(code point) point {
	n := len(g.centres)
	if g.bends == nil {
		return point{}
	}
	x, fx := g.between(code.x)
	y, fy := g.between(code.y)
	upper := g.bends[y*n+x].times(1 - fx).plus(g.bends[y*n+x+1].times(fx))
	lower := g.bends[(y+1)*n+x].times(1 - fx).plus(g.bends[(y+1)*n+x+1].times(fx))
	return upper.times(1 - fy).plus(lower.times(fy))
}

// between returns the last of the centres before a module, and how far it is on
// the way to the next.
func (g *grid) between(at float64) (int, float64) {
	at -= 0.5
	i := 0
	for i+2 < len(g.centres) && at > float64(g.centres[i+1]) {
		i++
	}
	from, to := float64(g.centres[i]), float64(g.centres[i+1])
	return i, min(max((at-from)/(to-from), -0.4), 1.4)
}
