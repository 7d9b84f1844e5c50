package qr

import "math"

// A tie holds a place in the picture to one in the code. An edge of a module
// is known across its line only, so each of the two ways may be left open.
type tie struct {
	picture point
	code    point   // in modules
	x, y    float64 // how much the tie counts, in each of the code's ways
}

// A view is a perspective: it takes places in the picture to places in the
// code, or back. It is the 3 by 3 matrix, row by row, that does that to
// homogeneous coordinates.
type view [9]float64

func (v *view) of(p point) point {
	w := v[6]*p.x + v[7]*p.y + v[8]
	return point{(v[0]*p.x + v[1]*p.y + v[2]) / w, (v[3]*p.x + v[4]*p.y + v[5]) / w}
}

// inverse returns the way back, up to a factor, which does not matter.
func (v *view) inverse() view {
	return view{
		v[4]*v[8] - v[5]*v[7], v[2]*v[7] - v[1]*v[8], v[1]*v[5] - v[2]*v[4],
		v[5]*v[6] - v[3]*v[8], v[0]*v[8] - v[2]*v[6], v[2]*v[3] - v[0]*v[5],
		v[3]*v[7] - v[4]*v[6], v[1]*v[6] - v[0]*v[7], v[0]*v[4] - v[1]*v[3],
	}
}

// flatness is how strongly a fit tends to a picture without perspective, of
// which the corners of a code give a faint idea only.
const flatness = 0.02

// fit returns the view from picture to code that suits the ties best, by least
// squares. Both are brought to about one around the origin first, without
// which the sums lose their digits.
func fit(ties []tie, origin point, scale, modules float64) (view, bool) {
	var a [8][9]float64
	equation := func(row *[8]float64, value, weight float64) {
		for i := range 8 {
			if row[i] == 0 {
				continue
			}
			for j := range 8 {
				a[i][j] += weight * row[i] * row[j]
			}
			a[i][8] += weight * row[i] * value
		}
	}
	for _, t := range ties {
		p := t.picture.minus(origin).times(1 / scale)
		c := t.code.times(1 / modules)
		if t.x > 0 {
			equation(&[8]float64{p.x, p.y, 1, 0, 0, 0, -c.x * p.x, -c.x * p.y}, c.x, t.x)
		}
		if t.y > 0 {
			equation(&[8]float64{0, 0, 0, p.x, p.y, 1, -c.y * p.x, -c.y * p.y}, c.y, t.y)
		}
	}
	a[6][6] += flatness
	a[7][7] += flatness
	s, ok := solve(&a)
	if !ok {
		return view{}, false
	}
	// Undo what brought them to one: code = modules * S((picture - origin) / scale).
	v := view{s[0] * modules, s[1] * modules, s[2] * modules, s[3] * modules, s[4] * modules, s[5] * modules, s[6], s[7], 1}
	for r := 0; r < 9; r += 3 {
		v[r] /= scale
		v[r+1] /= scale
		v[r+2] -= v[r]*origin.x + v[r+1]*origin.y
	}
	return v, true
}

// solve solves eight equations, each with its value last, by elimination.
func solve(a *[8][9]float64) (out [8]float64, ok bool) {
	for i := range 8 {
		pivot := i
		for r := i + 1; r < 8; r++ {
			if math.Abs(a[r][i]) > math.Abs(a[pivot][i]) {
				pivot = r
			}
		}
		a[i], a[pivot] = a[pivot], a[i]
		if !(math.Abs(a[i][i]) > 1e-12) { // not a number is no pivot either
			return out, false
		}
		for r := i + 1; r < 8; r++ {
			f := a[r][i] / a[i][i]
			for c := i; c < 9; c++ {
				a[r][c] -= f * a[i][c]
			}
		}
	}
	for i := 7; i >= 0; i-- {
		out[i] = a[i][8]
		for c := i + 1; c < 8; c++ {
			out[i] -= a[i][c] * out[c]
		}
		out[i] /= a[i][i]
	}
	return out, true
}
