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
	at      Path // below the files folder
	written bool
}

// Open opens a file for reading. Errors: file_not_found, is_a_folder,
// not_a_file, too_many_files.
func (t *Tree) Open(p Path) (*File, error) {
	return see(t, p, toSee, true, func() (*File, error) { return t.openToRead(t.actual(p)) })
}

func (t *Tree) openToRead(p Path) (*File, error) {
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
	return see(t, p, toSee, true, func() (*File, error) { return t.openToWrite(t.actual(p)) })
}

func (t *Tree) openToWrite(p Path) (*File, error) {
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
	f.solid.Store(min(fi.Size(), allocated(fi)))
	f.high.Store(f.solid.Load())
	return f, nil
}

// open does not wait for the other end of a FIFO that has taken the file's
// place since it was looked at, and refuses it.
func (t *Tree) open(p Path, flag int) (*File, error) {
	if err := t.store.handles.take(1); err != nil {
		return nil, err
	}
	f, err := t.root.OpenFile(p.rel(), flag|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.store.handles.give(1)
		return nil, refuse(err)
	}
	fi, err := f.Stat()
	if err == nil {
		err = regular(fi)
	}
	if err != nil {
		_ = f.Close()
		t.store.handles.give(1)
		return nil, refuse(err)
	}
	return &File{content: content{f: f, store: t.store, tree: t, room: t.allowance()}, name: p.Name(), at: p.Below(t.base)}, nil
}

// Stat describes the file as it is now, wherever it has been moved.
func (f *File) Stat() (Info, error) { return f.stat(f.name) }

// Close syncs what was written and closes the file.
func (f *File) Close() error {
	var err error
	if f.written {
		err = f.f.Sync()
	}
	closed := f.f.Close()
	if !errors.Is(closed, os.ErrClosed) {
		f.store.handles.give(1)
	}
	return refuse(errors.Join(err, closed))
}

// WriteAt writes like io.WriterAt. Errors: disk_full, quota_exceeded, and
// file_too_large for a place that the disk has no room for.
func (f *File) WriteAt(b []byte, off int64) (n int, err error) {
	if err := inRange(b, off); err != nil {
		return 0, err
	}
	err = f.inPlace(off+int64(len(b)), func() error {
		n, err = f.writeAt(b, off)
		return err
	})
	return n, err
}

// Truncate changes the length. Errors as WriteAt.
func (f *File) Truncate(size int64) error {
	if size < 0 {
		return errTooLarge
	}
	return f.inPlace(size, func() error { return f.truncate(size) })
}

// Read reads on from where Seek went, and SyscallConn is for the kernel, which
// sends a file faster than a program does.
func (f *File) Read(b []byte) (int, error) { return f.f.Read(b) }

// Seek implements io.Seeker.
func (f *File) Seek(off int64, whence int) (int64, error) { return f.f.Seek(off, whence) }

// SyscallConn implements syscall.Conn.
func (f *File) SyscallConn() (syscall.RawConn, error) { return f.f.SyscallConn() }
