package cli

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/remote"
	"latchkey/backend/identity"
)

// partSuffix is what a download is called until it is whole.
const partSuffix = ".part"

var (
	errHere = identity.NewError(identity.Conflict, "local_file_exists", "That file is here already. Choose another name, or replace it with --force.")
	errLess = identity.NewError(identity.Unavailable, "local_file_changed", "The file changed while it was sent. Try again.")
)

type transferJSON struct {
	Path string `json:"path"`
	File string `json:"file"`
	Size int64  `json:"size"` // bytes
	From int64  `json:"from"` // where a download went on
}

func (a *app) getCommand() *cobra.Command {
	var named string
	var force bool
	c := withServer(a.withJSON(&cobra.Command{
		Use:   "get PATH [FILE]",
		Short: "Download a file from a server",
		Long: "Download a file from a server, to FILE or into that folder. One that broke off goes on where it stopped, as long\n" +
			"as the file on the server is the same: what has come is kept in FILE" + partSuffix + ". FILE - is standard output.",
		Args: takes(1, 2),
		RunE: a.onDesk(func(ctx context.Context, d *desk, args []string) error {
			at := remotePath(args[0])
			if word(args, 1) == "-" {
				return d.act(ctx, named, func(ctx context.Context, acc *remote.Account) error { return d.pour(ctx, acc, at) })
			}
			file, err := localTarget(word(args, 1), at.Name())
			if err != nil {
				return err
			}
			if _, err := os.Lstat(file); err == nil && !force {
				return errHere
			}
			out := transferJSON{Path: string(at), File: file}
			err = d.act(ctx, named, func(ctx context.Context, acc *remote.Account) error {
				return d.fetch(ctx, acc, &out)
			})
			if err != nil {
				return err
			}
			if d.json {
				return d.printJSON(out)
			}
			d.say("%s has been downloaded to %s (%s).", out.Path, out.File, sizeText(out.Size))
			return nil
		}),
	}), &named)
	c.Flags().BoolVarP(&force, "force", "f", false, "replace a file that is here")
	return c
}

