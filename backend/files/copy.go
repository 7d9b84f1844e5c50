package files

import (
	"context"
	"errors"
	"io"
	"strings"
)

// copyAtOnce is how much of a file is copied at a time, in bytes.
const copyAtOnce = 256 << 10

// Copy copies a file, or a folder with the files and folders in it, to another
// path. A file takes the place of one that is there if replace says so; a
// folder needs a free path. Links and special files in a folder are left out.
// Of a folder whose copying fails, what was copied stays. Errors: file_exists,
// folder_into_itself, those of Open and Create, and that of ctx.
func (t *Tree) Copy(ctx context.Context, from, to Path, replace bool) error {
	from = t.actual(from)
	fi, err := t.Lstat(from)
	if err != nil {
		return err
	}
	if !fi.IsDir() {
		return t.copyFile(ctx, from, to, replace)
	}
	if from.IsTop() || from == t.actual(to) || strings.HasPrefix(string(t.actual(to)), string(from)+"/") {
		return errIntoItself
	}
	return t.copyFolder(ctx, from, to)
}

func (t *Tree) copyFolder(ctx context.Context, from, to Path) error {
	if err := t.Mkdir(to); err != nil {
		return err
	}
	names, err := t.Names(from)
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
		fi, err := t.Lstat(at)
		switch {
		case errors.Is(err, errNotFound):
			continue // it has gone meanwhile
		case err != nil:
			return err
		case fi.IsDir():
			err = t.copyFolder(ctx, at, to.Join(name))
		case fi.Mode().IsRegular():
			err = t.copyFile(ctx, at, to.Join(name), false)
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (t *Tree) copyFile(ctx context.Context, from, to Path, replace bool) error {
	in, err := t.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	fi, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := t.Create(to, Creation{Mode: fi.Mode(), New: !replace, Size: fi.Size()})
	if err != nil {
		return err
	}
	if _, err := out.Fill(contextReader{ctx, in}, make([]byte, min(copyAtOnce, fi.Size()+1))); err != nil {
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

// A contextReader reads until a context ends.
type contextReader struct {
	ctx context.Context
	io.Reader
}

func (r contextReader) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(b)
}
