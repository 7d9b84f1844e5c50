package camera

import (
	"errors"
	"fmt"
	"runtime"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"latchkey/backend/identity"
)

// The numbers that the C compiler makes of linux/videodev2.h on x86-64, which
// have the structures' sizes in them.
func TestTheCallsAreTheKernels(t *testing.T) {
	if unsafe.Sizeof(uintptr(0)) != 8 || runtime.GOARCH == "ppc64le" {
		t.Skip("the numbers are those of 64 bits")
	}
	for name, c := range map[string]struct{ got, want uintptr }{
		"VIDIOC_QUERYCAP":  {queryCapability, 0x80685600},
		"VIDIOC_ENUM_FMT":  {enumerateFormats, 0xc0405602},
		"VIDIOC_S_FMT":     {setFormat, 0xc0d05605},
		"VIDIOC_REQBUFS":   {requestBuffers, 0xc0145608},
		"VIDIOC_QUERYBUF":  {queryBuffer, 0xc0585609},
		"VIDIOC_QBUF":      {queueBuffer, 0xc058560f},
		"VIDIOC_DQBUF":     {dequeueBuffer, 0xc0585611},
		"VIDIOC_STREAMON":  {streamOn, 0x40045612},
		"VIDIOC_STREAMOFF": {streamOff, 0x40045613},
		"fmt.pix":          {unsafe.Offsetof(format{}.Pixel), 8},
		"m.offset":         {unsafe.Offsetof(buffer{}.place), 64},
		"length":           {unsafe.Offsetof(buffer{}.Length), 72},
		"memory":           {unsafe.Offsetof(buffer{}.Memory), 60},
		"device_caps":      {unsafe.Offsetof(capability{}.DeviceCaps), 88},
	} {
		if c.got != c.want {
			t.Errorf("%s is %#x; want %#x", name, c.got, c.want)
		}
	}
}

func TestWhatTheSystemSays(t *testing.T) {
	for errno, want := range map[unix.Errno]*identity.Error{
		unix.EACCES: ErrNotAllowed, unix.EPERM: ErrNotAllowed, unix.EBUSY: ErrBusy,
		unix.ENOENT: ErrUnknown, unix.ENXIO: ErrUnknown, unix.ENODEV: ErrGone, unix.EIO: ErrFailed,
	} {
		if err := explain(meaning(fmt.Errorf("open: %w", errno))); !errors.Is(err, want) {
			t.Errorf("%v is %v; want %v", errno, err, want)
		}
	}
}

func TestNoSuchCamera(t *testing.T) {
	if _, err := System().Open("video65535"); !errors.Is(err, ErrUnknown) {
		t.Errorf("error %v", err)
	}
}
