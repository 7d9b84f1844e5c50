package camera

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// System returns the cameras of this computer, as V4L2 offers them.
func System() Devices { return v4l2{} }

type v4l2 struct{}

// List implements Devices. It asks every device what it is, which turns none
// on. One that only other people may use is on the list as long as nobody of
// them may be asked, so that the reason is told.
func (v4l2) List() ([]Camera, error) {
	names, err := filepath.Glob("/dev/video*")
	if err != nil {
		return nil, err
	}
	slices.SortFunc(names, func(a, b string) int { return len(a) - len(b) }) // stable: video2 before video10
	var list []Camera
	forbidden := false
	for _, name := range names {
		id, err := ParseID(filepath.Base(name))
		if err != nil {
			continue
		}
		d, err := openDevice(id)
		if err != nil {
			forbidden = forbidden || errors.Is(err, ErrNotAllowed)
			continue
		}
		if c, err := d.capability(); err == nil && c.captures() {
			list = append(list, Camera{ID: id, Name: text(c.Card[:])})
		}
		_ = d.close()
	}
	if len(list) == 0 && forbidden {
		return nil, ErrNotAllowed
	}
	return list, nil
}

// Open implements Devices.
func (v4l2) Open(id ID) (_ Source, err error) {
	d, err := openDevice(id)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = d.Close()
		}
	}()
	c, err := d.capability()
	if err != nil {
		return nil, err
	}
	if !c.captures() {
		return nil, ErrUnknown
	}
	if err := d.choose(); err != nil {
		return nil, err
	}
	return d, d.start()
}

// A device is an open file of a camera.
type device struct {
	fd      int
	format  Format
	buffers [][]byte // shared with the driver
}

func openDevice(id ID) (*device, error) {
	fd, err := unix.Open(filepath.Join("/dev", string(id)), unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, meaning(fmt.Errorf("open: %w", err))
	}
	return &device{fd: fd}, nil
}

// meaning says what an error of the system is about.
func meaning(err error) error {
	switch {
	case errors.Is(err, unix.EACCES), errors.Is(err, unix.EPERM):
		return ErrNotAllowed.Because(err)
	case errors.Is(err, unix.EBUSY):
		return ErrBusy.Because(err)
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ENXIO):
		return ErrUnknown.Because(err)
	case errors.Is(err, unix.ENODEV):
		return ErrGone.Because(err)
	}
	return err
}

// call makes a call of V4L2, whose number has the size of its structure in it.
func call[T any](d *device, request uintptr, arg *T) error {
	for {
		//nolint:gosec // that is how the kernel takes a structure
		_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(d.fd), request, uintptr(unsafe.Pointer(arg)))
		switch errno {
		case 0:
			return nil
		case unix.EINTR:
			continue
		}
		return meaning(fmt.Errorf("ioctl %#x: %w", request, errno))
	}
}

func (d *device) capability() (c capability, err error) {
	err = call(d, queryCapability, &c)
	return c, err
}

// captures reports whether it is a camera: some of a camera's devices bring
// nothing but notes about the pictures.
func (c *capability) captures() bool {
	has := c.Capabilities
	if has&capDeviceCaps != 0 {
		has = c.DeviceCaps
	}
	return has&capCapture != 0 && has&capStreaming != 0
}

// What pictures are asked for: enough for a QR code held in the hand, and
// little enough for USB 2. The driver takes what comes nearest.
const (
	wantedWidth  = 1280
	wantedHeight = 720
)

