//go:build dev || production || bindings

package app

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"runtime"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"

	"latchkey/backend/companion/qr"
)

// Formats of the clipboard, and how its memory is asked for.
const (
	formatDIB     = 8
	formatUnicode = 13
	movable       = 2
)

// user32 and kernel32 are looked up at the first call.
type winClipboard struct{ user, kernel *windows.LazyDLL }

// withClipboard opens the clipboard, which one program has at a time, does
// something with it, and closes it. It belongs to a thread meanwhile.
func withClipboard(do func(winClipboard) error) error {
	c := winClipboard{windows.NewLazySystemDLL("user32.dll"), windows.NewLazySystemDLL("kernel32.dll")}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	for {
		ok, _, err := c.user.NewProc("OpenClipboard").Call(0)
		if ok != 0 {
			break
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("open clipboard: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
	defer c.user.NewProc("CloseClipboard").Call() //nolint:errcheck // there is nobody to tell
	return do(c)
}

func (c winClipboard) format(name string) (uintptr, error) {
	text, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return 0, err
	}
	id, _, err := c.user.NewProc("RegisterClipboardFormatW").Call(uintptr(unsafe.Pointer(text))) //nolint:gosec // that is how Windows takes text
	if id == 0 {
		return 0, err
	}
	return id, nil
}

// get copies what is there in a format; nil if nothing is.
func (c winClipboard) get(format uintptr, most int) ([]byte, error) {
	handle, _, _ := c.user.NewProc("GetClipboardData").Call(format)
	if handle == 0 {
		return nil, nil
	}
	size, _, _ := c.kernel.NewProc("GlobalSize").Call(handle)
	if size > uintptr(most) {
		return nil, qr.ErrFileLarge
	}
	at, _, err := c.kernel.NewProc("GlobalLock").Call(handle)
	if at == 0 {
		return nil, err
	}
	defer c.kernel.NewProc("GlobalUnlock").Call(handle)                         //nolint:errcheck // there is nobody to tell
	return bytes.Clone(unsafe.Slice(*(**byte)(unsafe.Pointer(&at)), size)), nil //nolint:gosec // that is how Windows hands over memory
}

// set puts bytes there, which are the clipboard's from then on.
func (c winClipboard) set(format uintptr, data []byte) error {
	handle, _, err := c.kernel.NewProc("GlobalAlloc").Call(movable, uintptr(len(data)))
	if handle == 0 {
		return err
	}
	at, _, err := c.kernel.NewProc("GlobalLock").Call(handle)
	if at != 0 {
		copy(unsafe.Slice(*(**byte)(unsafe.Pointer(&at)), len(data)), data) //nolint:gosec // that is how Windows takes memory
		_, _, _ = c.kernel.NewProc("GlobalUnlock").Call(handle)
		var taken uintptr
		if taken, _, err = c.user.NewProc("SetClipboardData").Call(format, handle); taken != 0 {
			return nil
		}
	}
	_, _, _ = c.kernel.NewProc("GlobalFree").Call(handle)
	return err
}

// clipboardPicture returns the file of a picture that the clipboard has, or nil.
func (*window) clipboardPicture() ([]byte, error) {
	var picture []byte
	err := withClipboard(func(c winClipboard) error {
		format, err := c.format("PNG")
		if err != nil {
			return err
		}
		if picture, err = c.get(format, qr.MostBytes); err != nil || picture != nil {
			return err
		}
		dib, err := c.get(formatDIB, qr.MostBytes)
		if err == nil && dib != nil {
			picture = bmpOf(dib)
		}
		return err
	})
	return picture, err
}

// setSecret puts a text on the clipboard, marked so that neither the history
// nor the cloud keeps it.
func (*window) setSecret(text string) error {
	units, err := windows.UTF16FromString(text)
	if err != nil {
		return err
	}
	var data []byte
	for _, u := range units {
		data = binary.LittleEndian.AppendUint16(data, u)
	}
	return withClipboard(func(c winClipboard) error {
		if ok, _, err := c.user.NewProc("EmptyClipboard").Call(); ok == 0 {
			return err
		}
		// The marks come first, so that the text is never there without.
		for _, mark := range []string{"ExcludeClipboardContentFromMonitorProcessing", "CanIncludeInClipboardHistory", "CanUploadToCloudClipboard"} {
			format, err := c.format(mark)
			if err != nil {
				return err
			}
			if err := c.set(format, make([]byte, 4)); err != nil { // a DWORD of 0: no
				return err
			}
		}
		return c.set(formatUnicode, data)
	})
}
