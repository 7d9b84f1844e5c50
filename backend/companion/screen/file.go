package screen

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
)

// takeFile reads a picture that the system has written to a file, and deletes
// the file, whatever is in it: what was on the screen must not stay on the
// disk. Only a regular file is touched. A picture beyond the limits is refused
// before anything is made of it.
func takeFile(ctx context.Context, name string) (img image.Image, err error) {
	before, err := os.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !before.Mode().IsRegular() {
		return nil, fmt.Errorf("picture is no file: %s", before.Mode().Type())
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, errors.Join(err, os.Remove(name))
	}
	defer f.Close()
	if now, err := f.Stat(); err != nil || !os.SameFile(before, now) {
		return nil, errors.Join(errors.New("picture was replaced"), err)
	}
	if err := os.Remove(name); err != nil {
		return nil, fmt.Errorf("delete picture: %w", err)
	}
	data, err := io.ReadAll(io.LimitReader(f, mostBytes+1))
	if err != nil {
		return nil, err
	}
	return decode(ctx, data)
}

// decode reads a PNG, which is what portals and screencapture write.
func decode(ctx context.Context, data []byte) (img image.Image, err error) {
	if len(data) > mostBytes {
		return nil, errors.New("picture has too many bytes")
	}
	config, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	if config.Width*config.Height > mostPixels {
		return nil, errors.New("picture has too many pixels")
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return png.Decode(bytes.NewReader(data))
}
