package files

import (
	"context"
	"errors"
	"io"
	"strings"
)

const (
	// copyAtOnce is how much of a file is copied at a time, in bytes.
	copyAtOnce = 256 << 10
	// copyAsks is after how many bytes of a file it is asked whether to go on.
	copyAsks = 1 << 20
)

// Copy copies a file, or a folder with the files and folders in it, to another
// path. A file takes the place of one that is there if replace says so; a
// folder needs a free path. Links and special files in a folder are left out.
// Of a folder whose copying fails, what was copied stays. still is asked before
// each file or folder and after each MiB, and ends the copy by its error. Errors:
// file_exists, folder_into_itself, those of Open and Create, and that of ctx.
func (t *Tree) Copy(ctx context.Context, from, to Path, replace bool, still func() error) error {
	if err := errors.Join(t.admits(from, toTake), t.admits(to, toChange)); err != nil {
		return err
	}
	from = t.actual(from)
	fi, err := t.Lstat(from)
	if err != nil {
		return err
	}
	c := copying{t, func() error { return errors.Join(ctx.Err(), still()) }}
	if !fi.IsDir() {
		return c.file(from, to, replace)
	}
	if from.IsTop() || from == t.actual(to) || strings.HasPrefix(string(t.actual(to)), string(from)+"/") {
		return errIntoItself
	}
	return c.folder(from, to)
}

// A copying is a copy that is made as long as still returns nil.
type copying struct {
	*Tree
	still func() error
}

func (c copying) folder(from, to Path) error {
	if err := c.still(); err != nil {
		return err
	}
	if err := c.Mkdir(to); err != nil {
		return err
	}
	if err := c.copied(from, to); err != nil {
		return err
	}
	names, err := c.Names(from)
	if err != nil {
		return err
	}
	for _, name := range names {
		at, err := ParsePath(string(from.Join(name)))
		if errors.Is(err, errTooDeep) {
			return err
		}
		if err != nil {
			continue // another program has named it so that no path leads to it
		}
		fi, err := c.Lstat(at)
		switch {
		case errors.Is(err, errNotFound):
			continue // it has gone meanwhile
		case err != nil:
			return err
		case fi.IsDir():
			err = c.folder(at, to.Join(name))
		case fi.Mode().IsRegular():
			err = c.file(at, to.Join(name), false)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c copying) file(from, to Path, replace bool) error {
	if err := c.still(); err != nil {
		return err
	}
	in, err := c.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	fi, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := c.Create(to, Creation{Mode: fi.Mode(), New: !replace, Size: fi.Size()})
	if err != nil {
		return err
	}
	if _, err := out.Fill(&guarded{Reader: in, still: c.still}, make([]byte, min(copyAtOnce, fi.Size()+1))); err != nil {
		return errors.Join(err, out.Abort())
	}
	if err := out.Chtimes(fi.ModTime(), fi.ModTime()); err != nil {
		return errors.Join(err, out.Abort())
	}
	return out.Close()
}

// Fill writes all that a reader has, from the beginning of the file on and one
// buffer at a time, and returns how much that was.
func (u *Upload) Fill(from io.Reader, buf []byte) (int64, error) {
	var n int64
	for have, ended := 0, error(nil); ; {
		var got int
		got, ended = from.Read(buf[have:])
		if have += got; have == len(buf) || ended != nil {
			if _, err := u.WriteAt(buf[:have], n); err != nil {
				return n, err
			}
			n, have = n+int64(have), 0
		}
		switch {
		case errors.Is(ended, io.EOF):
			return n, nil
		case ended != nil:
			return n, ended
		}
	}
}

// A guarded reader asks after every so many bytes whether to go on.
type guarded struct {
	io.Reader

	still func() error
	since int
}

func (r *guarded) Read(b []byte) (int, error) {
	n, err := r.Reader.Read(b)
	if r.since += n; r.since < copyAsks {
		return n, err
	}
	r.since = 0
	if refused := r.still(); refused != nil {
		return 0, refused
	}
	return n, err
}
