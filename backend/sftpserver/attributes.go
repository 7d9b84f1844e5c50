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
	r.uint32(modeBits(fi.Mode()))
	when := uint32(min(max(fi.ModTime().Unix(), 0), math.MaxUint32))
	r.uint32(when)
	r.uint32(when)
}

// modeBits is a mode as POSIX has it.
func modeBits(mode fs.FileMode) uint32 {
	bits := uint32(mode.Perm())
	switch mode.Type() {
	case 0:
		return bits | 0o100000
	case fs.ModeDir:
		return bits | 0o040000
	case fs.ModeSymlink:
		return bits | 0o120000
	case fs.ModeNamedPipe:
		return bits | 0o010000
	case fs.ModeSocket:
		return bits | 0o140000
	case fs.ModeDevice:
		return bits | 0o060000
	case fs.ModeDevice | fs.ModeCharDevice:
		return bits | 0o020000
	}
	return bits
}

// longName is a line as `ls -l` shows it. Clients print it as it is.
func longName(fi fs.FileInfo, owner string, now time.Time) string {
	when := fi.ModTime()
	format := "Jan _2 15:04"
	if age := now.Sub(when); age < 0 || age > 365*24*time.Hour/2 {
		format = "Jan _2  2006"
	}
	mode := []byte("?" + fi.Mode().Perm().String()[1:])
	mode[0] = letterOf(fi.Mode())
	return fmt.Sprintf("%s    1 %-8s %-8s %8d %s %s", mode, owner, owner, fi.Size(), when.Format(format), fi.Name())
}

func letterOf(mode fs.FileMode) byte {
	switch mode.Type() {
	case 0:
		return '-'
	case fs.ModeDir:
		return 'd'
	case fs.ModeSymlink:
		return 'l'
	case fs.ModeNamedPipe:
		return 'p'
	case fs.ModeSocket:
		return 's'
	case fs.ModeDevice:
		return 'b'
	case fs.ModeDevice | fs.ModeCharDevice:
		return 'c'
	}
	return '?'
}
