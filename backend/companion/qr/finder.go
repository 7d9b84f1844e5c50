package qr

import (
	"cmp"
	"math"
	"slices"
)

// A finder is one of the three squares in a code's corners: dark, light, dark
// around each other, or the other way round in an inverted code. A line through
// its middle in any direction meets runs of 1:1:3:1:1 (ISO/IEC 18004, 6.3.3).
type finder struct {
	point
	size  float64 // pixels of a module, seen along rows and columns
	light bool    // the outermost square is the light one
	hits  int     // rows that met it
	off   float64 // modules by which its runs differ from 1:1:3:1:1, beyond what pixels do
}

// mostFinders bounds how many finders of a colour are put together to codes.
// Text and foliage look like finders now and then.
const mostFinders = 120

// findFinders looks along the rows of a picture, best finders first. Both
// colours are looked for at once.
//
// Where a code lies on what is dark too, with no light border, its finders end
// in that on two sides. If loose, the outermost runs may be longer.
func findFinders(m *mask, loose bool) []finder {
	s := scan{mask: m, loose: loose, step: rowStep(m.h)}
	for y := s.step / 2; y < m.h; y += s.step {
		s.row(y)
	}
	s.sort()
	return s.found
}

// rowStep is how many rows there are from one that is looked at to the next.
func rowStep(height int) int {
	if height > 1200 {
		return 3
	}
	return 2
}

// doubt is how little a finder looks like one; 0 is none. The rows through its
// middle square all meet a real one.
func (f *finder) doubt(step int) float64 {
	return 0.35*f.off + 0.5*max(0, 1-float64(f.hits*step)/(2*f.size))
}

type scan struct {
	*mask
	loose bool
	step  int // from one row that is looked at to the next
	found []finder
}

// row looks at every five runs of pixels in a row.
func (s *scan) row(y int) {
	row := s.mask.row(y)
	limits := s.limits[(y>>blockShift)*s.across:][:s.across]
	dark := row[0] < limits[0]
	var ends [6]int // of the last runs, the newest last; a run begins where the one before ended
	for bx, limit := range limits {
		x0 := bx << blockShift
		for i, v := range row[x0:min(x0+blockSide, s.w)] {
			if (v < limit) == dark {
				continue
			}
			ends = [6]int{ends[1], ends[2], ends[3], ends[4], ends[5], x0 + i}
			s.look(&ends, y, !dark)
			dark = !dark
		}
	}
	ends = [6]int{ends[1], ends[2], ends[3], ends[4], ends[5], s.w}
	s.look(&ends, y, !dark)
}

// look takes five runs in row y for a finder if they and the pixels around
// agree.
func (s *scan) look(ends *[6]int, y int, light bool) {
	runs := [5]int{ends[1] - ends[0], ends[2] - ends[1], ends[3] - ends[2], ends[4] - ends[3], ends[5] - ends[4]}
	if s.loose {
		trim(&runs)
	}
	if !finderRuns(&runs) {
		return
	}
	width := runs[0] + runs[1] + runs[2] + runs[3] + runs[4]
	x := float64(ends[2]+ends[3]) / 2
	up, ok := s.across5(int(x), y, 0, 1, width, light)
	if !ok || s.known(point{x, float64(y) + 0.5}, float64(width)/7, light) {
		return
	}
	cy := float64(y) + 0.5 + up.shift
	if int(cy) < 0 || int(cy) >= s.h {
		return
	}
	along, ok := s.across5(int(x), int(cy), 1, 0, width, light)
	if !ok {
		return
	}
	cx := float64(int(x)) + 0.5 + along.shift
	if int(cx) < 0 || int(cx) >= s.w {
		return
	}
	_, falling := s.across5(int(cx), int(cy), 1, 1, 2*width, light)
	_, rising := s.across5(int(cx), int(cy), 1, -1, 2*width, light)
	if !falling && !rising {
		return
	}
	s.keep(finder{point: point{cx, cy}, size: (up.length + along.length) / 14, light: light, hits: 1, off: up.off + along.off})
}

// known counts a hit on a finder that was found in an earlier row, which saves
// looking around it again.
func (s *scan) known(p point, size float64, light bool) bool {
	for i := len(s.found) - 1; i >= 0; i-- {
		f := &s.found[i]
		if f.light == light && math.Abs(f.x-p.x) < f.size && math.Abs(f.y-p.y) < 2*f.size && size < 1.5*f.size && f.size < 1.5*size {
			f.hits++
			return true
		}
	}
	return false
}

func (s *scan) keep(f finder) {
	if s.known(f.point, f.size, f.light) {
		return
	}
	if s.found = append(s.found, f); len(s.found) >= 8*mostFinders {
		s.sort()
		s.found = s.found[:4*mostFinders]
	}
}

func (s *scan) sort() {
	slices.SortStableFunc(s.found, func(a, b finder) int { return cmp.Compare(a.doubt(s.step), b.doubt(s.step)) })
}

type across struct {
	length float64 // pixels, from end to end
	shift  float64 // from where it started to the middle
	off    float64 // modules
}

// across5 measures the five runs along a direction through a pixel, which must
// be in the middle one. They may take limit pixels in all.
func (s *scan) across5(x, y, dx, dy, limit int, light bool) (across, bool) {
	var runs [5]int
	before, after := 0, 0 // pixels of the middle run on either side
	for _, way := range [...]int{-1, 1} {
		px, py := x, y
		if way > 0 {
			px, py = x+dx, y+dy
		}
		run := 2
		inside := !light // whether the run is dark
		for n := 0; ; n++ {
			if n > limit || px < 0 || py < 0 || px >= s.w || py >= s.h {
				break
			}
			if s.dark(px, py) != inside {
				if run == 0 || run == 4 {
					break
				}
				run += way
				inside = !inside
			}
			runs[run]++
			if run == 2 && way < 0 {
				before++
			} else if run == 2 {
				after++
			}
			px, py = px+way*dx, py+way*dy
		}
	}
	if s.loose {
		trim(&runs)
	}
	if !finderRuns(&runs) {
		return across{}, false
	}
	total := runs[0] + runs[1] + runs[2] + runs[3] + runs[4]
	// The pixel that it started from is the last of those before.
	return across{length: float64(total), shift: float64(after-before+1) / 2, off: offBy(&runs)}, total >= 5
}

// trim cuts the outermost runs to a module.
func trim(runs *[5]int) {
	most := (runs[1] + runs[2] + runs[3] + 4) / 5
	runs[0], runs[4] = min(runs[0], most), min(runs[4], most)
}

// finderRuns reports whether five runs stand as 1:1:3:1:1, as far as pixels,
// blur and a line that misses the middle let them.
func finderRuns(runs *[5]int) bool {
	total := runs[0] + runs[1] + runs[2] + runs[3] + runs[4]
	if total < 7 || runs[2]*2 < runs[1]+runs[3] || 14*runs[2] < 3*total-7 || 14*runs[2] > 9*total+7 {
		return false
	}
	for _, i := range [...]int{0, 1, 3, 4} {
		if off := 7*runs[i] - total; runs[i] == 0 || 8*off > 5*total+32 || -8*off > 5*total+32 {
			return false
		}
	}
	return true
}

// offBy returns by how many modules five runs differ from 1:1:3:1:1, where a
// pixel more or less is no difference.
func offBy(runs *[5]int) (off float64) {
	size := float64(runs[0]+runs[1]+runs[2]+runs[3]+runs[4]) / 7
	for i, n := range runs {
		should := size
		if i == 2 {
			should = 3 * size
		}
		off += max(math.Abs(float64(n)-should)-1, 0) / size
	}
	return off
}
