package qr

import "math"

// A plane is a grey picture: one byte a pixel, 0 is black. Places in it are in
// pixels from its upper left corner, so that the first pixel's middle is at
// (0.5, 0.5) and a place keeps its meaning when the picture is scaled.
type plane struct {
	pix    []byte
	stride int
	w, h   int
}

func newPlane(w, h int) plane { return plane{pix: make([]byte, w*h), stride: w, w: w, h: h} }

func (p plane) row(y int) []byte { return p.pix[y*p.stride:][:p.w] }

func (p plane) longer() int { return max(p.w, p.h) }

// at returns the brightness at a place, taken from the four pixels around it.
// Beyond the edges the picture goes on as it ends.
func (p plane) at(x, y float64) float64 {
	x, y = x-0.5, y-0.5
	if !(x > 0) { // not a number counts as 0
		x = 0
	}
	if !(y > 0) {
		y = 0
	}
	x, y = min(x, float64(p.w-1)), min(y, float64(p.h-1))
	x0, y0 := int(x), int(y)
	dx, dy := x-float64(x0), y-float64(y0)
	right, down := 1, p.stride
	if x0 == p.w-1 {
		right = 0
	}
	if y0 == p.h-1 {
		down = 0
	}
	i := y0*p.stride + x0
	upper := float64(p.pix[i])*(1-dx) + float64(p.pix[i+right])*dx
	lower := float64(p.pix[i+down])*(1-dx) + float64(p.pix[i+down+right])*dx
	return upper*(1-dy) + lower*dy
}

// half returns the picture at half the size: the mean of every two by two
// pixels.
func (p plane) half() plane {
	out := newPlane(p.w/2, p.h/2)
	for y := range out.h {
		a, b, to := p.row(2*y), p.row(2*y+1), out.row(y)
		for x := range to {
			to[x] = byte((int(a[2*x]) + int(a[2*x+1]) + int(b[2*x]) + int(b[2*x+1]) + 2) >> 2)
		}
	}
	return out
}

// twice returns the picture at double the size, with what lies between pixels
// filled in smoothly: a code whose modules are a pixel wide has none that a
// row of pixels would show.
func (p plane) twice() plane {
	out := newPlane(2*p.w, 2*p.h)
	for y := range out.h {
		to := out.row(y)
		for x := range to {
			to[x] = byte(p.at((float64(x)+0.5)/2, (float64(y)+0.5)/2) + 0.5)
		}
	}
	return out
}

// calm returns the picture with each pixel replaced by the mean of the nine
// around it, which takes out noise and the specks of a strongly packed JPEG.
func (p plane) calm() plane {
	out := newPlane(p.w, p.h)
	column := make([]int, p.w)
	for y := range p.h {
		a, b, c := p.row(max(y-1, 0)), p.row(y), p.row(min(y+1, p.h-1))
		for x := range column {
			column[x] = int(a[x]) + int(b[x]) + int(c[x])
		}
		to := out.row(y)
		for x := range to {
			to[x] = byte((column[max(x-1, 0)] + column[x] + column[min(x+1, p.w-1)] + 4) / 9)
		}
	}
	return out
}

// A point is a place in a picture, or in a code, where the unit is a module.
type point struct{ x, y float64 }

func (a point) plus(b point) point       { return point{a.x + b.x, a.y + b.y} }
func (a point) minus(b point) point      { return point{a.x - b.x, a.y - b.y} }
func (a point) times(f float64) point    { return point{a.x * f, a.y * f} }
func (a point) dot(b point) float64      { return a.x*b.x + a.y*b.y }
func (a point) cross(b point) float64    { return a.x*b.y - a.y*b.x }
func (a point) length() float64          { return math.Hypot(a.x, a.y) }
func (a point) distance(b point) float64 { return a.minus(b).length() }
