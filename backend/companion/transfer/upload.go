package transfer

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"latchkey/backend/companion/remote"
	"latchkey/backend/identity"
)

// mostInFolder bounds the files and folders in one that is brought as a whole.
const mostInFolder = 20_000

var errFolderLarge = identity.NewError(identity.Invalid, "transfer_folder_too_large", "That folder holds more than 20,000 files and folders. Take the folders in it one by one.")

// upload returns the work of bringing a file or folder to the folder of a job.
func (q *Queue) upload(path string) func(context.Context, *remote.Account, *job) error {
	return func(ctx context.Context, acc *remote.Account, j *job) error {
		fi, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return errNoLocal
		case err != nil:
			return errUnreadable.Because(err)
		case fi.IsDir():
			return q.uploadFolder(ctx, acc, j, path)
		}
		q.change(j, func(s *Status) { s.Size = fi.Size() })
		return q.uploadFile(ctx, acc, j, path)
	}
}

// uploadFile asks again if somebody else takes the name meanwhile.
func (q *Queue) uploadFile(ctx context.Context, acc *remote.Account, j *job, path string) error {
	for {
		to, replace, err := q.place(ctx, acc, j, filepath.Base(path), true)
		if err != nil {
			return err
		}
		_, err = Send(ctx, acc, Upload{File: path, To: to, Replace: replace, Moved: q.moved(j)})
		if !errors.Is(err, remote.ErrFileExists) || replace {
			return err
		}
		q.change(j, func(s *Status) { s.Done = 0 })
	}
}

// place finds a path for something, by asking where its name is taken.
func (q *Queue) place(ctx context.Context, acc *remote.Account, j *job, name string, file bool) (to remote.FilePath, replace bool, err error) {
	to = j.Folder.Join(name)
	there, err := acc.Stat(ctx, to)
	if errors.Is(err, remote.ErrNoFile) {
		return to, false, nil
	}
	if err != nil {
		return "", false, err
	}
	c, err := q.ask(ctx, j, file && !there.Folder)
	if err != nil {
		return "", false, err
	}
	if c == Replace {
		return to, true, nil
	}
	for n := 2; n <= mostNumbers; n++ {
		to = j.Folder.Join(numbered(name, n))
		if _, err = acc.Stat(ctx, to); errors.Is(err, remote.ErrNoFile) {
			q.change(j, func(s *Status) { s.Name = remote.FileLabel(to.Name()) })
			return to, false, nil
		}
		if err != nil {
			return "", false, err
		}
	}
	return "", false, remote.ErrFileExists
}

// An entry is a file or folder in one that is uploaded, by its path in there.
type entry struct {
	rel    string
	folder bool
}

// uploadFolder brings a folder with the files and folders in it. Links and
// special files are left out. What has arrived stays if it is cancelled.
func (q *Queue) uploadFolder(ctx context.Context, acc *remote.Account, j *job, path string) error {
	entries, size, err := walk(ctx, path)
	if err != nil {
		return err
	}
	q.change(j, func(s *Status) { s.Size = size })
	to, _, err := q.place(ctx, acc, j, filepath.Base(path), false)
	if err != nil {
		return err
	}
	if err := acc.Mkdir(ctx, to); err != nil {
		return err
	}
	for _, e := range entries {
		at := to.Join(filepath.ToSlash(e.rel))
		if e.folder {
			err = acc.Mkdir(ctx, at)
		} else {
			_, err = Send(ctx, acc, Upload{File: filepath.Join(path, e.rel), To: at, Moved: q.moved(j)})
		}
		if err != nil {
			return err
		}
		if !e.folder {
			q.change(j, func(s *Status) { s.Files++ })
		}
	}
	return nil
}

func walk(ctx context.Context, top string) (out []entry, size int64, err error) {
	err = filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return errUnreadable.Because(err)
		case ctx.Err() != nil:
			return ctx.Err()
		case path == top, !d.IsDir() && !d.Type().IsRegular():
			return nil
		case len(out) == mostInFolder:
			return errFolderLarge
		}
		rel, err := filepath.Rel(top, path)
		if err != nil {
			return errUnreadable.Because(err)
		}
		if fi, err := d.Info(); err == nil && !d.IsDir() {
			size += fi.Size()
		}
		out = append(out, entry{rel, d.IsDir()})
		return nil
	})
	return out, size, err
}
