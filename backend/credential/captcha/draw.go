package captcha

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"math"

	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// The size of a picture and what is in it, in pixels.
const (
	imageWidth  = 240
	imageHeight = 80

	smallestType, largestType = 56, 68
	mostTilt                  = 0.35 // radians
	mostLean                  = 0.3  // sideways, per pixel up
	strokes                   = 2    // lines through the text
	specks                    = 90

	ink, paper = 40, 245 // shades of grey
)

// paint returns the picture of a text as a PNG. The same look gives the same
// picture.
func paint(text string, look [32]byte) ([]byte, error) {
	c := newChance(look)
	s := newSheet(c)
	for i, r := range text {
		if err := s.letter(c, r, i, len(text)); err != nil {
			return nil, fmt.Errorf("draw captcha: %w", err)
		}
	}
	s.ink()
	for range strokes {
		s.stroke(c)
		s.ink()
	}
	for range specks {
		s.speck(c)
	}
	s.ink()
	var out bytes.Buffer
	if err := png.Encode(&out, s.grey()); err != nil {
		return nil, fmt.Errorf("write captcha: %w", err)
	}
	return out.Bytes(), nil
}

// letter draws the character at a place of so many. Each has its own size,
// tilt and lean, and comes close to its neighbours or touches them, as
// programs find characters by the gaps between.
func (s *sheet) letter(c chance, r rune, place, places int) error {
	face := gobold.TTF
	if c.between(0, 2) < 1 {
		face = gomonobold.TTF
	}
	outline, box, err := glyph(face, r, c.between(smallestType, largestType))
	if err != nil {
		return err
	}
	sin, cos := math.Sincos(c.between(-mostTilt, mostTilt))
	lean := c.between(-mostLean, mostLean)
	step := float64(imageWidth-50) / float64(places)
	middle := point{
		25 + step*(float64(place)+0.5) + c.between(-5, 5),
		imageHeight/2 + c.between(-7, 7),
	}
	s.path(outline, func(p point) point {
		x, y := p.x-box.x, p.y-box.y
		x -= lean * y
		return point{middle.x + x*cos - y*sin, middle.y + x*sin + y*cos}
	})
	return nil
}

// glyph returns the outline of a character at a size, and its middle.
func glyph(font []byte, r rune, size float64) (sfnt.Segments, point, error) {
	f, err := sfnt.Parse(font)
	if err != nil {
		return nil, point{}, err
	}
	var buf sfnt.Buffer
	i, err := f.GlyphIndex(&buf, r)
	if err != nil {
		return nil, point{}, err
	}
	outline, err := f.LoadGlyph(&buf, i, fixed.Int26_6(size*64), nil)
	if err != nil {
		return nil, point{}, err
	}
	b := outline.Bounds()
	low, high := toPoint(b.Min), toPoint(b.Max)
	return outline, point{(low.x + high.x) / 2, (low.y + high.y) / 2}, nil
}

// stroke draws a line from one side to the other through the text, as thick as
// thin parts of the letters.
func (s *sheet) stroke(c chance) {
	half := c.between(0.9, 1.5)
	height, swing := c.between(20, imageHeight-20), c.between(5, 16)
	length, shift := c.between(60, 140), c.between(0, 2*math.Pi)
	slope := c.between(-0.12, 0.12)
	y := func(x float64) float64 {
		return height + slope*(x-imageWidth/2) + swing*math.Sin(2*math.Pi*x/length+shift)
	}
	var upper, lower []point
	for x := -4.0; x <= imageWidth+4; x += 4 {
		upper = append(upper, point{x, y(x) - half})
		lower = append(lower, point{x, y(x) + half})
	}
	s.polygon(upper, lower)
}

// speck draws a dot.
func (s *sheet) speck(c chance) {
	at, size := point{c.between(0, imageWidth), c.between(0, imageHeight)}, c.between(0.8, 2.2)
	s.polygon([]point{{at.x, at.y}, {at.x + size, at.y}}, []point{{at.x, at.y + size}, {at.x + size, at.y + size}})
}

// grey returns what was drawn as an image.
func (s *sheet) grey() *image.Gray {
	out := image.NewGray(s.drawn.Rect)
	for i, a := range s.drawn.Pix {
		out.Pix[i] = uint8(paper - int(a)*(paper-ink)/255)
	}
	return out
}
