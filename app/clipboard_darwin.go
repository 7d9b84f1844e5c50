//go:build dev || production || bindings

package app

import (
	"bytes"
	"encoding/hex"
	"io"
	"os/exec"
	"strings"

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

// conceal puts what it reads on the pasteboard, with the mark by which clipboard
// histories know what not to keep (nspasteboard.org). AppKit's pasteboard is not
// handed out by Wails; the system's own program reaches it.
const conceal = `ObjC.import("AppKit");
function run() {
	const said = $.NSFileHandle.fileHandleWithStandardInput.readDataToEndOfFile;
	const board = $.NSPasteboard.generalPasteboard;
	board.clearContents;
	board.setStringForType("", "org.nspasteboard.ConcealedType");
	board.setStringForType($.NSString.alloc.initWithDataEncoding(said, $.NSUTF8StringEncoding), $.NSPasteboardTypeString);
}`

// setSecret puts a text on the pasteboard, marked if that can be done. No other
// program sees it on the way: it goes by a pipe.
func (w *window) setSecret(text string) error {
	c := exec.CommandContext(w.ctx, "/usr/bin/osascript", "-l", "JavaScript", "-e", conceal)
	c.Stdin = strings.NewReader(text)
	if c.Run() == nil {
		if got, err := w.Clipboard(); err == nil && got == text {
			return nil
		}
	}
	return runtime.ClipboardSetText(w.ctx, text)
}
