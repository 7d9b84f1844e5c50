package files

import (
	"errors"
	"os"
	"syscall"
)

// A File is an open regular file. ReadAt, WriteAt and Truncate may be called
// from many goroutines.
type File struct {
	content
	name    string
	written bool
}

// Open opens a file for reading. Errors: file_not_found, is_a_folder,
// not_a_file.
func (t *Tree) Open(p Path) (*File, error) {
	fi, err := t.root.Stat(p.rel())
	if err != nil {
		return nil, refuse(err)
	}
	if err := regular(fi); err != nil {
		return nil, err
	}
	return t.open(p, os.O_RDONLY)
}

// OpenExisting opens a file that is there for reading and writing in place:
// what is written is there at once, for everybody, and what is not written
// stays. This is how an upload is resumed or a file appended to. Close syncs.
// A link is refused. Errors as Open.
func (t *Tree) OpenExisting(p Path) (*File, error) {
	fi, err := t.root.Lstat(p.rel())
	if err != nil {
		return nil, refuse(err)
	}
	if err := regular(fi); err != nil {
		return nil, err
	}
	f, err := t.open(p, os.O_RDWR)
	if err != nil {
		return nil, err
	}
	f.written = true
	f.high.Store(fi.Size())
	return f, nil
}

// open does not wait for the other end of a FIFO that has taken the file's
// place since it was looked at, and refuses it.
func (t *Tree) open(p Path, flag int) (*File, error) {
	f, err := t.root.OpenFile(p.rel(), flag|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, refuse(err)
	}
	fi, err := f.Stat()
	if err == nil {
		err = regular(fi)
	}
	if err != nil {
		_ = f.Close()
		return nil, refuse(err)
	}
	return &File{content: content{f: f, store: t.store}, name: p.Name()}, nil
}

// Stat describes the file as it is now, wherever it has been moved.
func (f *File) Stat() (Info, error) { return f.stat(f.name) }

// Close syncs what was written and closes the file.
func (f *File) Close() error {
	var err error
	if f.written {
		err = f.f.Sync()
	}
	return refuse(errors.Join(err, f.f.Close()))
}