// choose settles on a format, JPEG before YUYV, which is slow over USB.
func (d *device) choose() error {
	var offered []uint32
	for i := range uint32(64) {
		f := formatDescription{Index: i, Type: typeCapture}
		if call(d, enumerateFormats, &f) != nil {
			break
		}
		offered = append(offered, f.PixelFormat)
	}
	for _, p := range []struct {
		code uint32
		Packing
	}{{fourCC("MJPG"), MJPEG}, {fourCC("JPEG"), MJPEG}, {fourCC("YUYV"), YUYV}} {
		if !slices.Contains(offered, p.code) {
			continue
		}
		f := format{Type: typeCapture}
		f.Pixel = pixelFormat{Width: wantedWidth, Height: wantedHeight, PixelFormat: p.code}
		if err := call(d, setFormat, &f); err != nil {
			return err
		}
		if f.Pixel.PixelFormat != p.code {
			continue
		}
		d.format = Format{Packing: p.Packing, Width: int(f.Pixel.Width), Height: int(f.Pixel.Height)}
		if p.Packing == YUYV {
			d.format.Stride = int(f.Pixel.BytesPerLine)
		}
		return nil
	}
	return ErrUnsuitable.Because(fmt.Errorf("formats %x", offered))
}

func fourCC(name string) uint32 {
	return uint32(name[0]) | uint32(name[1])<<8 | uint32(name[2])<<16 | uint32(name[3])<<24
}

// Limits on a driver's buffers.
const (
	bufferCount     = 4
	mostBufferBytes = 64 << 20
)

// start shares buffers with the driver and turns the camera on.
func (d *device) start() error {
	request := bufferRequest{Count: bufferCount, Type: typeCapture, Memory: memoryMapped}
	if err := call(d, requestBuffers, &request); err != nil {
		return err
	}
	for i := range min(request.Count, bufferCount) {
		b := buffer{Index: i, Type: typeCapture, Memory: memoryMapped}
		if err := call(d, queryBuffer, &b); err != nil {
			return err
		}
		if b.Length > mostBufferBytes {
			return fmt.Errorf("buffer of %d bytes", b.Length)
		}
		shared, err := unix.Mmap(d.fd, int64(b.offset()), int(b.Length), unix.PROT_READ, unix.MAP_SHARED)
		if err != nil {
			return fmt.Errorf("map buffer: %w", err)
		}
		d.buffers = append(d.buffers, shared)
		if err := call(d, queueBuffer, &b); err != nil {
			return err
		}
	}
	on := uint32(typeCapture)
	return call(d, streamOn, &on)
}

// Format implements Source.
func (d *device) Format() Format { return d.format }

// attention is how often it is looked whether a frame is still wanted.
const attention = 50 // milliseconds

// Frame implements Source.
func (d *device) Frame(ctx context.Context) ([]byte, error) {
	for ctx.Err() == nil {
		ready := []unix.PollFd{{Fd: int32(d.fd), Events: unix.POLLIN}}
		n, err := unix.Poll(ready, attention)
		if errors.Is(err, unix.EINTR) || n == 0 {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("poll: %w", err)
		}
		frame, err := d.take()
		if errors.Is(err, unix.EAGAIN) && ready[0].Revents&(unix.POLLERR|unix.POLLHUP) != 0 {
			return nil, ErrGone.Because(err)
		}
		if errors.Is(err, unix.EAGAIN) {
			continue
		}
		return frame, err
	}
	return nil, ctx.Err()
}

// take copies the oldest frame that waits, and gives its buffer back.
func (d *device) take() ([]byte, error) {
	b := buffer{Type: typeCapture, Memory: memoryMapped}
	if err := call(d, dequeueBuffer, &b); err != nil {
		return nil, err
	}
	if int(b.Index) >= len(d.buffers) {
		return nil, fmt.Errorf("buffer %d of %d", b.Index, len(d.buffers))
	}
	shared := d.buffers[b.Index]
	frame := bytes.Clone(shared[:min(int(b.BytesUsed), len(shared))])
	return frame, call(d, queueBuffer, &b)
}

// Close implements Source. Whatever of it fails, the file is closed, which
// turns the camera off.
func (d *device) Close() error {
	off := uint32(typeCapture)
	_ = call(d, streamOff, &off)
	for _, shared := range d.buffers {
		_ = unix.Munmap(shared)
	}
	d.buffers = nil
	return d.close()
}

func (d *device) close() error { return os.NewSyscallError("close", unix.Close(d.fd)) }

// text reads what a driver calls something.
func text(c []byte) string {
	c, _, _ = bytes.Cut(c, []byte{0})
	return strings.TrimSpace(strings.ToValidUTF8(string(c), "?"))
}
