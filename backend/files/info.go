package files

import (
	"io/fs"
	"os"
	"time"
)

// An Info describes a file or folder. It is an fs.FileInfo that tells nothing
// of the machine beneath.
type Info struct {
	name string
	fi   fs.FileInfo
}

// Name returns the last name of the path, "/" for the top.
func (i Info) Name() string { return i.name }

// Size returns the length in bytes.
func (i Info) Size() int64 { return i.fi.Size() }

// Mode returns the kind and the permission bits; setuid, setgid and sticky
// bits are left out.
func (i Info) Mode() fs.FileMode { return i.fi.Mode() & (fs.ModeType | fs.ModePerm) }

// ModTime returns when the content was last changed.
func (i Info) ModTime() time.Time { return i.fi.ModTime() }

// IsDir reports whether it is a folder.
func (i Info) IsDir() bool { return i.fi.IsDir() }

// Sys returns nil.
func (i Info) Sys() any { return nil }

// SameFile reports whether two descriptions are of one file, whatever its name
// was.
func SameFile(a, b Info) bool { return os.SameFile(a.fi, b.fi) }
