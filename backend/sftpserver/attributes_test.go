package sftpserver

import (
	"bytes"
	"io/fs"
	"math"
	"os"
	"testing"
	"time"
)

// A described is a file as a system tells of it.
type described struct {
	fs.FileInfo
	name string
	mode fs.FileMode
	when time.Time
}

func (d described) Name() string       { return d.name }
func (d described) Size() int64        { return 5 }
func (d described) Mode() fs.FileMode  { return d.mode }
func (d described) ModTime() time.Time { return d.when }

func TestLongName(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		mode fs.FileMode
		when time.Time
		want string
	}{
		{0o640, now.Add(-time.Hour), "-rw-r-----    1 ann      ann             5 May  1 11:00 f"},
		{fs.ModeDir | 0o700, now.AddDate(-1, 0, 0), "drwx------    1 ann      ann             5 May  1  2025 f"},
		{fs.ModeSymlink | 0o777, now.Add(time.Hour), "lrwxrwxrwx    1 ann      ann             5 May  1  2026 f"},
		{fs.ModeNamedPipe, now, "p---------    1 ann      ann             5 May  1 12:00 f"},
		{fs.ModeIrregular, now, "?---------    1 ann      ann             5 May  1 12:00 f"},
	} {
		if got := longName(described{name: "f", mode: tc.mode, when: tc.when}, "ann", now); got != tc.want {
			t.Errorf("%q, want %q", got, tc.want)
		}
	}
}

// What is sent of a file is what clients and systems take it for.
func TestAttributes(t *testing.T) {
	for _, tc := range []struct {
		mode fs.FileMode
		when time.Time
		bits uint32
		secs uint32
	}{
		{0o600, time.Unix(1e9, 0), 0o100600, 1e9},
		{fs.ModeDir | 0o700, time.Unix(-5, 0), 0o040700, 0},
		{fs.ModeSymlink | 0o777, time.Unix(1<<40, 0), 0o120777, math.MaxUint32},
		{fs.ModeDevice | fs.ModeCharDevice, time.Unix(0, 0), 0o020000, 0},
	} {
		r := replies{buffers: &buffers{}}
		r.begin(pktAttrs, 1+4+maxAttributes)
		r.attributes(described{mode: tc.mode, when: tc.when})
		a := body{data: bytes.Clone(r.buffer[5:r.used])}
		if a.uint32() != hasSize|hasMode|hasTimes || a.uint64() != 5 || a.uint32() != tc.bits || a.uint32() != tc.secs || a.uint32() != tc.secs || a.short || len(a.data) > 0 {
			t.Errorf("%v: %x", tc.mode, r.buffer[5:r.used])
		}
	}
	if fi, err := os.Stat("/dev/null"); err == nil {
		if bits, letter := typeOf(fi.Mode()); bits != 0o020000 || letter != 'c' {
			t.Errorf("/dev/null is %o, %c", bits, letter)
		}
	}
}
