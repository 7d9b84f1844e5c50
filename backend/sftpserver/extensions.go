package sftpserver

import (
	"errors"
	"io"
	"io/fs"

	"latchkey/backend/files"
)

// An extension is a request of OpenSSH's, as its file PROTOCOL describes it.
type extension struct {
	name, version string
	do            func(s *session, id uint32, b *body) error
}

// extensions are those that OpenSSH's client uses and that this server can
// answer for. Hard links are none of them.
func extensions() []extension {
	return []extension{
		{"posix-rename@openssh.com", "1", func(s *session, id uint32, b *body) error { return s.done(id, s.rename(b, true)) }},
		{"statvfs@openssh.com", "2", (*session).statvfs},
		{"fsync@openssh.com", "1", func(s *session, id uint32, b *body) error { return s.done(id, s.sync(b)) }},
		{"lsetstat@openssh.com", "1", func(s *session, id uint32, b *body) error { return s.done(id, s.lsetstat(b)) }},
		{"limits@openssh.com", "1", (*session).limits},
		{"copy-data", "1", func(s *session, id uint32, b *body) error { return s.done(id, s.copyData(b)) }},
		{"home-directory", "1", (*session).homeDirectory},
		{"users-groups-by-id@openssh.com", "1", (*session).owners},
	}
}

func (s *session) extended(id uint32, b *body) error {
	name := b.string()
	for _, e := range extensions() {
		if e.name == name {
			return e.do(s, id, b)
		}
	}
	return errUnsupported
}

// statvfs tells the room on the disk.
func (s *session) statvfs(id uint32, b *body) error {
	var space files.Space
	err := s.change(b, toRead, func(p files.Path) (err error) {
		space, err = s.tree.StatFS(p)
		return err
	})
	if errors.Is(err, files.ErrUnsupported) {
		return errUnsupported
	}
	if err != nil {
		return err
	}
	s.numbers(id,
		space.BlockSize, space.BlockSize, space.Blocks, space.Free, space.Available, space.Files, space.FilesFree, space.FilesFree,
		0, 0, files.MaxName) // no id of the file system, and no flags
	return nil
}

// limits tells what a client may send and ask for, so that it does not keep to
// the 32 KiB that every server takes.
func (s *session) limits(id uint32, _ *body) error {
	s.numbers(id, maxPacket, maxData, maxData, uint64(s.conn.server.Limits.Handles))
	return nil
}

func (s *session) numbers(id uint32, numbers ...uint64) {
	s.out.begin(pktExtendedReply, 1+4+8*len(numbers))
	s.out.uint32(id)
	for _, n := range numbers {
		s.out.uint64(n)
	}
	s.out.end()
}

// sync brings what has been written to the disk.
func (s *session) sync(b *body) error {
	f, err := s.file(b)
	if err != nil {
		return err
	}
	if f.rights&toWrite == 0 {
		return errNotOpen
	}
	if err := f.need(toWrite); err != nil {
		return err
	}
	return f.content.Sync()
}

// lsetstat is setstat that follows no link.
func (s *session) lsetstat(b *body) error {
	p, a, err := s.setting(b)
	if err != nil {
		return err
	}
	if err := p.need(toWrite); err != nil {
		return err
	}
	u := s.uploads[p.path]
	if u == nil {
		info, err := s.tree.Lstat(p.path)
		if err != nil {
			return err
		}
		if info.Mode().Type() == fs.ModeSymlink {
			return errUnsupported
		}
	}
	return s.set(p, u, a)
}

// copyData copies from one open file to another. Nothing is answered until it
// is done, but the connection can end it.
func (s *session) copyData(b *body) error {
	from, err := s.file(b)
	off, length := b.uint64(), b.uint64()
	to, errTo := s.file(b)
	at := b.uint64()
	switch {
	case b.short:
		return errBadMessage
	case errors.Join(err, errTo) != nil:
		return errNotOpen
	case from.rights&toRead == 0:
		return errNotOpen
	}
	switch same, err := sameFile(from, to); {
	case err != nil:
		return err
	case same:
		return errNotOpen
	}
	buffer := s.conn.server.buffers.take()
	defer s.conn.server.buffers.give(buffer)
	for toEnd := length == 0; toEnd || length > 0; {
		if err := s.conn.ctx.Err(); err != nil {
			return errFailed
		}
		part := buffer[:maxPacket]
		if !toEnd {
			part = part[:min(uint64(len(part)), length)]
		}
		n, err := from.readAt(part, off)
		switch {
		case n == 0 && errors.Is(err, io.EOF) && toEnd:
			return nil
		case n == 0 && err != nil:
			return err
		}
		if err := to.writeAt(part[:n], at); err != nil {
			return err
		}
		s.conn.touch()
		off, at, length = off+uint64(n), at+uint64(n), length-min(length, uint64(n))
	}
	return nil
}

// sameFile reports whether two handles are of one file, whatever it was called
// when each was opened: copied onto itself it would grow for ever.
func sameFile(a, b *file) (bool, error) {
	one, err := a.content.Stat()
	if err != nil {
		return false, err
	}
	other, err := b.content.Stat()
	return err == nil && files.SameFile(one, other), err
}

// homeDirectory tells where somebody's files begin: for everybody who asks
// about themselves, at the top.
func (s *session) homeDirectory(id uint32, b *body) error {
	name := b.string()
	if b.short {
		return errBadMessage
	}
	if name != "" && name != s.conn.name() {
		return errNoPerson
	}
	s.nameOnly(id, "/")
	return nil
}

// owners names the owners of files. Everything that a person sees is theirs,
// whatever number a client makes of that.
func (s *session) owners(id uint32, b *body) error {
	users, groups := b.bytes(), b.bytes()
	if b.short || len(users)%4 != 0 || len(groups)%4 != 0 {
		return errBadMessage
	}
	name := s.conn.name()
	each := 4 + len(name)
	if (len(users)+len(groups))/4*each > maxData {
		return errBadMessage
	}
	s.out.begin(pktExtendedReply, 1+4+4+4+(len(users)+len(groups))/4*each)
	s.out.uint32(id)
	for _, ids := range [][]byte{users, groups} {
		s.out.uint32(uint32(len(ids) / 4 * each))
		for range len(ids) / 4 {
			s.out.string(name)
		}
	}
	s.out.end()
	return nil
}
