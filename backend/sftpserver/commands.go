package sftpserver

import (
	"errors"
	"io/fs"
	"math"
	"time"

	"latchkey/backend/files"
	"latchkey/backend/identity"
)

// stat describes what is at a path. Of a file that this session is uploading
// it tells what has arrived.
func (s *session) stat(id uint32, b *body, stat func(files.Path) (files.Info, error)) error {
	p, err := s.place(b)
	if err != nil {
		return err
	}
	return s.describe(id, p, func() (files.Info, error) {
		if u, ok := s.uploads[p.path]; ok {
			return u.Stat()
		}
		return stat(p.path)
	})
}

// statOpen describes what a handle is of, wherever it has been moved.
func (s *session) statOpen(id uint32, b *body) error {
	h, err := s.handle(b)
	if err != nil {
		return err
	}
	return s.describe(id, h.where(), func() (files.Info, error) {
		if f, ok := h.(*file); ok {
			return f.content.Stat()
		}
		return s.tree.Stat(h.where().path)
	})
}

func (s *session) describe(id uint32, p place, stat func() (files.Info, error)) error {
	if err := p.need(toRead); err != nil {
		return err
	}
	info, err := stat()
	if err != nil {
		return err
	}
	s.out.begin(pktAttrs, 1+4+maxAttributes)
	s.out.uint32(id)
	s.out.attributes(info)
	s.out.end()
	return nil
}

func (s *session) change(b *body, need identity.PathPermission, do func(files.Path) error) error {
	p, err := s.place(b)
	if err != nil {
		return err
	}
	if err := p.need(need); err != nil {
		return err
	}
	return do(p.path)
}

// rename needs the right at both ends. replace lets it take the place of a
// file, which also needs the right to delete it; without, it is a plain rename.
func (s *session) rename(b *body, replace bool) error {
	from, err := s.place(b)
	if err != nil {
		return err
	}
	to, err := s.place(b)
	if err != nil {
		return err
	}
	need := toMove
	if from.path.Dir() == to.path.Dir() {
		need = toRename
	}
	if !from.may(need) || !to.may(need) {
		return errNotAllowed
	}
	if replace && to.may(toDelete) {
		return s.tree.Replace(from.path, to.path)
	}
	err = s.tree.Rename(from.path, to.path)
	if replace && errors.Is(err, files.ErrExists) {
		return errNotAllowed
	}
	return err
}

// settable is what attributes are set on.
type settable interface {
	Truncate(size int64) error
	Chmod(mode fs.FileMode) error
	Chtimes(accessed, changed time.Time) error
}

// setstat changes attributes, also those of a file that is being uploaded.
func (s *session) setstat(b *body) error {
	p, a, err := s.setting(b)
	if err != nil {
		return err
	}
	return s.set(p, s.uploads[p.path], a)
}

// setting reads a path with attributes for it.
func (s *session) setting(b *body) (place, attributes, error) {
	p, err := s.place(b)
	a := b.attributes()
	if b.short {
		return p, a, errBadMessage
	}
	return p, a, err
}

// setstatOpen is setstat for what a handle is of. What is no upload is found
// by the path that it was opened at.
func (s *session) setstatOpen(b *body) error {
	h, err := s.handle(b)
	a := b.attributes()
	if b.short {
		return errBadMessage
	}
	if err != nil {
		return err
	}
	if f, ok := h.(*file); ok && f.upload != nil {
		return s.set(f.place, f.upload, a)
	}
	return s.set(h.where(), nil, a)
}

// set sets attributes of an upload, or of what is there if it is nil.
func (s *session) set(p place, u *upload, a attributes) error {
	err := p.need(toWrite)
	if err == nil && a.flags&hasOwner != 0 {
		err = errOwner
	}
	switch {
	case err != nil && u != nil && a.flags&hasSize != 0:
		u.fail(math.MaxInt64, err)
		return err
	case err != nil:
		return err
	case u != nil:
		return a.set(u)
	}
	return a.set(inTree{s.tree, p.path})
}

func (a attributes) set(on settable) error {
	if a.flags&hasSize != 0 {
		if err := on.Truncate(int64(a.size)); err != nil { // too large a size turns negative and is refused
			return err
		}
	}
	if a.flags&hasMode != 0 {
		if err := on.Chmod(a.mode); err != nil {
			return err
		}
	}
	if a.flags&hasTimes != 0 {
		return on.Chtimes(a.accessed, a.changed)
	}
	return nil
}

// inTree sets attributes of what is there.
type inTree struct {
	tree *files.Tree
	path files.Path
}

func (t inTree) Truncate(size int64) error    { return t.tree.Truncate(t.path, size) }
func (t inTree) Chmod(mode fs.FileMode) error { return t.tree.Chmod(t.path, mode) }
func (t inTree) Chtimes(accessed, changed time.Time) error {
	return t.tree.Chtimes(t.path, accessed, changed)
}
