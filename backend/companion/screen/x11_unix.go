//go:build unix && !darwin

package screen

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"
	"strings"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/xproto"
)

// takeX11 asks an X server for what its monitors show. A server that hangs
// keeps the goroutine that asks it until the connection ends; the caller goes
// on.
func takeX11(ctx context.Context, display string) ([]Picture, error) {
	type result struct {
		pictures []Picture
		err      error
	}
	done := make(chan result, 1)
	go func() {
		pictures, err := askX11(ctx, display)
		done <- result{pictures, err}
	}()
	select {
	case r := <-done:
		return r.pictures, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func askX11(ctx context.Context, display string) (all []Picture, err error) {
	// The library indexes into what the server sends without looking.
	defer func() {
		if p := recover(); p != nil {
			all, err = nil, fmt.Errorf("panic: %v", p)
		}
	}()
	xgb.Logger.SetOutput(io.Discard) //nolint:forbidigo // so that the library does not write to the terminal
	c, err := xgb.NewConnDisplay(display)
	if err != nil {
		return nil, ErrNoDisplay.Because(err)
	}
	defer c.Close()
	setup := xproto.Setup(c)
	for _, root := range setup.Roots {
		for _, m := range monitors(c, root) {
			if len(all) == mostMonitors || ctx.Err() != nil {
				return all, ctx.Err()
			}
			img, err := lookAt(c, setup, root, m.place)
			if err != nil {
				return nil, err
			}
			all = append(all, Picture{Image: img, Monitor: m.name})
		}
	}
	return all, nil
}

type monitor struct {
	name  string
	place image.Rectangle // on the root window
}

// monitors returns what RandR 1.5 knows of the monitors. Where it is missing or
// knows none, the whole root window is one without a name.
func monitors(c *xgb.Conn, root xproto.ScreenInfo) []monitor {
	whole := image.Rect(0, 0, int(root.WidthInPixels), int(root.HeightInPixels))
	var list []monitor
	for _, m := range randrMonitors(c, root.Root) {
		at := image.Pt(int(m.X), int(m.Y))
		place := image.Rectangle{at, at.Add(image.Pt(int(m.Width), int(m.Height)))}.Intersect(whole)
		if place.Empty() {
			continue
		}
		name := ""
		if atom, err := xproto.GetAtomName(c, m.Name).Reply(); err == nil {
			name = strings.ToValidUTF8(atom.Name, "")
		}
		list = append(list, monitor{cmp.Or(name, fmt.Sprint(len(list)+1)), place})
	}
	if len(list) == 0 {
		return []monitor{{"", whole}}
	}
	return list
}

func randrMonitors(c *xgb.Conn, root xproto.Window) []randr.MonitorInfo {
	if randr.Init(c) != nil {
		return nil
	}
	version, err := randr.QueryVersion(c, 1, 5).Reply()
	if err != nil || version.MajorVersion == 1 && version.MinorVersion < 5 {
		return nil
	}
	reply, err := randr.GetMonitors(c, root, true).Reply()
	if err != nil {
		return nil
	}
	return reply.Monitors
}

// lookAt gets the pixels of a part of the root window.
func lookAt(c *xgb.Conn, setup *xproto.SetupInfo, root xproto.ScreenInfo, place image.Rectangle) (image.Image, error) {
	size := place.Size()
	if size.X*size.Y > mostPixels {
		return nil, errors.New("monitor has too many pixels")
	}
	reply, err := xproto.GetImage(c, xproto.ImageFormatZPixmap, xproto.Drawable(root.Root),
		int16(place.Min.X), int16(place.Min.Y), uint16(size.X), uint16(size.Y), ^uint32(0)).Reply()
	if err != nil {
		return nil, fmt.Errorf("get image: %w", err)
	}
	layout, err := layoutOf(setup, root, reply)
	if err != nil {
		return nil, err
	}
	return layout.picture(reply.Data, size)
}

// A layout is how an X server packs pixels: 32 bits each, with eight for each
// colour.
type layout struct {
	order            binary.ByteOrder
	red, green, blue int // which bit a colour begins at
}

func layoutOf(setup *xproto.SetupInfo, root xproto.ScreenInfo, reply *xproto.GetImageReply) (layout, error) {
	l := layout{order: binary.LittleEndian}
	if setup.ImageByteOrder == xproto.ImageOrderMSBFirst {
		l.order = binary.BigEndian
	}
	for _, f := range setup.PixmapFormats {
		if f.Depth == reply.Depth && f.BitsPerPixel != 32 {
			return l, fmt.Errorf("%d bits a pixel", f.BitsPerPixel)
		}
	}
	for _, depth := range root.AllowedDepths {
		for _, v := range depth.Visuals {
			if v.VisualId != root.RootVisual {
				continue
			}
			var ok [3]bool
			l.red, ok[0] = byteAt(v.RedMask)
			l.green, ok[1] = byteAt(v.GreenMask)
			l.blue, ok[2] = byteAt(v.BlueMask)
			if ok != [3]bool{true, true, true} {
				return l, fmt.Errorf("colours at %x, %x, %x", v.RedMask, v.GreenMask, v.BlueMask)
			}
			return l, nil
		}
	}
	return l, errors.New("unknown visual")
}

// byteAt returns at which bit the highest eight bits of a mask begin: a screen
// of 30 bits has ten for a colour.
func byteAt(mask uint32) (int, bool) {
	for bit := 24; bit >= 0; bit-- {
		if top := uint32(0xff) << bit; mask&top == top {
			return bit, true
		}
	}
	return 0, false
}

func (l layout) picture(data []byte, size image.Point) (image.Image, error) {
	img := image.NewRGBA(image.Rectangle{Max: size})
	if len(data) < len(img.Pix) {
		return nil, errors.New("image is cut off")
	}
	for i := 0; i < len(img.Pix); i += 4 {
		p := l.order.Uint32(data[i:])
		img.Pix[i] = byte(p >> l.red)
		img.Pix[i+1] = byte(p >> l.green)
		img.Pix[i+2] = byte(p >> l.blue)
		img.Pix[i+3] = 255
	}
	return img, nil
}
