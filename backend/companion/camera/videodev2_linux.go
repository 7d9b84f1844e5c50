package camera

import (
	"encoding/binary"
	"unsafe"

	"golang.org/x/sys/unix"
)

// What of linux/videodev2.h is used: constants, and structures as the kernel
// lays them out on this machine.
const (
	capCapture    = 0x00000001
	capStreaming  = 0x04000000
	capDeviceCaps = 0x80000000
	typeCapture   = 1
	memoryMapped  = 1
)

// The numbers of calls have in them which way their structure goes, and its
// size. The directions are those of all machines but MIPS and POWER.
const (
	writing uintptr = 1 << 30
	reading uintptr = 2 << 30

	queryCapability  = reading | unsafe.Sizeof(capability{})<<16 | 'V'<<8
	enumerateFormats = reading | writing | unsafe.Sizeof(formatDescription{})<<16 | 'V'<<8 | 2
	setFormat        = reading | writing | unsafe.Sizeof(format{})<<16 | 'V'<<8 | 5
	requestBuffers   = reading | writing | unsafe.Sizeof(bufferRequest{})<<16 | 'V'<<8 | 8
	queryBuffer      = reading | writing | unsafe.Sizeof(buffer{})<<16 | 'V'<<8 | 9
	queueBuffer      = reading | writing | unsafe.Sizeof(buffer{})<<16 | 'V'<<8 | 15
	dequeueBuffer    = reading | writing | unsafe.Sizeof(buffer{})<<16 | 'V'<<8 | 17
	streamOn         = writing | 4<<16 | 'V'<<8 | 18
	streamOff        = writing | 4<<16 | 'V'<<8 | 19
)

// The fields must be as the kernel has them, used or not.
type (
	capability struct {
		_            [16]byte // driver
		Card         [32]byte
		_            [32]byte // bus
		_            uint32   // version
		Capabilities uint32   // of all devices of the camera
		DeviceCaps   uint32   // of this one
		_            [3]uint32
	}
	formatDescription struct {
		Index       uint32
		Type        uint32
		_           uint32 // flags
		_           [32]byte
		PixelFormat uint32
		_           [4]uint32
	}
	pixelFormat struct {
		Width, Height, PixelFormat uint32
		_                          uint32 // field
		BytesPerLine               uint32
		_                          [7]uint32
	}
	format struct {
		Type  uint32
		_     [0]uintptr // the union has a pointer in it
		Pixel pixelFormat
		_     [200 - unsafe.Sizeof(pixelFormat{})]byte
	}
	bufferRequest struct {
		Count, Type, Memory uint32
		_                   [2]uint32
	}
	buffer struct {
		Index, Type, BytesUsed uint32
		_                      [2]uint32 // flags, field
		_                      unix.Timeval
		_                      [4]uint32 // timecode
		_                      uint32    // sequence
		Memory                 uint32
		place                  [unsafe.Sizeof(uintptr(0))]byte // a union, aligned as a pointer is
		Length                 uint32
		_                      [2]uint32
	}
)

// offset is where the driver wants a buffer mapped.
func (b *buffer) offset() uint32 { return binary.NativeEndian.Uint32(b.place[:]) }
