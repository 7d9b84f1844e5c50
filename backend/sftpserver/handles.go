package sftpserver

import (
	"io"
	"os"

	"latchkey/backend/files"
	"latchkey/backend/identity"
)

// open opens something with one of the connection's handles, if the person
// may.
func open[T any](p place, need identity.PathPermission, do func() (T, error)) (T, error) {
	var none T
	if err := p.need(need); err != nil {
		return none, err
	}
	if p.conn.handles.Add(1) > int64(p.conn.server.Limits.Handles) {
		p.conn.handles.Add(-1)
		return none, errHandles
	}
	got, err := do()
	if err != nil {
		p.conn.handles.Add(-1)
		return none, err
	}
	return got, nil
}

// release closes what open has opened.
func release(p place, f io.Closer) error {
	defer p.conn.handles.Add(-1)
	return p.conn.status(f.Close())
}

// A reader is a file that is being read.
type reader struct {
	place
	file *files.File
}

func (r *reader) ReadAt(b []byte, off int64) (n int, err error) {
	defer r.conn.containTo(&err)
	return readAt(r.place, r.file, b, off)
}

func readAt(p place, f io.ReaderAt, b []byte, off int64) (int, error) {
	if err := p.need(toRead); err != nil {
		return 0, p.conn.status(err)
	}
	n, err := f.ReadAt(b, off)
	return n, p.conn.status(err)
}

func (r *reader) Close() (err error) {
	defer r.conn.containTo(&err)
	return release(r.place, r.file)
}

// A lister is a folder that is being listed, in pages.
type lister struct {
	place
	folder *files.Folder
}

// ListAt returns the next page: a listing goes on where it was, so the offset
// says nothing new.
func (l *lister) ListAt(into []os.FileInfo, _ int64) (n int, err error) {
	defer l.conn.containTo(&err)
	if err := l.need(toRead); err != nil {
		return 0, l.conn.status(err)
	}
	page, err := l.folder.Next(len(into))
	return copy(into, page), l.conn.status(err)
}

func (l *lister) Close() (err error) {
	defer l.conn.containTo(&err)
	return release(l.place, l.folder)
}
