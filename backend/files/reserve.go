package files

import (
	"math"
	"os"
)

// askEvery is how much all uploads together may write, in bytes, before the
// disk is asked again. Asking costs about as much as writing a small block.
const askEvery = 4 << 20

// A reserve is what stays free on a disk: the larger of the two, but at most
// half of the disk. The server's own data is mostly on the same disk, and
// where it cannot be written nobody signs in, nor is anybody shut out.
type reserve struct {
	bytes   uint64
	percent uint64
}

// usualReserve is what stays free unless somebody says otherwise.
func usualReserve() reserve { return reserve{bytes: 64 << 20, percent: 1} }

// An Option changes how a Store works.
type Option func(*Store)

// KeepFree sets how much of a disk stays free, in bytes, in place of 64 MiB or
// 1 % of it, whichever is more. More than half of a disk is never kept.
func KeepFree(bytes uint64) Option {
	return func(s *Store) { s.reserve = reserve{bytes: bytes} }
}

// above returns the bytes that may be used before the reserve begins.
func (r reserve) above(space Space) uint64 {
	disk := space.Blocks * space.BlockSize
	if disk == 0 {
		return math.MaxUint64 // a file system without a size of its own
	}
	return space.AvailableBytes() - min(r.of(disk), space.AvailableBytes())
}

// of returns what stays free on a disk of so many bytes.
func (r reserve) of(disk uint64) uint64 {
	return min(max(r.bytes, disk/100*r.percent), disk/2)
}

// roomAt returns the bytes that may be used on the disk of f.
func (s *Store) roomAt(f *os.File) uint64 {
	space, err := spaceOf(f)
	if err != nil {
		return math.MaxUint64 // where the system does not tell, it refuses when the disk is full
	}
	return s.reserve.above(space)
}

// hasRoom refuses the making of something that takes room itself.
func (t *Tree) hasRoom(at Path) error {
	if space, err := t.StatFS(at); err == nil && t.store.reserve.above(space) == 0 {
		return errDiskFull
	}
	return nil
}

// charge counts bytes that are about to be written. The count is that of the
// Store, so that many files cannot each use up what the disk has once granted.
func (c *content) charge(n int64) error {
	written := c.store.written.Add(n)
	if written <= c.due.Load() {
		return nil
	}
	if err := c.ask(n); err != nil {
		return err
	}
	c.due.Store(written + askEvery)
	return nil
}

func (c *content) ask(n int64) error {
	if uint64(n) > c.store.roomAt(c.f) {
		return errDiskFull
	}
	return nil
}
