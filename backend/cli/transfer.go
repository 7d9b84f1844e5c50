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

	"github.com/spf13/cobra"

	"latchkey/backend/companion/remote"
	"latchkey/backend/companion/transfer"
	"latchkey/backend/identity"
)

// What a transfer would have written over.
var (
	errHere  = identity.NewError(identity.Conflict, "local_file_exists", "That file is here already. Choose another name, or replace it with --force.")
	errThere = identity.NewError(identity.Conflict, remote.ErrFileExists.Code, "Something has that name on the server already. Choose another one, or replace it with --force.")
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
			"as the file on the server is the same: what has come is kept in FILE" + transfer.PartSuffix + ". FILE - is standard output.",
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
				return d.fetch(ctx, acc, &out, force)
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

// fetch downloads to a partial file, which the next try goes on with.
func (d *desk) fetch(ctx context.Context, acc *remote.Account, t *transferJSON, force bool) error {
	m := &meter{app: d.app, name: filepath.Base(t.File)}
	defer m.clear()
	got, err := transfer.Receive(ctx, acc, transfer.Download{
		At: remote.FilePath(t.Path), To: t.File, Replace: force, Resume: true,
		Begun: func(from, size int64) { m.done, m.total = from, size }, Moved: m.moved,
	})
	t.Size, t.From = got.Size, got.From
	return err
}

func (a *app) putCommand() *cobra.Command {
	var named string
	var force bool
	c := withServer(a.withJSON(&cobra.Command{
		Use:   "put FILE [PATH]",
		Short: "Upload a file to a server",
		Long: "Upload a file to a server, to PATH or into that folder. It appears there when it is whole. A PATH\n" +
			"that ends in / is a folder, which has to be there.",
		Args: takes(1, 2),
		RunE: a.onDesk(func(ctx context.Context, d *desk, args []string) error {
			fi, err := os.Stat(args[0])
			switch {
			case errors.Is(err, fs.ErrNotExist):
				return identity.NewError(identity.NotFound, "local_file_not_found", "There is no file "+strconv.Quote(args[0])+" here.")
			case err == nil && !fi.Mode().IsRegular():
				return usagef("%s is no file. One file at a time can be uploaded.", strconv.Quote(args[0]))
			}
			out := transferJSON{File: args[0]}
			err = d.act(ctx, named, func(ctx context.Context, acc *remote.Account) error {
				to, err := intoFolder(ctx, acc, remotePath(word(args, 1)), filepath.Base(args[0]))
				if err != nil && (!errors.Is(err, remote.ErrNoFile) || strings.HasSuffix(word(args, 1), "/")) {
					return err
				}
				out.Path = string(to)
				m := &meter{app: d.app, name: to.Name(), total: fi.Size()}
				defer m.clear()
				out.Size, err = transfer.Send(ctx, acc, transfer.Upload{File: args[0], To: to, Replace: force, Moved: m.moved})
				if errors.Is(err, remote.ErrFileExists) {
					return errThere
				}
				return err
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
