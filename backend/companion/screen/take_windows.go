package screen

import (
	"context"
	"fmt"

	"github.com/kbinani/screenshot"
)

func (Display) asks() bool { return false }

func (Display) take(ctx context.Context) (all []Picture, _ error) {
	for i := range min(screenshot.NumActiveDisplays(), mostMonitors) {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		place := screenshot.GetDisplayBounds(i)
		if place.Dx()*place.Dy() > mostPixels {
			return nil, fmt.Errorf("monitor %d has too many pixels", i+1)
		}
		img, err := screenshot.CaptureRect(place)
		if err != nil {
			return nil, fmt.Errorf("monitor %d: %w", i+1, err)
		}
		all = append(all, Picture{Image: img, Monitor: fmt.Sprint(i + 1)})
	}
	return all, nil
}
