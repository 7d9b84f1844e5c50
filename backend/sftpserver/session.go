package sftpserver

import (
	"errors"
	"io"
	"path"
	"strconv"

	"latchkey/backend/files"
	"latchkey/backend/identity"
)

// What the operations need, as AList's bits have it.
const (
	toRead   = identity.PathSFTPRead
	toWrite  = identity.PathSFTPWrite | identity.PathWrite
	toDelete = identity.PathSFTPWrite | identity.PathDelete
	toRename = identity.PathSFTPWrite | identity.PathRename
	toMove   = identity.PathSFTPWrite | identity.PathMove
)

// A session answers the requests of one channel, one after the other, in the
// order in which they come. Appending needs that, and so does a client that
// uses a handle before it was told of it.
type session struct {
	conn    *conn
	tree    *files.Tree
	in      requests
	out     replies
	handles map[string]handle
	last    uint64                 // handle that was given
	uploads map[files.Path]*upload // under way, by where they will be; the newest of each
}

// A handle is something that a client has opened.
type handle interface {
	where() place
	// close ends it. lost means that the client did not.
	close(lost bool) error
}

func newSession(c *conn, tree *files.Tree, rw io.ReadWriter) *session {
	s := &session{conn: c, tree: tree, handles: map[string]handle{}, uploads: map[files.Path]*upload{}}
	s.in = requests{from: ahead{Reader: rw, spawn: c.spawn}, buffers: &c.server.buffers, waiting: s.out.flush}
	s.out = replies{to: rw, buffers: &c.server.buffers}
	return s
}

// serve answers requests until there are no more, and then closes what is
// open.
func (s *session) serve() error {
	defer s.end()
	for s.out.failed == nil {
		packet, err := s.in.next()
		if err == nil {
			err = s.answer(packet)
		}
		if err != nil {
			s.out.flush()
			return err
		}
	}
	return s.out.failed
}

func (s *session) end() {
	s.in.release()
	s.out.release()
	for name, h := range s.handles {
		delete(s.handles, name)
		s.lose(h)
	}
}

// lose closes what the client has left open, whatever becomes of the others.
func (s *session) lose(h handle) {
	defer s.conn.contain()
	if err := h.close(true); err != nil {
		_ = s.conn.refusal(err) // logs what is a fault of ours
	}
}

// answer answers a packet. An error means that the client does not speak SFTP, or
// that its files lie elsewhere now.
func (s *session) answer(packet []byte) error {
	b := &body{data: packet[1:]}
	if packet[0] == pktInit {
		s.greet()
		return nil
	}
	id := b.uint32()
	if b.short {
		return errPacketLength
	}
	if err := s.do(packet[0], id, b); err != nil {
		r := s.conn.refusal(err)
		s.out.status(id, r.status, r.text)
		if errors.Is(err, files.ErrTopMoved) {
			return err
		}
	}
	return nil
}

// do answers a request, but leaves telling of an error to its caller.
func (s *session) do(k kind, id uint32, b *body) error {
	switch k {
	case pktRead:
		return s.read(id, b)
	case pktWrite:
		return s.done(id, s.write(b))
	case pktOpen:
		return s.open(id, b)
	case pktClose:
		return s.done(id, s.close(b))
	case pktOpendir:
		return s.openFolder(id, b)
	case pktReaddir:
		return s.list(id, b)
	case pktStat:
		return s.stat(id, b, s.tree.Stat)
	case pktLstat:
		return s.stat(id, b, s.tree.Lstat)
	case pktFstat:
		return s.statOpen(id, b)
	case pktSetstat:
		return s.done(id, s.setstat(b))
	case pktFsetstat:
		return s.done(id, s.setstatOpen(b))
	case pktRealpath:
		return s.realpath(id, b)
	case pktMkdir:
		return s.done(id, s.change(b, toWrite, s.tree.Mkdir))
	case pktRemove:
		return s.done(id, s.change(b, toDelete, s.tree.Remove))
	case pktRmdir:
		return s.done(id, s.change(b, toDelete, s.tree.Rmdir))
	case pktRename:
		return s.done(id, s.rename(b, false))
	case pktExtended:
		return s.extended(id, b)
	}
	return errUnsupported // links, and what nobody knows
}

// done answers that all is well unless there was an error.
func (s *session) done(id uint32, err error) error {
	if err == nil {
		s.out.status(id, statusOK, "")
	}
	return err
}

// keep gives the client a handle.
func (s *session) keep(id uint32, h handle) {
	s.last++
	name := strconv.FormatUint(s.last, 10)
	s.handles[name] = h
	s.out.handle(id, name)
}

// handle reads which handle a request is about.
func (s *session) handle(b *body) (handle, error) {
	h, ok := s.handles[string(b.bytes())]
	switch {
	case b.short:
		return nil, errBadMessage
	case !ok:
		return nil, errNotOpen
	}
	return h, nil
}

// file is handle for a file.
func (s *session) file(b *body) (*file, error) {
	h, err := s.handle(b)
	if err != nil {
		return nil, err
	}
	f, ok := h.(*file)
	if !ok {
		return nil, errNotOpen
	}
	return f, nil
}

// place reads the path that a request is about. A client's paths begin at the
// top, and lead nowhere above it.
func (s *session) place(b *body) (place, error) {
	sent := b.string()
	if b.short {
		return place{}, errBadMessage
	}
	return s.conn.at(path.Join("/", sent))
}

func (s *session) close(b *body) error {
	name := b.string()
	h, ok := s.handles[name]
	switch {
	case b.short:
		return errBadMessage
	case !ok:
		return errNotOpen
	}
	delete(s.handles, name)
	return h.close(false)
}

// realpath answers with the path in its shortest form, whether or not
// something is there.
func (s *session) realpath(id uint32, b *body) error {
	p, err := s.place(b)
	if err != nil {
		return err
	}
	s.nameOnly(id, string(p.path))
	return nil
}

// nameOnly answers with a name that tells nothing of what has it.
func (s *session) nameOnly(id uint32, name string) {
	s.out.begin(pktName, 1+4+4+4+len(name)+4+len(name)+4)
	s.out.uint32(id)
	s.out.uint32(1)
	s.out.string(name)
	s.out.string(name)
	s.out.uint32(0) // no attributes
	s.out.end()
}

// greet says which version and extensions there are.
func (s *session) greet() {
	s.out.begin(pktVersion, 1<<10)
	s.out.uint32(3)
	for _, e := range extensions() {
		s.out.string(e.name)
		s.out.string(e.version)
	}
	s.out.end()
}