// localTarget returns where a download goes: by the name that the person typed
// it under, as a server's own could be anything.
func localTarget(typed, name string) (string, error) {
	if typed != "" {
		if info, err := os.Stat(typed); err != nil || !info.IsDir() {
			return typed, nil //nolint:nilerr // what is not there is made
		}
	}
	if name == "/" || !filepath.IsLocal(name) || strings.ContainsAny(name, `/\`) {
		return "", usagef("Say which file it is to become here.")
	}
	return filepath.Join(typed, name), nil
}

// pour writes a file to standard output.
func (d *desk) pour(ctx context.Context, acc *remote.Account, at remote.FilePath) error {
	in, err := acc.Download(ctx, at, 0)
	if err != nil {
		return err
	}
	defer in.Close()
	_, err = io.Copy(d.out, in)
	return err
}

// fetch downloads to a partial file, and gives it its name when it is whole.
func (d *desk) fetch(ctx context.Context, acc *remote.Account, t *transferJSON) error {
	at := remote.FilePath(t.Path)
	info, err := acc.Stat(ctx, at)
	if err != nil {
		return err
	}
	part := t.File + partSuffix
	from := resumable(part, info)
	in, err := acc.Download(ctx, at, from)
	if err != nil {
		return err
	}
	defer in.Close()
	t.From = in.From
	if err := d.receive(part, in, info); err != nil {
		return err
	}
	t.Size = info.Size
	return os.Rename(part, t.File)
}

// resumable returns how much of a file is here already: a partial file is of
// the same one if it bears its time.
func resumable(part string, info remote.FileInfo) int64 {
	fi, err := os.Lstat(part)
	if err != nil || !fi.Mode().IsRegular() || fi.Size() >= info.Size || info.Modified.IsZero() || !sameSecond(fi.ModTime(), info.Modified) {
		return 0
	}
	return fi.Size()
}

func sameSecond(a, b time.Time) bool { return a.Unix() == b.Unix() }

// receive writes what comes after what is there, and leaves the file's time on
// it however it ends.
func (d *desk) receive(part string, in *remote.Download, info remote.FileInfo) error {
	flag := os.O_WRONLY | os.O_CREATE
	if in.From == 0 {
		if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return cannotSave(err)
		}
		flag |= os.O_EXCL
	} else {
		flag |= os.O_APPEND
	}
	f, err := os.OpenFile(part, flag, 0o600)
	if err != nil {
		return cannotSave(err)
	}
	m := &meter{app: d.app, name: filepath.Base(strings.TrimSuffix(part, partSuffix)), total: info.Size, done: in.From}
	n, err := io.Copy(io.MultiWriter(f, m), in)
	m.clear()
	if err == nil && in.From+n != info.Size {
		err = errServerFileChanged
	}
	err = errors.Join(err, f.Sync(), f.Close())
	if !info.Modified.IsZero() {
		_ = os.Chtimes(part, info.Modified, info.Modified)
	}
	return err
}

var errServerFileChanged = identity.NewError(identity.Unavailable, "remote_file_changed", "The file changed on the server while it was downloaded. Try again.")

func cannotSave(err error) error {
	return identity.NewError(identity.Unavailable, "local_file_failing", "The file cannot be written here. Check that the folder is there and yours, and that the disk is not full.").Because(err)
}

func (a *app) putCommand() *cobra.Command {
	var named string
	var force bool
	c := withServer(a.withJSON(&cobra.Command{
		Use:   "put FILE [PATH]",
		Short: "Upload a file to a server",
		Long:  "Upload a file to a server, to PATH or into that folder. It appears there when it is whole.",
		Args:  takes(1, 2),
		RunE: a.onDesk(func(ctx context.Context, d *desk, args []string) error {
			f, fi, err := openLocal(args[0])
			if err != nil {
				return err
			}
			defer f.Close()
			out := transferJSON{File: args[0], Size: fi.Size()}
			err = d.act(ctx, named, func(ctx context.Context, acc *remote.Account) error {
				to, err := intoFolder(ctx, acc, remotePath(word(args, 1)), filepath.Base(args[0]))
				if err != nil && !errors.Is(err, remote.ErrNoFile) {
					return err
				}
				out.Path = string(to)
				m := &meter{app: d.app, name: to.Name(), total: fi.Size()}
				defer m.clear()
				return acc.Upload(ctx, to, remote.Upload{
					Body: &exactly{io.TeeReader(f, m), fi.Size()}, Size: fi.Size(), Modified: fi.ModTime(), Replace: force,
				})
			})
			if err != nil {
				return err
			}
			if d.json {
				return d.printJSON(out)
			}
			d.say("%s has been uploaded to %s on %s (%s).", out.File, out.Path, d.at.Name, sizeText(out.Size))
			return nil
		}),
	}), &named)
	c.Flags().BoolVarP(&force, "force", "f", false, "replace a file on the server")
	return c
}

func openLocal(name string) (*os.File, fs.FileInfo, error) {
	fi, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil, identity.NewError(identity.NotFound, "local_file_not_found", "There is no file "+strconv.Quote(name)+" here.")
	case err == nil && !fi.Mode().IsRegular():
		return nil, nil, usagef("%s is no file. One file at a time can be uploaded.", strconv.Quote(name))
	}
	f, err := os.Open(name)
	if err == nil {
		fi, err = f.Stat()
	}
	if err != nil {
		return nil, nil, identity.NewError(identity.Unavailable, "local_file_unreadable", "The file cannot be read. Check that it is yours.").Because(err)
	}
	return f, fi, nil
}

// exactly reads as much as was announced, or ends with an error.
type exactly struct {
	io.Reader

	left int64
}

func (e *exactly) Read(b []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n, err := e.Reader.Read(b[:min(int64(len(b)), e.left)])
	e.left -= int64(n)
	if errors.Is(err, io.EOF) && e.left > 0 {
		return n, errLess
	}
	return n, err
}
