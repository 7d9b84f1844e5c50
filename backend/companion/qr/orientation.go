package qr

import "image"

// An orientation says which sides of a stored picture are its upper and left
// one when it is shown, in Exif's numbers: the first row of pixels is the upper
// side and the first column the left one, and so on.
type orientation int

const (
	upright orientation = iota + 1
	upRight
	downRight
	downLeft
	leftUp
	rightUp
	rightDown
	leftDown
)

// found brings codes from a stored picture of some size to the one that is
// shown. The codes themselves read the same either way.
func (o orientation) found(size image.Point, codes []Code) Found {
	out := Found{Width: size.X, Height: size.Y, Codes: codes}
	if o >= leftUp {
		out.Width, out.Height = size.Y, size.X
	}
	for i := range codes {
		for k, p := range codes[i].Corners {
			codes[i].Corners[k] = o.shown(p, float64(size.X), float64(size.Y))
		}
	}
	return out
}

func (o orientation) shown(p Point, w, h float64) Point {
	switch o {
	case upRight:
		return Point{w - p.X, p.Y}
	case downRight:
		return Point{w - p.X, h - p.Y}
	case downLeft:
		return Point{p.X, h - p.Y}
	case leftUp:
		return Point{p.Y, p.X}
	case rightUp:
		return Point{h - p.Y, p.X}
	case rightDown:
		return Point{h - p.Y, w - p.X}
	case leftDown:
		return Point{p.Y, w - p.X}
	case upright:
	}
	return p
}

// stored is the inverse of shown, for a place in fractions of the sides.
func (o orientation) stored(p Point) Point {
	switch o { //nolint:exhaustive // the others are their own inverse
	case rightUp:
		o = leftDown
	case leftDown:
		o = rightUp
	}
	return o.shown(p, 1, 1)
}

// upright turns a small picture to how it is shown.
func (o orientation) upright(img *image.RGBA) image.Image {
	if o == upright {
		return img
	}
	w, h := img.Rect.Dx(), img.Rect.Dy()
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	if o >= leftUp {
		out = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			// The middle of a pixel comes to the middle of another.
			to := o.shown(Point{float64(x) + 0.5, float64(y) + 0.5}, float64(w), float64(h))
			out.SetRGBA(int(to.X), int(to.Y), img.RGBAAt(x, y))
		}
	}
	return out
}
