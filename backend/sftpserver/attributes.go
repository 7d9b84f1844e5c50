package sftpserver

import (
	"fmt"
	"io/fs"
	"math"
	"time"
)

// Which attributes there are (draft-ietf-secsh-filexfer-02, section 5).
const (
	hasSize     = 1 << 0
	hasOwner    = 1 << 1
	hasMode     = 1 << 2
	hasTimes    = 1 << 3
	hasExtended = 1 << 31
)

// attributes are what a client sets.
type attributes struct {
	flags             uint32
	size              uint64
	mode              fs.FileMode // permission bits only
	accessed, changed time.Time
}

func (b *body) attributes() attributes {
	a := attributes{flags: b.uint32()}
	if a.flags&hasSize != 0 {
		a.size = b.uint64()
	}
	if a.flags&hasOwner != 0 {
		b.take(8)
	}
	if a.flags&hasMode != 0 {
		a.mode = fs.FileMode(b.uint32()) & fs.ModePerm
	}
	if a.flags&hasTimes != 0 {
		a.accessed, a.changed = time.Unix(int64(b.uint32()), 0), time.Unix(int64(b.uint32()), 0)
	}
	if a.flags&hasExtended != 0 {
		for range b.uint32() { // names and values that nobody knows
			if b.bytes(); b.short {
				break
			}
			b.bytes()
		}
	}
	return a
}

// maxAttributes is what the attributes that we tell take, in bytes.
const maxAttributes = 4 + 8 + 4 + 8

// attributes tells of a file. Everything belongs to the person who sees it, so
// no owner is told.
func (r *replies) attributes(fi fs.FileInfo) {
	r.uint32(hasSize | hasMode | hasTimes)
	r.uint64(uint64(fi.Size()))
	kind, _ := typeOf(fi.Mode())
	r.uint32(kind | uint32(fi.Mode().Perm()))
	when := uint32(min(max(fi.ModTime().Unix(), 0), math.MaxUint32))
	r.uint32(when)
	r.uint32(when)
}

// typeOf is what kind of file it is, in POSIX's bits and as `ls -l` has it.
func typeOf(mode fs.FileMode) (bits uint32, letter byte) {
	for _, t := range []struct {
		mode   fs.FileMode
		bits   uint32
		letter byte
	}{
		{0, 0o100000, '-'},
		{fs.ModeDir, 0o040000, 'd'},
		{fs.ModeSymlink, 0o120000, 'l'},
		{fs.ModeNamedPipe, 0o010000, 'p'},
		{fs.ModeSocket, 0o140000, 's'},
		{fs.ModeDevice, 0o060000, 'b'},
		{fs.ModeDevice | fs.ModeCharDevice, 0o020000, 'c'},
	} {
		if mode.Type() == t.mode {
			return t.bits, t.letter
		}
	}
	return 0, '?'
}

// longName is a line as `ls -l` shows it. Clients print it as it is.
func longName(fi fs.FileInfo, owner string, now time.Time) string {
	when := fi.ModTime()
	format := "Jan _2 15:04"
	if age := now.Sub(when); age < 0 || age > 365*24*time.Hour/2 {
		format = "Jan _2  2006"
	}
	_, kind := typeOf(fi.Mode())
	return fmt.Sprintf("%c%s    1 %-8s %-8s %8d %s %s", kind, fi.Mode().Perm().String()[1:], owner, owner, fi.Size(), when.Format(format), fi.Name())
}
