package qr

// A mask says which pixels of a plane are dark: those below the limit of their
// block.
type mask struct {
	plane
	limits []byte // one for each block of 8 by 8 pixels, row by row
	across int    // blocks in a row of them
}

const (
	blockShift = 3
	blockSide  = 1 << blockShift
)

func (m *mask) dark(x, y int) bool {
	return m.pix[y*m.stride+x] < m.limits[(y>>blockShift)*m.across+x>>blockShift]
}

// limitAt returns the limit that holds at a place.
func (m *mask) limitAt(p point) float64 {
	x, y := min(max(int(p.x), 0), m.w-1), min(max(int(p.y), 0), m.h-1)
	return float64(m.limits[(y>>blockShift)*m.across+x>>blockShift])
}

// localMask draws the limit where the middle brightness around each block is.
// Only blocks in which the brightness differs by contrast count: what is plain
// says nothing about where dark begins. That makes it the same for a light code
// on dark as for a dark one on light.
func localMask(p plane, contrast int) *mask {
	m := &mask{plane: p, across: (p.w + blockSide - 1) >> blockShift}
	down := (p.h + blockSide - 1) >> blockShift
	sums := newSums(m.across, down)
	for by := range down {
		for bx := range m.across {
			if mean, differs := p.block(bx, by, contrast); differs {
				sums.set(bx, by, mean)
			}
		}
	}
	sums.add()
	all, ok := sums.mean(0, 0, m.across, down)
	if !ok {
		all = 128
	}
	m.limits = make([]byte, m.across*down)
	for by := range down {
		for bx := range m.across {
			limit := all
			for _, r := range [...]int{2, 6} { // blocks around
				if mean, ok := sums.mean(bx-r, by-r, bx+r+1, by+r+1); ok {
					limit = mean
					break
				}
			}
			m.limits[by*m.across+bx] = byte(limit)
		}
	}
	return m
}

// block returns the mean brightness of a block, and whether it differs by
// contrast within it.
func (p plane) block(bx, by, contrast int) (mean int, differs bool) {
	x0, y0 := bx<<blockShift, by<<blockShift
	x1, y1 := min(x0+blockSide, p.w), min(y0+blockSide, p.h)
	// Every second row of pixels tells as much in half the time, where modules
	// are not that small.
	step := 1
	if p.w*p.h > 1<<21 {
		step = 2
	}
	sum, n := 0, 0
	least, most := byte(255), byte(0)
	for y := y0; y < y1; y += step {
		for _, v := range p.pix[y*p.stride+x0 : y*p.stride+x1] {
			sum += int(v)
			least, most = min(least, v), max(most, v)
		}
		n += x1 - x0
	}
	return (sum + n/2) / n, int(most)-int(least) >= contrast
}

// globalMask draws one limit for the whole picture, which parts its pixels
// into two groups that differ the most (Otsu 1979).
func globalMask(p plane) *mask {
	var histogram [256]int
	for y := range p.h {
		for _, v := range p.row(y) {
			histogram[v]++
		}
	}
	m := &mask{plane: p, across: (p.w + blockSide - 1) >> blockShift}
	m.limits = make([]byte, m.across*((p.h+blockSide-1)>>blockShift))
	limit := split(histogram[:])
	for i := range m.limits {
		m.limits[i] = limit
	}
	return m
}

// split returns where a histogram parts best: the first value of the upper
// group.
func split(histogram []int) byte {
	total, sum := 0, 0
	for v, n := range histogram {
		total, sum = total+n, sum+v*n
	}
	below, sumBelow := 0, 0
	best, at := -1.0, 128
	for v, n := range histogram {
		if below > 0 && below < total {
			gap := float64(sumBelow)/float64(below) - float64(sum-sumBelow)/float64(total-below)
			if between := gap * gap * float64(below) * float64(total-below); between > best {
				best, at = between, v
			}
		}
		below, sumBelow = below+n, sumBelow+v*n
	}
	return byte(at)
}

// sums answers for the mean over any rectangle of a grid in which some cells
// have a value.
type sums struct {
	w, h        int
	total, have []int32 // of all cells above and to the left; a row and a column more than the grid
}

func newSums(w, h int) *sums {
	n := (w + 1) * (h + 1)
	return &sums{w: w, h: h, total: make([]int32, n), have: make([]int32, n)}
}

func (s *sums) set(x, y, value int) {
	i := (y+1)*(s.w+1) + x + 1
	s.total[i], s.have[i] = int32(value), 1
}

// add makes ready for mean, after the last set.
func (s *sums) add() {
	for y := 1; y <= s.h; y++ {
		for i := y*(s.w+1) + 1; i < (y+1)*(s.w+1); i++ {
			s.total[i] += s.total[i-1] + s.total[i-s.w-1] - s.total[i-s.w-2]
			s.have[i] += s.have[i-1] + s.have[i-s.w-1] - s.have[i-s.w-2]
		}
	}
}

// mean returns the mean of the values from (x0, y0) up to (x1, y1), or false if
// there are none.
func (s *sums) mean(x0, y0, x1, y1 int) (int, bool) {
	x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, s.w), min(y1, s.h)
	a, b, c, d := y0*(s.w+1)+x0, y0*(s.w+1)+x1, y1*(s.w+1)+x0, y1*(s.w+1)+x1
	n := int(s.have[d] - s.have[b] - s.have[c] + s.have[a])
	if n == 0 {
		return 0, false
	}
	return (int(s.total[d]-s.total[b]-s.total[c]+s.total[a]) + n/2) / n, true
}
