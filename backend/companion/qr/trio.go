package qr

import (
	"cmp"
	"math"
	"slices"
)

// A trio is three finders that may be the corners of one code.
type trio struct {
	corner, right, down *finder // down is a quarter turn clockwise from right
	doubt               float64 // how far it is from a square, 0 is none
}

// mostTrios bounds how many trios of a picture are looked at.
const mostTrios = 200

// trios puts finders of a colour together, the likeliest first.
func trios(all []finder, light bool, step int) []trio {
	var fs []*finder
	for i := range all {
		if all[i].light == light && len(fs) < mostFinders {
			fs = append(fs, &all[i])
		}
	}
	doubts := make([]float64, len(fs))
	for i, f := range fs {
		doubts[i] = f.doubt(step)
	}
	best := shortlist{bar: math.Inf(1)}
	for i, corner := range fs {
		for j, a := range fs {
			if j == i || !alike(corner, a) {
				continue
			}
			for k := j + 1; k < len(fs); k++ {
				doubt := doubts[i] + doubts[j] + doubts[k]
				if doubt > best.bar {
					break // those that follow are the more doubtful ones
				}
				b := fs[k]
				if k == i || !alike(corner, b) || !alike(a, b) {
					continue
				}
				if t, ok := join(corner, a, b); ok {
					t.doubt += doubt
					best.add(t)
				}
			}
		}
	}
	best.cut()
	return best.trios
}

// A shortlist keeps the likeliest trios.
type shortlist struct {
	trios []trio
	bar   float64 // the doubt above which none gets in any more
}

func (s *shortlist) add(t trio) {
	if t.doubt > s.bar {
		return
	}
	if s.trios = append(s.trios, t); len(s.trios) >= 4*mostTrios {
		s.cut()
	}
}

func (s *shortlist) cut() {
	slices.SortStableFunc(s.trios, func(a, b trio) int { return cmp.Compare(a.doubt, b.doubt) })
	if len(s.trios) >= mostTrios {
		s.trios = s.trios[:mostTrios]
		s.bar = s.trios[mostTrios-1].doubt
	}
}

// alike reports whether two finders may belong to one code, by their size and
// distance. A side of a code is 21 to 177 modules long, and a turned finder
// seems up to 1.41 times as large.
func alike(a, b *finder) bool {
	large, small := max(a.size, b.size), min(a.size, b.size)
	if large > 2.2*small {
		return false
	}
	d := a.distance(b.point)
	return d > 8*small && d < 190*large*math.Sqrt2
}

func join(corner, a, b *finder) (trio, bool) {
	u, v := a.minus(corner.point), b.minus(corner.point)
	lu, lv := u.length(), v.length()
	cosine := math.Abs(u.dot(v)) / (lu * lv)
	stretch := math.Abs(math.Log(lu / lv))
	if cosine > 0.65 || stretch > 0.9 {
		return trio{}, false
	}
	t := trio{corner: corner, right: a, down: b}
	if u.cross(v) < 0 {
		t.right, t.down = b, a
	}
	size := max(corner.size, a.size, b.size) / min(corner.size, a.size, b.size)
	// Among the codes of a sheet, the finders of one are the closest.
	near := math.Log((lu + lv) / (a.size + b.size))
	t.doubt = cosine + stretch + math.Log(size) + 0.08*near
	return t, true
}

// edges is how far a finder's three borders are from its middle, along a
// direction; 0 where one was not found.
type edges [3]float64

// modulesToEdge is where they should be.
var modulesToEdge = [3]float64{1.5, 2.5, 3.5}

// edgesOf walks from a finder's middle, in steps of a part of a module, until
// the colour has changed three times.
func (m *mask) edgesOf(f *finder, way point) (out edges) {
	step := min(max(f.size/4, 0.35), 1)
	most := 6.5 * f.size
	found := 0
	var before float64 // how much it is the middle's colour; below 0 it is the other
	for d := 0.0; d < most; d += step {
		p := f.plus(way.times(d))
		if p.x < 0 || p.y < 0 || p.x > float64(m.w) || p.y > float64(m.h) {
			return out
		}
		inner := m.limitAt(p) - m.at(p.x, p.y)
		if f.light != (found == 1) {
			inner = -inner
		}
		if inner < 0 && d > 0 {
			out[found] = d - step*inner/(inner-before)
			if !(before > 0) { // where it did not start inside, the step is all that is known
				out[found] = d
			}
			found++
			if found == len(out) {
				return out
			}
			inner = -inner
		}
		before = inner
	}
	return out
}

// sizeAlong returns how long a module is along a direction, by the borders on
// both sides, or 0 if they were not found.
func sizeAlong(to, fro edges) float64 {
	switch {
	case to[2] > 0 && fro[2] > 0:
		return (to[2] + fro[2]) / 7
	case to[1] > 0 && fro[1] > 0:
		return (to[1] + fro[1]) / 5
	case to[0] > 0 && fro[0] > 0:
		return (to[0] + fro[0]) / 3
	}
	return 0
}
