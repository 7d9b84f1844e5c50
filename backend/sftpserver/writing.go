package sftpserver

import (
	"encoding/binary"
	"io"
	"io/fs"
	"sync"
	"sync/atomic"

	"github.com/pkg/sftp"

	"latchkey/backend/files"
	"latchkey/backend/identity"
)

// Filewrite opens a file for writing.
func (h *handlers) Filewrite(r *sftp.Request) (_ io.WriterAt, err error) {
	defer h.conn.containTo(&err)
	w, err := h.openWriter(r, toWrite)
	if err != nil {
		return nil, h.conn.status(err)
	}
	return w, nil
}

// OpenFile opens a file for writing and reading.
func (h *handlers) OpenFile(r *sftp.Request) (_ sftp.WriterAtReaderAt, err error) {
	defer h.conn.containTo(&err)
	w, err := h.openWriter(r, toWrite|toRead)
	if err != nil {
		return nil, h.conn.status(err)
	}
	return w, nil
}

func (h *handlers) openWriter(r *sftp.Request, need identity.PathPermission) (*writer, error) {
	p, err := h.conn.at(r.Filepath)
	if err != nil {
		return nil, err
	}
	return open(p, need, func() (*writer, error) {
		flags := r.Pflags()
		if flags.Trunc || flags.Creat && flags.Excl {
			return h.upload(p, r)
		}
		w, err := h.inPlace(p, r)
		if flags.Creat && identity.KindOf(err) == identity.NotFound {
			return h.upload(p, r)
		}
		return w, err
	})
}

// upload begins a new content.
func (h *handlers) upload(p place, r *sftp.Request) (*writer, error) {
	flags := r.Pflags()
	if !flags.Creat {
		if _, err := h.tree.Stat(p.path); err != nil {
			return nil, err
		}
	}
	u, err := h.tree.Create(p.path, files.Creation{Mode: modeOf(r), Exclusive: flags.Creat && flags.Excl})
	if err != nil {
		return nil, err
	}
	h.uploads.add(p.path, u)
	return &writer{place: p, handlers: h, file: u, upload: u}, nil
}

// inPlace opens a file that is there, to change parts of it or to append.
func (h *handlers) inPlace(p place, r *sftp.Request) (*writer, error) {
	f, err := h.tree.OpenExisting(p.path)
	if err != nil {
		return nil, err
	}
	w := &writer{place: p, handlers: h, file: f}
	if r.Pflags().Append {
		info, err := f.Stat()
		if err != nil {
			_ = f.Close()
			return nil, err
		}
		w.tail = &tail{file: f, size: info.Size()}
	}
	return w, nil
}

// modeOf finds the mode in the attributes of an open. pkg/sftp drops the word
// that says which attributes there are, but only a mode alone has four bytes,
// and OpenSSH sends it so. Who sends more sends the mode again at the end.
func modeOf(r *sftp.Request) fs.FileMode {
	if len(r.Attrs) != 4 {
		return 0
	}
	return fs.FileMode(binary.BigEndian.Uint32(r.Attrs)) & fs.ModePerm
}

// A writer is a file that is being written.
type writer struct {
	place
	handlers *handlers
	file     interface {
		io.ReaderAt
		io.WriterAt
		io.Closer
	}
	upload *files.Upload // file, if it is one
	tail   *tail         // where to write, if the file is appended to
	lost   atomic.Bool
}

func (w *writer) WriteAt(b []byte, off int64) (n int, err error) {
	defer w.conn.containTo(&err)
	if err := w.need(toWrite); err != nil {
		return 0, w.conn.status(err)
	}
	if w.tail != nil {
		if off, err = w.tail.place(off); err != nil {
			return 0, w.conn.status(err)
		}
	}
	n, err = w.file.WriteAt(b, off)
	return n, w.conn.status(err)
}

func (w *writer) ReadAt(b []byte, off int64) (n int, err error) {
	defer w.conn.containTo(&err)
	return readAt(w.place, w.file, b, off)
}

// TransferError is called when the connection was lost with the file open;
// Close follows.
func (w *writer) TransferError(error) { w.lost.Store(true) }

func (w *writer) Close() (err error) {
	defer w.conn.containTo(&err)
	defer w.conn.handles.Add(-1)
	return w.conn.status(w.end())
}

func (w *writer) end() error {
	switch {
	case w.upload == nil && w.tail != nil:
		w.tail.end()
		return w.file.Close()
	case w.upload == nil:
		return w.file.Close()
	}
	w.handlers.uploads.remove(w.path, w.upload)
	switch {
	case !w.may(toWrite):
		_ = w.upload.Abort()
		return errNotAllowed
	case w.lost.Load():
		return w.upload.Keep()
	}
	return w.upload.Close()
}

// A tail is where an append goes. The protocol says the end of the file,
// whatever the offset; but pkg/sftp may handle two requests in the wrong order,
// and only their offsets tell the right one. Some clients count them from the
// start of the file, others from the start of what they append.
type tail struct {
	file *files.File
	size int64 // of the file when it was opened

	mu    sync.Mutex
	known bool
	shift int64
	bad   bool
}

// place returns where a write goes, or errAppend if it fits no way of counting.
func (t *tail) place(off int64) (int64, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.known && off < t.size {
		t.shift = t.size
	}
	t.known = true
	if off+t.shift < t.size {
		t.bad = true
	}
	if t.bad {
		return 0, errAppend
	}
	return off + t.shift, nil
}

// end takes back an append that went wrong.
func (t *tail) end() {
	if t.bad {
		_ = t.file.Truncate(t.size)
	}
}

// uploads are the contents that a session is sending, by where they will be.
type uploads struct {
	mu   sync.Mutex
	open map[files.Path]*files.Upload
}

func (u *uploads) add(p files.Path, upload *files.Upload) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.open[p] = upload
}

// at returns the upload that was begun last, or nil.
func (u *uploads) at(p files.Path) *files.Upload {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.open[p]
}

func (u *uploads) remove(p files.Path, upload *files.Upload) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.open[p] == upload {
		delete(u.open, p)
	}
}
