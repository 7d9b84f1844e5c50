package cli

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"latchkey/backend/companion/remote"
)

// filesCommands act on a person's files on a server.
func (a *app) filesCommands() []*cobra.Command {
	all := []*cobra.Command{a.lsCommand(), a.getCommand(), a.putCommand(), a.rmCommand(), a.mkdirCommand(), a.mvCommand()}
	for _, c := range all {
		c.Flags().BoolVar(&a.folderStdin, "folder-password-stdin", false, "read the password of a protected folder from standard input")
	}
	return all
}

// withServer gives a command the flag --server, as its words are paths.
func withServer(c *cobra.Command, named *string) *cobra.Command {
	c.Flags().StringVarP(named, "server", "s", "", "ask the server `NAME` of your list, or local for the one on this computer")
	return c
}

type fileJSON struct {
	Name     string    `json:"name"`
	Folder   bool      `json:"folder"`
	Size     int64     `json:"size"` // bytes
	Modified time.Time `json:"modified,omitzero"`
}

func toFileJSON(f remote.FileInfo) fileJSON {
	return fileJSON{Name: f.Name, Folder: f.Folder, Size: f.Size, Modified: f.Modified}
}

func (a *app) lsCommand() *cobra.Command {
	var named string
	return withServer(a.withJSON(&cobra.Command{
		Use:   "ls [PATH]",
		Short: "List your files on a server",
		Args:  takes(0, 1),
		RunE: a.onDesk(func(ctx context.Context, d *desk, args []string) error {
			var found []remote.FileInfo
			err := d.act(ctx, named, func(ctx context.Context, acc *remote.Account) error {
				at := remotePath(word(args, 0))
				info, err := acc.Stat(ctx, at)
				if err == nil && info.Folder {
					found, err = acc.List(ctx, at)
				} else if err == nil {
					found = []remote.FileInfo{info}
				}
				return err
			})
			if err != nil {
				return err
			}
			t := table{head: []string{"SIZE", "CHANGED", "NAME"}, empty: "The folder is empty."}
			out := make([]fileJSON, len(found))
			for i, f := range found {
				out[i] = toFileJSON(f)
				size, name := sizeText(f.Size), f.Name
				if f.Folder {
					size, name = "-", f.Name+"/"
				}
				t.add(size, changedText(f.Modified), name)
			}
			return d.list(t, out)
		}),
	}), &named)
}

func changedText(at time.Time) string {
	if at.IsZero() {
		return "-"
	}
	return at.Local().Format("2006-01-02 15:04")
}

// remotePath reads a path on a server, which begins at the person's folder.
func remotePath(typed string) remote.FilePath { return remote.FilePath(path.Join("/", typed)) }

func (a *app) mkdirCommand() *cobra.Command {
	var named string
	return withServer(&cobra.Command{
		Use:   "mkdir PATH...",
		Short: "Make folders on a server, and those above them that are missing",
		Args:  takes(1, -1),
		RunE: a.onFiles(&named, func(ctx context.Context, acc *remote.Account, typed string) error {
			return acc.Mkdir(ctx, remotePath(typed))
		}),
	}, &named)
}

// onFiles returns what a command does with each path that it is given.
func (a *app) onFiles(named *string, do func(ctx context.Context, acc *remote.Account, typed string) error) func(*cobra.Command, []string) error {
	return a.onDesk(func(ctx context.Context, d *desk, args []string) error {
		return d.act(ctx, *named, func(ctx context.Context, acc *remote.Account) error {
			for _, typed := range args {
				if err := do(ctx, acc, typed); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

func (a *app) rmCommand() *cobra.Command {
	var named string
	var recursive, force bool
	c := withServer(&cobra.Command{
		Use:   "rm PATH...",
		Short: "Remove files from a server, and with --recursive folders with all that is in them",
		Args:  takes(1, -1),
		RunE: a.onFiles(&named, func(ctx context.Context, acc *remote.Account, typed string) error {
			at := remotePath(typed)
			if at == "/" {
				return usagef("Name what is to go: the top folder stays.")
			}
			info, err := acc.Stat(ctx, at)
			switch {
			case force && errors.Is(err, remote.ErrNoFile):
				return nil
			case err != nil:
				return err
			case info.Folder && !recursive:
				return usagef("%s is a folder. To remove it with all that is in it, add --recursive.", printable(string(at)))
			}
			return acc.Remove(ctx, at)
		}),
	}, &named)
	c.Flags().BoolVarP(&recursive, "recursive", "r", false, "remove folders, too")
	c.Flags().BoolVarP(&force, "force", "f", false, "pass over what is not there")
	return c
}

func (a *app) mvCommand() *cobra.Command {
	var named string
	return withServer(&cobra.Command{
		Use:   "mv FROM TO",
		Short: "Give a file or folder on a server another path, or move it into a folder",
		Args:  takes(2, 2),
		RunE: a.onDesk(func(ctx context.Context, d *desk, args []string) error {
			return d.act(ctx, named, func(ctx context.Context, acc *remote.Account) error {
				from, to := remotePath(args[0]), remotePath(args[1])
				if to, err := intoFolder(ctx, acc, to, from.Name()); err == nil {
					return acc.Move(ctx, from, to)
				} else if !errors.Is(err, remote.ErrNoFile) || strings.HasSuffix(args[1], "/") {
					return err
				}
				return acc.Move(ctx, from, to)
			})
		}),
	}, &named)
}

// intoFolder returns where something of a name goes: into a folder that is at
// the path, or to the path itself. Returns remote.ErrNoFile if nothing is there.
func intoFolder(ctx context.Context, acc *remote.Account, at remote.FilePath, name string) (remote.FilePath, error) {
	info, err := acc.Stat(ctx, at)
	if err == nil && info.Folder {
		at = at.Join(name)
	}
	return at, err
}

// A meter tells on a terminal how far a file is. Without one it is silent.
type meter struct {
	*app
	name  string
	total int64 // -1: not known
	done  int64
	shown time.Time
}

// moved counts bytes.
func (m *meter) moved(n int64) {
	m.done += n
	if now := m.env.Now(); now.Sub(m.shown) >= 200*time.Millisecond && m.onTerminalErr() {
		m.shown = now
		fmt.Fprintf(m.err, "\r\x1b[K%s  %s", printable(m.name), m.words())
	}
}

func (m *meter) words() string {
	if m.total > 0 {
		return fmt.Sprintf("%s of %s, %d %%", sizeText(m.done), sizeText(m.total), m.done*100/m.total)
	}
	return sizeText(m.done)
}

// clear takes the line away.
func (m *meter) clear() {
	if !m.shown.IsZero() {
		fmt.Fprint(m.err, "\r\x1b[K")
	}
}
