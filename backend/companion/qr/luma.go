package qr

import (
	"image"
	"image/color"
	"image/draw"
)

// luma returns how bright a picture is, as ITU-R BT.601 weighs the colours. What
// is transparent shows paper; seeThrough says if there is any.
func luma(img image.Image, paper byte) (p plane, seeThrough bool) {
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	switch img := img.(type) {
	case *image.Gray:
		return plane{pix: img.Pix[img.PixOffset(b.Min.X, b.Min.Y):], stride: img.Stride, w: w, h: h}, false
	case *image.YCbCr:
		return plane{pix: img.Y[img.YOffset(b.Min.X, b.Min.Y):], stride: img.YStride, w: w, h: h}, false
	}
	p = newPlane(w, h)
	l := lumaRows{plane: p, paper: int(paper)}
	switch img := img.(type) {
	case *image.RGBA:
		return p, l.colours(img.Pix[img.PixOffset(b.Min.X, b.Min.Y):], img.Stride, 4, true)
	case *image.NRGBA:
		return p, l.colours(img.Pix[img.PixOffset(b.Min.X, b.Min.Y):], img.Stride, 4, false)
	// Of 16 bits the upper 8 come first, which are all that matters here.
	case *image.RGBA64:
		return p, l.colours(img.Pix[img.PixOffset(b.Min.X, b.Min.Y):], img.Stride, 8, true)
	case *image.NRGBA64:
		return p, l.colours(img.Pix[img.PixOffset(b.Min.X, b.Min.Y):], img.Stride, 8, false)
	case *image.Gray16:
		l.each(img.Pix[img.PixOffset(b.Min.X, b.Min.Y):], img.Stride, 2, func(px []byte) int { return int(px[0]) })
		return p, false
	case *image.CMYK:
		l.each(img.Pix[img.PixOffset(b.Min.X, b.Min.Y):], img.Stride, 4, func(px []byte) int {
			key := 255 - int(px[3])
			return weigh(255-int(px[0]), 255-int(px[1]), 255-int(px[2])) * key / 255
		})
		return p, false
	case *image.Paletted:
		table, some := l.palette(img.Palette)
		l.each(img.Pix[img.PixOffset(b.Min.X, b.Min.Y):], img.Stride, 1, func(px []byte) int { return table[px[0]] })
		return p, some
	}
	// Whatever else there is comes in strips, so that it is not there twice.
	strip := image.NewRGBA(image.Rect(0, 0, w, min(h, 64)))
	for y := 0; y < h; y += strip.Rect.Dy() {
		draw.Draw(strip, strip.Rect, img, b.Min.Add(image.Pt(0, y)), draw.Src)
		part := lumaRows{plane: plane{pix: p.pix[y*w:], stride: w, w: w, h: min(strip.Rect.Dy(), h-y)}, paper: int(paper)}
		seeThrough = part.colours(strip.Pix, strip.Stride, 4, true) || seeThrough
	}
	return p, seeThrough
}

func weigh(r, g, b int) int { return (77*r + 150*g + 29*b) >> 8 }

// lumaRows fills a plane from pixels of several bytes.
type lumaRows struct {
	plane
	paper int
}

func (l *lumaRows) each(pix []byte, stride, wide int, bright func([]byte) int) {
	for y := range l.h {
		to, from := l.row(y), pix[y*stride:]
		for x := range to {
			to[x] = byte(bright(from[x*wide:][:wide:wide]))
		}
	}
}

// colours is each for red, green, blue and alpha, in pixels of wide bytes; it
// reports whether something is transparent. Premultiplied colours are darker
// by what is transparent already.
func (l *lumaRows) colours(pix []byte, stride, wide int, premultiplied bool) (seeThrough bool) {
	for y := range l.h {
		to := l.row(y)
		from := pix[y*stride:][:l.w*wide]
		if wide == 4 {
			seeThrough = l.narrow(to, from, premultiplied) || seeThrough
			continue
		}
		for x := range to {
			px := from[x*8:][:8:8]
			v := weigh(int(px[0]), int(px[2]), int(px[4]))
			if alpha := int(px[6]); alpha != 255 {
				v = l.over(v, alpha, premultiplied)
				seeThrough = true
			}
			to[x] = byte(v)
		}
	}
	return seeThrough
}

// narrow is a row of colours in four bytes: that of screenshots, where the time
// goes.
func (l *lumaRows) narrow(to, from []byte, premultiplied bool) (seeThrough bool) {
	for x := range to {
		px := from[x*4:][:4:4]
		v := (77*uint32(px[0]) + 150*uint32(px[1]) + 29*uint32(px[2])) >> 8
		if px[3] != 255 {
			v = uint32(l.over(int(v), int(px[3]), premultiplied))
			seeThrough = true
		}
		to[x] = byte(v)
	}
	return seeThrough
}

func (l *lumaRows) over(v, alpha int, premultiplied bool) int {
	if !premultiplied {
		v = v * alpha / 255
	}
	return min(v+l.paper*(255-alpha)/255, 255)
}

// palette returns how bright each colour of a palette is. What is beyond it is
// black, as package image has it.
func (l *lumaRows) palette(colours color.Palette) (table [256]int, seeThrough bool) {
	for i, c := range colours {
		if i == len(table) {
			break
		}
		n, ok := color.NRGBAModel.Convert(c).(color.NRGBA)
		if !ok {
			continue
		}
		table[i] = weigh(int(n.R), int(n.G), int(n.B))
		if n.A != 255 {
			table[i] = l.over(table[i], int(n.A), false)
			seeThrough = true
		}
	}
	return table, seeThrough
}
