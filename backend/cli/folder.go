package cli

import (
	"context"
	"errors"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"latchkey/backend/files"
	"latchkey/backend/folderpassword"
	"latchkey/backend/identity"
	"latchkey/backend/server"
)

func (a *app) folderCommand() *cobra.Command {
	return group(&cobra.Command{Use: "folder", Short: "Look after folders of people's files"},
		group(&cobra.Command{
			Use:   "password",
			Short: "Keep folders behind a password",
			Long: "Keep folders behind a password. Whoever may open protected folders without one, such as an\n" +
				"administrator, goes on as before. Over SFTP nobody else gets in, as it has no place for such a\n" +
				"password.",
		}, a.folderPasswordList(), a.folderPasswordSet(), a.folderPasswordClear()))
}

type folderPasswordJSON struct {
	ID         identity.FolderPasswordID `json:"id"`
	Path       string                    `json:"path"`
	Subfolders bool                      `json:"subfolders"`
	CreatedAt  time.Time                 `json:"created_at"`
	UpdatedAt  time.Time                 `json:"updated_at"`
}

func (a *app) folderPasswordList() *cobra.Command {
	return a.withJSON(&cobra.Command{
		Use:   "list",
		Short: "List the folders that have a password",
		Args:  takes(0, 0),
		RunE: a.onCore(func(ctx context.Context, c *server.Core, _ []string) error {
			all, err := c.Folders.List(ctx)
			if err != nil {
				return err
			}
			t := table{head: []string{"ID", "FOLDER", "PROTECTS", "SET"}, empty: "No folder has a password."}
			out := make([]folderPasswordJSON, len(all))
			for i, f := range all {
				out[i] = folderPasswordJSON{f.ID, f.Path, f.Subfolders, f.CreatedAt, f.UpdatedAt}
				reach := "all that is in it"
				if !f.Subfolders {
					reach = "its files, not its folders"
				}
				t.add(strconv.FormatInt(int64(f.ID), 10), f.Path, reach, a.when(f.UpdatedAt))
			}
			return a.list(t, out)
		}),
	})
}

func (a *app) folderPasswordSet() *cobra.Command {
	var from newPassword
	var filesOnly bool
	c := &cobra.Command{
		Use:   "set FOLDER",
		Short: "Give a folder a password, or another one",
		Long: "Give a folder a password, or another one. FOLDER is a path below the files folder, such as\n" +
			"/ann/letters. Links to files in it that were made before open nothing any more.",
		Args: noPasswordArgument,
		RunE: a.onCore(func(ctx context.Context, c *server.Core, args []string) error {
			p, err := folderPath(args[0])
			if err != nil {
				return err
			}
			text, err := from.read(ctx, a, string(p))
			if err != nil {
				return err
			}
			subfolders := !filesOnly
			old, err := c.Folders.At(ctx, p)
			switch {
			case errors.Is(err, folderpassword.ErrNotFound):
				_, err = c.Folders.Create(ctx, p, text, subfolders, byHand())
			case err == nil:
				_, err = c.Folders.Update(ctx, old.ID, folderpassword.Change{Password: &text, Subfolders: &subfolders}, byHand())
			}
			if err != nil {
				return err
			}
			a.done(ctx, "The folder %s has a new password.", p)
			return from.show(a, text)
		}),
	}
	from.addFlags(c)
	c.Flags().BoolVar(&filesOnly, "files-only", false, "protect the files that lie in it, and not the folders in it")
	return c
}

func (a *app) folderPasswordClear() *cobra.Command {
	return &cobra.Command{
		Use:   "clear FOLDER",
		Short: "Open a folder to whoever may see it",
		Args:  takes(1, 1),
		RunE: a.onCore(func(ctx context.Context, c *server.Core, args []string) error {
			f, err := a.findFolderPassword(ctx, c, args[0])
			if err != nil {
				return err
			}
			if err := c.Folders.Clear(ctx, f, byHand()); err != nil {
				return err
			}
			a.done(ctx, "The folder %s has no password any more.", f.Path)
			return nil
		}),
	}
}

// findFolderPassword finds one by the path that list shows, which need not be
// one that a client can name, or by another path of the folder.
func (a *app) findFolderPassword(ctx context.Context, c *server.Core, typed string) (identity.FolderPassword, error) {
	all, err := c.Folders.List(ctx)
	if err != nil {
		return identity.FolderPassword{}, err
	}
	for _, f := range all {
		if f.Path == path.Join("/", typed) {
			return f, nil
		}
	}
	p, err := folderPath(typed)
	if err != nil {
		return identity.FolderPassword{}, err
	}
	return c.Folders.At(ctx, p)
}

func folderPath(typed string) (files.Path, error) {
	return files.ParsePath("/" + strings.TrimPrefix(typed, "/"))
}
