package qr

import (
	"bytes"
	"context"
	"image"
	"image/draw"
	"image/gif"
	"iter"
)

// What is looked at of a moving GIF: some frames, and of a large one fewer.
const (
	mostFrames      = 10
	mostFramePixels = 40_000_000
)

// gifFrames returns the first frames of a GIF as they are shown, each on those
// before it.
func gifFrames(ctx context.Context, data []byte) (iter.Seq[image.Image], error) {
	g, err := gif.DecodeAll(&interruptible{ctx, bytes.NewReader(gifHead(data))})
	if err != nil {
		return nil, damaged(ctx, err)
	}
	return func(yield func(image.Image) bool) {
		if len(g.Image) == 1 && g.Image[0].Rect.Size() == image.Pt(g.Config.Width, g.Config.Height) {
			yield(g.Image[0])
			return
		}
		canvas := image.NewRGBA(image.Rect(0, 0, g.Config.Width, g.Config.Height))
		for i, frame := range g.Image {
			draw.Draw(canvas, frame.Rect, frame, frame.Rect.Min, draw.Over)
			if !yield(canvas) {
				return
			}
			if g.Disposal[i] == gif.DisposalBackground {
				draw.Draw(canvas, frame.Rect, image.Transparent, image.Point{}, draw.Src)
			}
		}
	}, nil
}

// gifHead returns a GIF that ends after the first frames. Where the blocks make
// no sense it returns all, about which the decoder will have an opinion.
func gifHead(data []byte) []byte {
	const screen, extension, descriptor = 13, 2, 10
	if len(data) < screen {
		return data
	}
	canvas := gifWord(data[6:]) * gifWord(data[8:])
	left := min(mostFrames, 1+mostFramePixels/max(canvas, 1))
	for at := screen + gifColours(data[10]); at < len(data); {
		switch {
		case data[at] == '!':
			at += extension
		case data[at] == ',' && at+descriptor <= len(data):
			if left == 0 {
				return append(bytes.Clone(data[:at]), ';')
			}
			left--
			at += descriptor + gifColours(data[at+9]) + 1
		default:
			return data
		}
		for at < len(data) && data[at] != 0 { // sub-blocks, of which an empty one is the last
			at += 1 + int(data[at])
		}
		at++
	}
	return data
}

func gifWord(b []byte) int { return int(b[0]) | int(b[1])<<8 }

// gifColours returns how many bytes the table of colours takes that flags tell
// of.
func gifColours(flags byte) int {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}
