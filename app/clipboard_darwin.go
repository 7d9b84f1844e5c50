//go:build dev || production || bindings

package app

import (
	"bytes"
	"encoding/hex"
	"io"
	"os/exec"

	"github.com/wailsapp/wails/v2/pkg/runtime"

	"latchkey/backend/companion/qr"
)

// clipboardPicture returns the file of a picture that the pasteboard offers, or
// nil. The system's own program reads it, as «data PNGf...» in hexadecimal.
func (w *window) clipboardPicture() ([]byte, error) {
	c := exec.CommandContext(w.ctx, "/usr/bin/osascript", "-e", "get the clipboard as «class PNGf»")
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	const around = 32 // bytes, what stands around the digits
	text, err := io.ReadAll(io.LimitReader(out, 2*qr.MostBytes+around))
	if err != nil {
		return nil, err
	}
	if len(text) == 2*qr.MostBytes+around {
		_ = c.Process.Kill()
		_ = c.Wait()
		return nil, qr.ErrFileLarge
	}
	if c.Wait() != nil {
		return nil, nil // it has no picture
	}
	text = bytes.TrimSuffix(bytes.TrimPrefix(bytes.TrimSpace(text), []byte("«data PNGf")), []byte("»"))
	return hex.DecodeString(string(text))
}

// setSecret puts a text on the pasteboard. The mark for clipboard histories
// (org.nspasteboard.ConcealedType) takes AppKit, which Wails does not hand out.
func (w *window) setSecret(text string) error { return runtime.ClipboardSetText(w.ctx, text) }
