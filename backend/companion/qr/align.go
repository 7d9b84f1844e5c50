package qr

import (
	"cmp"
	"math"
	"slices"

	"github.com/makiuchi-d/gozxing/qrcode/decoder"
)

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
