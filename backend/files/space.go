package files

import (
	"errors"
	"os"
)

// Space says how much room a disk has.
type Space struct {
	BlockSize uint64 // bytes
	Blocks    uint64 // in all
	Free      uint64 // blocks nobody uses
	Available uint64 // of those, blocks that the server may use
	Files     uint64 // files and folders that the disk can hold
	FilesFree uint64
}

// AvailableBytes returns the room that the server may use, in bytes.
func (s Space) AvailableBytes() uint64 { return s.Available * s.BlockSize }

// StatFS tells the room on the disk that a file or folder is on. Returns
// ErrUnsupported where the system does not say.
func (t *Tree) StatFS(p Path) (Space, error) {
	return see(t, p, toSee, true, func() (Space, error) { return t.spaceAt(t.actual(p)) })
}

func (t *Tree) spaceAt(p Path) (Space, error) {
	fi, err := t.root.Stat(p.rel())
	if err != nil {
		return Space{}, refuse(err)
	}
	if !fi.IsDir() {
		p = p.Dir()
	}
	f, err := openFolder(t.root, p.folder())
	if err != nil {
		return Space{}, refuse(err)
	}
	space, err := spaceOf(f)
	return space, refuse(errors.Join(err, f.Close()))
}

// SpaceAt tells the room on the disk that a folder of this machine is on.
// Returns ErrUnsupported where the system does not say.
func SpaceAt(dir string) (Space, error) {
	f, err := os.Open(dir)
	if err != nil {
		return Space{}, refuse(err)
	}
	space, err := spaceOf(f)
	return space, refuse(errors.Join(err, f.Close()))
}
