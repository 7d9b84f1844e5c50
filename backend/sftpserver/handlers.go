package sftpserver

import (
	"io"
	"os"

	"github.com/pkg/sftp"

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

// handlers answers the requests of one SFTP session, one at a time, though on
// goroutines of pkg/sftp.
type handlers struct {
	conn    *conn
	tree    *files.Tree
	uploads map[files.Path]*upload // under way, by where they will be; the newest of each
}

func newHandlers(c *conn, tree *files.Tree) *handlers {
	return &handlers{conn: c, tree: tree, uploads: map[files.Path]*upload{}}
}

// Fileread opens a file for reading.
func (h *handlers) Fileread(r *sftp.Request) (_ io.ReaderAt, err error) {
	defer h.conn.containTo(&err)
	p, err := h.conn.at(r.Filepath)
	if err != nil {
		return nil, h.conn.status(err)
	}
	f, err := open(p, toRead, func() (*files.File, error) { return h.tree.Open(p.path) })
	if err != nil {
		return nil, h.conn.status(err)
	}
	return &reader{p, f}, nil
}

// Filelist lists a folder or describes a file.
func (h *handlers) Filelist(r *sftp.Request) (_ sftp.ListerAt, err error) {
	defer h.conn.containTo(&err)
	p, err := h.conn.at(r.Filepath)
	if err != nil {
		return nil, h.conn.status(err)
	}
	switch r.Method {
	case "List":
		d, err := open(p, toRead, func() (*files.Folder, error) { return h.tree.List(p.path) })
		if err != nil {
			return nil, h.conn.status(err)
		}
		return &lister{place: p, folder: d}, nil
	case "Stat":
		return h.describe(p, h.tree.Stat)
	}
	return nil, errUnsupported // there is no reading of links
}

// Lstat describes a file, folder or link.
func (h *handlers) Lstat(r *sftp.Request) (_ sftp.ListerAt, err error) {
	defer h.conn.containTo(&err)
	p, err := h.conn.at(r.Filepath)
	if err != nil {
		return nil, h.conn.status(err)
	}
	return h.describe(p, h.tree.Lstat)
}

// describe tells of a file that this session is uploading what has arrived.
func (h *handlers) describe(p place, stat func(files.Path) (files.Info, error)) (sftp.ListerAt, error) {
	if err := p.need(toRead); err != nil {
		return nil, h.conn.status(err)
	}
	if u, ok := h.uploads[p.path]; ok {
		stat = func(files.Path) (files.Info, error) { return u.Stat() }
	}
	info, err := stat(p.path)
	if err != nil {
		return nil, h.conn.status(err)
	}
	return one{info}, nil
}

// LookupUserName names the owner in long listings: everything a person sees is
// theirs.
func (h *handlers) LookupUserName(string) string {
	return string(h.conn.proof.who.User.Username)
}

// LookupGroupName is LookupUserName.
func (h *handlers) LookupGroupName(id string) string { return h.LookupUserName(id) }

// one is a list of one entry.
type one struct{ info os.FileInfo }

func (o one) ListAt(into []os.FileInfo, off int64) (int, error) {
	if off > 0 || len(into) == 0 {
		return 0, io.EOF
	}
	into[0] = o.info
	return 1, nil
}
