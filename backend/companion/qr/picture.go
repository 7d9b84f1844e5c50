package qr

import (
	"context"
	"image"
	"io"
	"math"

	"golang.org/x/image/draw"
)

// A Picture is one that was opened, to be shown and to be read in parts. Of a
// moving picture it is the first frame.
type Picture struct {
	img    image.Image
	turned orientation
}

// Open opens a picture's file, within the bounds and with the errors that
// Decode has before it looks for codes.
func Open(ctx context.Context, r io.Reader) (Picture, error) {
	frames, turned, err := open(ctx, r)
	if err != nil {
		return Picture{}, err
	}
	for img := range frames {
		return Picture{img, turned}, ctx.Err()
	}
	return Picture{}, ErrDamaged
}

// PictureOf makes a Picture of pixels that are upright.
func PictureOf(img image.Image) Picture { return Picture{img, upright} }

// Size is the picture's, in pixels, upright as programs show it.
func (p Picture) Size() image.Point {
	size := p.img.Bounds().Size()
	if p.turned >= leftUp {
		return image.Pt(size.Y, size.X)
	}
	return size
}

// Read reads the codes in the picture, as the function Read does.
func (p Picture) Read(ctx context.Context) (Found, error) {
	codes, err := Read(ctx, p.img)
	return p.turned.found(p.img.Bounds().Size(), codes), err
}

// An Area is a part of a picture as it is shown: in fractions of its width and
// height, from 0 to 1.
type Area struct{ Left, Top, Right, Bottom float64 }

// worthEnlarging is how long the longer side of a part is in pixels, up to
// which it is enlarged: there the pixels of modules are few, and what lies
// between them helps.
const worthEnlarging = 400

// Cut cuts out a part, with at least one pixel. A small one is enlarged and gets
// a plain border, as a person cuts close to the code.
func (p Picture) Cut(a Area) Picture {
	bounds := p.img.Bounds()
	w, h := float64(bounds.Dx()), float64(bounds.Dy())
	first, second := p.turned.stored(Point{within(a.Left), within(a.Top)}), p.turned.stored(Point{within(a.Right), within(a.Bottom)})
	part := image.Rect(
		int(math.Round(first.X*w)), int(math.Round(first.Y*h)),
		int(math.Round(second.X*w)), int(math.Round(second.Y*h)),
	)
	part.Max.X, part.Max.Y = max(part.Max.X, part.Min.X+1), max(part.Max.Y, part.Min.Y+1)
	part = part.Add(bounds.Min).Intersect(bounds)
	if part.Empty() { // beyond the last row or column
		part = image.Rectangle{Min: bounds.Max.Sub(image.Pt(1, 1)), Max: bounds.Max}
	}
	longer := max(part.Dx(), part.Dy())
	each := max(worthEnlarging/longer, 1)
	if longer > worthEnlarging {
		if sub, ok := p.img.(interface {
			SubImage(r image.Rectangle) image.Image
		}); ok {
			return Picture{sub.SubImage(part), p.turned}
		}
	}
	each = min(each, 4)
	margin := 4 * each
	out := image.NewRGBA(image.Rect(0, 0, part.Dx()*each+2*margin, part.Dy()*each+2*margin))
	draw.Draw(out, out.Rect, image.White, image.Point{}, draw.Src)
	draw.CatmullRom.Scale(out, out.Rect.Inset(margin), p.img, part, draw.Over, nil)
	return Picture{out, p.turned}
}

// within brings a fraction between 0 and 1.
func within(f float64) float64 {
	if math.IsNaN(f) {
		return 0
	}
	return min(max(f, 0), 1)
}

// Fit returns the picture upright, made smaller so that no side has more than px
// pixels.
func (p Picture) Fit(px int) image.Image {
	bounds := p.img.Bounds()
	longer := max(bounds.Dx(), bounds.Dy())
	shrink := min(float64(px)/float64(longer), 1)
	size := image.Pt(max(int(float64(bounds.Dx())*shrink), 1), max(int(float64(bounds.Dy())*shrink), 1))
	small := image.NewRGBA(image.Rectangle{Max: size})
	draw.Draw(small, small.Rect, image.White, image.Point{}, draw.Src)
	var scaler draw.Scaler = draw.BiLinear
	if bounds.Dx()*bounds.Dy() > 16_000_000 {
		scaler = draw.ApproxBiLinear // which takes no memory for what is between
	}
	scaler.Scale(small, small.Rect, p.img, bounds, draw.Over, nil)
	return p.turned.upright(small)
}
