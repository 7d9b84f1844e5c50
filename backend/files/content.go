package files

import (
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"sync/atomic"
)

// freeJump is how much of a file may be holes, in bytes, before the disk is
// asked whether it has the room for them. Without that a client could make a
// file of exabytes that holds nothing, and choke what copies it.
const freeJump = 64 << 20

// content is the inside of an open file. Its methods may be called from many
// goroutines.
type content struct {
	f     *os.File
	store *Store
	tree  *Tree // that it was opened in
	room  allowance
	high  atomic.Int64 // the furthest end that was found to fit
	solid atomic.Int64 // bytes that are known to be no hole
	due   atomic.Int64 // the disk is asked when the store has written more than that
}

// ReadAt reads like io.ReaderAt.
func (c *content) ReadAt(b []byte, off int64) (int, error) {
	if off < 0 {
		return 0, io.EOF // beyond what any file has
	}
	n, err := c.f.ReadAt(b, off)
	if errors.Is(err, io.EOF) {
		return n, io.EOF
	}
	return n, refuse(err)
}

// writeAt writes like io.WriterAt, to what may reach so far.
func (c *content) writeAt(b []byte, off int64) (int, error) {
	if err := c.grow(off + int64(len(b))); err != nil {
		return 0, err
	}
	if err := c.charge(int64(len(b))); err != nil {
		return 0, err
	}
	n, err := c.f.WriteAt(b, off)
	c.solid.Add(int64(n)) // the disk may be late in telling, or keep less
	return n, refuse(err)
}

// inRange refuses a place that no file reaches to.
func inRange(b []byte, off int64) error {
	if off < 0 || off > math.MaxInt64-int64(len(b)) {
		return errTooLarge
	}
	return nil
}

// truncate changes the length. Errors as WriteAt.
func (c *content) truncate(size int64) error {
	fi, err := c.f.Stat()
	if err != nil {
		return refuse(err)
	}
	if err := c.grow(size); err != nil {
		return err
	}
	if more := size - fi.Size(); more > 0 { // some file systems keep no holes
		if err := c.ask(more); err != nil {
			return err
		}
	}
	return refuse(c.f.Truncate(size))
}

// Sync brings what was written to the disk, as far as the disk tells.
func (c *content) Sync() error { return refuse(c.f.Sync()) }

// stat describes the file as it is now.
func (c *content) stat(name string) (Info, error) {
	fi, err := c.f.Stat()
	return Info{name, fi}, refuse(err)
}

// grow checks that the file may reach to end: the disk must have room for what
// are holes in it, however small the steps are in which they were made.
func (c *content) grow(end int64) error {
	if end-c.high.Load() <= freeJump {
		return nil
	}
	fi, err := c.f.Stat()
	if err != nil {
		return refuse(err)
	}
	if end <= fi.Size() {
		return nil
	}
	holes := end - max(allocated(fi), c.solid.Load())
	if holes > freeJump && uint64(holes) > c.store.roomAt(c.f) {
		return errTooLarge
	}
	for {
		high := c.high.Load()
		if end <= high || c.high.CompareAndSwap(high, end) {
			return nil
		}
	}
}

// regular checks that what has been opened is a regular file.
func regular(fi fs.FileInfo) error {
	switch {
	case fi.IsDir():
		return errIsAFolder
	case !fi.Mode().IsRegular():
		return errNotAFile
	}
	return nil
}
