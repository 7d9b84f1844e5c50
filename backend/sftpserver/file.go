package sftpserver

import (
	"errors"
	"io"
	"io/fs"
	"math"

	"latchkey/backend/files"
	"latchkey/backend/identity"
)

// How a client opens a file (draft-ietf-secsh-filexfer-02, section 6.3).
const (
	openRead = 1 << iota
	openWrite
	openAppend
	openCreate
	openTruncate
	openExclusive
)

// An opening is a request to open a file.
type opening struct {
	place
	flags uint32
	mode  fs.FileMode // of a new file
}

func (o opening) wants(flags uint32) bool { return o.flags&flags == flags }

// A file is an open file, being read, written or both.
type file struct {
	place
	session *session
	content interface {
		io.ReaderAt
		io.WriterAt
		io.Closer
		Stat() (files.Info, error)
		Sync() error
		Still() error
	}
	upload *upload // content, if it is one
	rights identity.PathPermission
	append bool
	pace   *pace
}

func (f *file) where() place { return f.place }

// claim takes one of the connection's handles, if the person may.
func (c *conn) claim(p place, need identity.PathPermission) error {
	if err := p.need(need); err != nil {
		return err
	}
	if c.handles.Add(1) > int64(c.server.Limits.Handles) {
		c.handles.Add(-1)
		return errHandles
	}
	return nil
}

// open opens a file. Like OpenSSH's, a client that only means to create or to
// cut off opens it for writing.
func (s *session) open(id uint32, b *body) error {
	p, err := s.place(b)
	o := opening{place: p, flags: b.uint32()}
	if a := b.attributes(); a.flags&hasMode != 0 {
		o.mode = a.mode
	}
	if b.short {
		return errBadMessage
	}
	if err != nil {
		return err
	}
	f := &file{place: p, session: s, append: o.wants(openAppend)}
	if o.wants(openRead) {
		f.rights |= toRead
	}
	if o.flags&(openWrite|openAppend|openCreate|openTruncate) != 0 {
		f.rights |= toWrite
	}
	if f.rights == 0 {
		return errBadMessage
	}
	if err := s.conn.claim(p, f.rights); err != nil {
		return err
	}
	if err := s.openContent(f, o); err != nil {
		s.conn.handles.Add(-1)
		return err
	}
	f.held = &held{open: f.content}
	if f.rights == toRead {
		if info, err := f.content.Stat(); err == nil {
			f.pace = s.conn.paceOf(info.Size())
		}
	}
	s.keep(id, f)
	return nil
}

func (s *session) openContent(f *file, o opening) error {
	switch {
	case f.rights == toRead:
		in, err := s.tree.Open(o.path)
		f.content = in
		return err
	case o.wants(openTruncate), o.wants(openCreate | openExclusive):
		return s.begin(f, o)
	}
	in, err := s.tree.OpenExisting(o.path)
	if o.wants(openCreate) && identity.KindOf(err) == identity.NotFound {
		return s.begin(f, o)
	}
	f.content = in // changes parts of what is there, or appends
	return err
}

// begin begins a new content.
func (s *session) begin(f *file, o opening) error {
	if !o.wants(openCreate) {
		if _, err := s.tree.Stat(o.path); err != nil {
			return err
		}
	}
	u, err := s.tree.Create(o.path, files.Creation{Mode: o.mode, Exclusive: o.wants(openCreate | openExclusive)})
	if err != nil {
		return err
	}
	f.upload = &upload{Upload: u}
	f.content = f.upload
	s.uploads[o.path] = f.upload
	return nil
}

// read answers with what is in a file, as much as fits.
func (s *session) read(id uint32, b *body) error {
	f, err := s.file(b)
	off, n := b.uint64(), b.uint32()
	switch {
	case b.short:
		return errBadMessage
	case err != nil:
		return err
	case f.rights&toRead == 0:
		return errNotOpen
	}
	f.pace.wait(&s.in, off, int(min(n, maxData)))
	got, err := s.out.data(id, int(min(n, maxData)), func(into []byte) (int, error) { return f.readAt(into, off) })
	if got > 0 {
		return nil // what stopped it the next request will meet too
	}
	if err == nil {
		err = io.EOF
	}
	return err
}

func (f *file) readAt(into []byte, off uint64) (int, error) {
	if err := f.need(toRead); err != nil {
		return 0, err
	}
	return f.content.ReadAt(into, int64(off)) // too far turns negative, where nothing is
}

// write puts what came with the request into a file.
func (s *session) write(b *body) error {
	f, err := s.file(b)
	off, data := b.uint64(), b.bytes()
	switch {
	case b.short:
		return errBadMessage
	case err != nil:
		return err
	}
	return f.writeAt(data, off)
}

// writeAt remembers what did not get into an upload.
func (f *file) writeAt(data []byte, off uint64) error {
	if f.rights&toWrite == 0 {
		return errNotOpen
	}
	n, err := f.put(data, int64(off))
	if err != nil && f.upload != nil {
		whole := int64(off) + int64(n)
		if f.append {
			whole = math.MaxInt64 // there are no holes
		}
		f.upload.fail(whole, err)
	}
	return err
}

func (f *file) put(data []byte, off int64) (int, error) {
	if err := f.need(toWrite); err != nil {
		return 0, err
	}
	if f.append { // wherever the client thinks that is
		info, err := f.content.Stat()
		if err != nil {
			return 0, err
		}
		off = info.Size()
	}
	return f.content.WriteAt(data, off)
}

func (f *file) close(lost bool) error {
	defer f.conn.handles.Add(-1)
	if f.upload == nil {
		return f.content.Close()
	}
	if f.session.uploads[f.path] == f.upload {
		delete(f.session.uploads, f.path)
	}
	if err := f.need(toWrite); err != nil {
		return errors.Join(err, f.upload.Abort())
	}
	if lost {
		return f.upload.keep()
	}
	return f.upload.finish()
}
