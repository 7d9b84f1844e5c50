package sftpserver

import (
	"encoding/binary"
	"io"
	"io/fs"
	"math"

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
	up := &upload{Upload: u}
	h.uploads[p.path] = up
	return &writer{place: p, handlers: h, file: up, upload: up, appends: flags.Append}, nil
}

// inPlace opens a file that is there, to change parts of it or to append.
func (h *handlers) inPlace(p place, r *sftp.Request) (*writer, error) {
	f, err := h.tree.OpenExisting(p.path)
	if err != nil {
		return nil, err
	}
	return &writer{place: p, handlers: h, file: f, appends: r.Pflags().Append}, nil
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
		Stat() (files.Info, error)
	}
	upload  *upload // file, if it is one
	appends bool
	lost    bool
}

func (w *writer) WriteAt(b []byte, off int64) (n int, err error) {
	defer w.conn.containTo(&err)
	n, err = w.write(b, off)
	if err != nil && w.upload != nil {
		whole := off + int64(n)
		if w.appends {
			whole = math.MaxInt64 // there are no holes
		}
		w.upload.fail(whole, err)
	}
	return n, w.conn.status(err)
}

func (w *writer) write(b []byte, off int64) (int, error) {
	if err := w.need(toWrite); err != nil {
		return 0, err
	}
	if w.appends { // wherever the client thinks that is
		info, err := w.file.Stat()
		if err != nil {
			return 0, err
		}
		off = info.Size()
	}
	return w.file.WriteAt(b, off)
}

func (w *writer) ReadAt(b []byte, off int64) (n int, err error) {
	defer w.conn.containTo(&err)
	return readAt(w.place, w.file, b, off)
}

// TransferError is called when the connection was lost with the file open;
// Close follows.
func (w *writer) TransferError(error) { w.lost = true }

func (w *writer) Close() (err error) {
	defer w.conn.containTo(&err)
	defer w.conn.handles.Add(-1)
	return w.conn.status(w.end())
}

func (w *writer) end() error {
	if w.upload == nil {
		return w.file.Close()
	}
	if w.handlers.uploads[w.path] == w.upload {
		delete(w.handlers.uploads, w.path)
	}
	switch {
	case !w.may(toWrite):
		_ = w.upload.Abort()
		return errNotAllowed
	case w.lost:
		return w.upload.keep()
	}
	return w.upload.finish()
}
