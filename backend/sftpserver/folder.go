package sftpserver

import (
	"io/fs"

	"latchkey/backend/files"
)

// maxNames is how many entries of a folder one answer tells. With the longest
// names that there are they fill a third of a packet.
const maxNames = 100

// A folder is an open folder.
type folder struct {
	place
	entries *files.Folder
}

func (f *folder) where() place { return f.place }

func (f *folder) close(bool) error {
	defer f.conn.handles.Add(-1)
	return f.entries.Close()
}

func (s *session) openFolder(id uint32, b *body) error {
	p, err := s.place(b)
	if err != nil {
		return err
	}
	if err := s.conn.claim(p, toRead); err != nil {
		return err
	}
	entries, err := s.tree.List(p.path)
	if err != nil {
		s.conn.handles.Add(-1)
		return err
	}
	p.held = &held{open: entries}
	s.keep(id, &folder{p, entries})
	return nil
}

// list answers with the next entries.
func (s *session) list(id uint32, b *body) error {
	h, err := s.handle(b)
	if err != nil {
		return err
	}
	f, ok := h.(*folder)
	if !ok {
		return errNotOpen
	}
	if err := f.need(toRead); err != nil {
		return err
	}
	page, err := f.entries.Next(maxNames)
	if err != nil {
		return err
	}
	s.names(id, page)
	return nil
}

func (s *session) names(id uint32, page []fs.FileInfo) {
	owner, now := s.conn.name(), s.conn.server.Env.Now()
	long, size := make([]string, len(page)), 1+4+4
	for i, fi := range page {
		long[i] = longName(fi, owner, now)
		size += 4 + len(fi.Name()) + 4 + len(long[i]) + maxAttributes
	}
	s.out.begin(pktName, size)
	s.out.uint32(id)
	s.out.uint32(uint32(len(page)))
	for i, fi := range page {
		s.out.string(fi.Name())
		s.out.string(long[i])
		s.out.attributes(fi)
	}
	s.out.end()
}
