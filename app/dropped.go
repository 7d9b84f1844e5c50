package app

import (
	"io"
	"os"

	"latchkey/backend/identity"
)

// A Dropped is what a person dropped on the window: a public key as one line.
type Dropped struct {
	Text    string   `json:"text"`
	Problem *Problem `json:"problem"`
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
// is for the keys. What is no public key does not reach the page at all.
func (d *desk) dropped(paths []string) {
	switch d.notebook.read().View {
	case viewCodes:
		d.spawn(func() { d.droppedCodes(paths) })
		return
	case viewFiles:
		d.carry(paths)
		return
	}
	key, err := readDropped(paths)
	d.desktop.Emit(eventDropped, Dropped{Text: key.Line, Problem: asProblem(err)})
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
