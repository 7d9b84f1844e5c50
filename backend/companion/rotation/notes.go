package rotation

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"latchkey/backend/identity"
	"latchkey/backend/internal/disk"
)

// Notes are in a folder: for each old key which new one takes its place. One
// that is lost or damaged costs a new key that nobody needs, and nothing else.
// Nothing in them is secret.
type Notes string

const (
	maxNote    = 64 << 10 // bytes
	noteMode   = 0o600
	folderMode = 0o700
)

// A note says where the new key is, or will be.
type note struct {
	New         string               `json:"new"`         // the path of the private half
	Fingerprint identity.Fingerprint `json:"fingerprint"` // empty: it may not be made yet
	Aside       string               `json:"aside"`       // what the old file is called at the end; empty: not yet
}

func (n Notes) path(old identity.Fingerprint) string {
	name := strings.ReplaceAll(strings.TrimPrefix(string(old), "SHA256:"), "/", "_")
	return filepath.Join(string(n), filepath.Base(name)+".json")
}

// read returns what is written of an old key; zero: nothing that can be read.
func (n Notes) read(old identity.Fingerprint) (out note) {
	info, err := os.Stat(n.path(old))
	if err != nil || info.Size() > maxNote {
		return note{}
	}
	text, err := os.ReadFile(n.path(old))
	if err != nil || json.Unmarshal(text, &out) != nil {
		return note{}
	}
	return out
}

func (n Notes) write(old identity.Fingerprint, what note) error {
	text, err := json.Marshal(what)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(string(n), folderMode); err != nil {
		return disk.Explain(err)
	}
	return disk.Explain(disk.Replace(n.path(old), noteMode, text))
}

func (n Notes) drop(old identity.Fingerprint) error {
	err := os.Remove(n.path(old))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return disk.Explain(err)
}
