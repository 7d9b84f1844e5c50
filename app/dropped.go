package app

import (
	"io"
	"os"

	"latchkey/backend/identity"
)

// A Dropped is what a person dropped on the window: a public key as one line, or
// a private one that can be brought in.
type Dropped struct {
	Text    string      `json:"text"`
	Foreign *ForeignKey `json:"foreign"`
	Problem *Problem    `json:"problem"`
}

// maxKeyText bounds what is read as a public key, in bytes.
const maxKeyText = 64 << 10

var errDropped = identity.NewError(identity.Invalid, "dropped_not_a_key",
	"That is no public key file. Drop a single file that ends in .pub.")

// What the page calls the screens that take other things than keys.
const (
	viewCodes = "codes"
	viewFiles = "files"
)

// dropped takes what was dropped on the window: on the screen of codes it is
// handed in there, on that of files it is to be uploaded, and anywhere else it
// is for the keys. Nothing of a private key reaches the page but what tells it.
func (d *desk) dropped(paths []string) {
	switch d.notebook.read().View {
	case viewCodes:
		d.spawn(func() { d.droppedCodes(paths) })
		return
	case viewFiles:
		d.carry(paths)
		return
	}
	var out Dropped
	var err error
	if len(paths) == 1 {
		out.Foreign, err = d.offer(paths[0])
	}
	if out.Foreign == nil && err == nil {
		var key PublicKey
		key, err = readDropped(paths)
		out.Text = key.Line
	}
	out.Problem = asProblem(err)
	d.desktop.Emit(eventDropped, out)
}

func readDropped(paths []string) (PublicKey, error) {
	if len(paths) != 1 {
		return PublicKey{}, errDropped
	}
	return readKeyFile(paths[0])
}

// readKeyFile reads a file that a person takes for a public key.
func readKeyFile(path string) (PublicKey, error) {
	// Opening what is no file, such as a pipe, may never end.
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() || info.Size() > maxKeyText {
		return PublicKey{}, errDropped.Because(err)
	}
	f, err := os.Open(path)
	if err != nil {
		return PublicKey{}, errDropped.Because(err)
	}
	defer func() { _ = f.Close() }() // it was only read
	text, err := io.ReadAll(io.LimitReader(f, maxKeyText))
	if err != nil {
		return PublicKey{}, errDropped.Because(err)
	}
	return readPublic(string(text))
}
