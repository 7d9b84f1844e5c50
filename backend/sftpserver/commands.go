package sftpserver

import (
	"errors"
	"io/fs"
	"math"
	"time"

	"github.com/pkg/sftp"

	"latchkey/backend/files"
	"latchkey/backend/identity"
)

// Filecmd does what neither reads nor writes content.
func (h *handlers) Filecmd(r *sftp.Request) (err error) {
	defer h.conn.containTo(&err)
	return h.conn.status(h.command(r))
}

func (h *handlers) command(r *sftp.Request) error {
	switch r.Method {
	case "Setstat":
		return h.setstat(r)
	case "Mkdir":
		return h.change(r, toWrite, h.tree.Mkdir)
	case "Remove":
		return h.change(r, toDelete, h.tree.Remove)
	case "Rmdir":
		return h.change(r, toDelete, h.tree.Rmdir)
	case "Rename":
		return h.rename(r, false)
	}
	return errUnsupported // links
}

func (h *handlers) change(r *sftp.Request, need identity.PathPermission, do func(files.Path) error) error {
	p, err := h.conn.at(r.Filepath)
	if err != nil {
		return err
	}
	if err := p.need(need); err != nil {
		return err
	}
	return do(p.path)
}

// PosixRename is a rename that may take the place of a file.
func (h *handlers) PosixRename(r *sftp.Request) (err error) {
	defer h.conn.containTo(&err)
	return h.conn.status(h.rename(r, true))
}

// rename needs the right at both ends. Taking the place of a file also needs
// the right to delete it; without, it is a plain rename.
func (h *handlers) rename(r *sftp.Request, replace bool) error {
	from, err := h.conn.at(r.Filepath)
	if err != nil {
		return err
	}
	to, err := h.conn.at(r.Target)
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
		return h.tree.Replace(from.path, to.path)
	}
	err = h.tree.Rename(from.path, to.path)
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
// pkg/sftp calls it for open files too, by the path that they were opened at.
func (h *handlers) setstat(r *sftp.Request) error {
	flags, attrs := r.AttrFlags(), r.Attributes()
	if attrs == nil {
		return errBadMessage
	}
	p, err := h.conn.at(r.Filepath)
	if err != nil {
		return err
	}
	err = p.need(toWrite)
	if err == nil && flags.UidGid {
		err = errOwner
	}
	u, uploading := h.uploads[p.path]
	switch {
	case err != nil && uploading && flags.Size:
		u.fail(math.MaxInt64, err)
		return err
	case err != nil:
		return err
	case uploading:
		return set(u, flags, attrs)
	}
	return set(inTree{h.tree, p.path}, flags, attrs)
}

func set(on settable, flags sftp.FileAttrFlags, attrs *sftp.FileStat) error {
	if flags.Size {
		if err := on.Truncate(int64(attrs.Size)); err != nil { // too large a size turns negative and is refused
			return err
		}
	}
	if flags.Permissions {
		if err := on.Chmod(attrs.FileMode()); err != nil {
			return err
		}
	}
	if flags.Acmodtime {
		return on.Chtimes(attrs.AccessTime(), attrs.ModTime())
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

// StatVFS tells the room on the disk.
func (h *handlers) StatVFS(r *sftp.Request) (_ *sftp.StatVFS, err error) {
	defer h.conn.containTo(&err)
	var space files.Space
	err = h.change(r, toRead, func(p files.Path) (err error) {
		space, err = h.tree.StatFS(p)
		return err
	})
	if errors.Is(err, files.ErrUnsupported) {
		return nil, errUnsupported
	}
	if err != nil {
		return nil, h.conn.status(err)
	}
	return &sftp.StatVFS{
		Bsize: space.BlockSize, Frsize: space.BlockSize,
		Blocks: space.Blocks, Bfree: space.Free, Bavail: space.Available,
		Files: space.Files, Ffree: space.FilesFree, Favail: space.FilesFree,
		Namemax: files.MaxName,
	}, nil
}
