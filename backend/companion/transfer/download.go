package transfer

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"latchkey/backend/companion/remote"
	"latchkey/backend/identity"
)

// mostDepth bounds how deep folders on a server lie in each other, as one may
// tell of a tree without an end.
const mostDepth = 64

// mostBytes bounds what is said of a folder's length: servers may tell anything.
const mostBytes = 1 << 60

var errDeep = identity.NewError(identity.Invalid, "transfer_folder_too_deep", "The folders in that one lie too deep in each other. Take the folders in it one by one.")

// download returns the work of bringing an item into a folder here.
func (q *Queue) download(item Item, into string) func(context.Context, *remote.Account, *job) error {
	return func(ctx context.Context, acc *remote.Account, j *job) error {
		info, err := acc.Stat(ctx, item.At)
		if err != nil {
			return err
		}
		if info.Folder {
			return q.downloadFolder(ctx, acc, j, item, into)
		}
		q.change(j, func(s *Status) { s.Size = info.Size })
		return q.downloadFile(ctx, acc, j, item, into)
	}
}

// downloadFile asks again if another program takes the name meanwhile.
func (q *Queue) downloadFile(ctx context.Context, acc *remote.Account, j *job, item Item, into string) error {
	to, replace := item.To, item.To != ""
	for {
		var err error
		if item.To == "" {
			if to, replace, err = q.spot(ctx, j, into, LocalName(item.At.Name()), true); err != nil {
				return err
			}
		}
		_, err = Receive(ctx, acc, Download{At: item.At, To: to, Replace: replace, Moved: q.moved(j)})
		if !errors.Is(err, ErrTaken) {
			return err
		}
		q.change(j, func(s *Status) { s.Done = 0 })
	}
}

// spot finds a path here for something, by asking where its name is taken.
func (q *Queue) spot(ctx context.Context, j *job, into, name string, file bool) (to string, replace bool, err error) {
	to = filepath.Join(into, name)
	there, err := os.Lstat(to)
	if errors.Is(err, fs.ErrNotExist) {
		return to, false, nil
	}
	if err != nil {
		return "", false, errSaving.Because(err)
	}
	c, err := q.ask(ctx, j, file && there.Mode().IsRegular())
	if err != nil {
		return "", false, err
	}
	if c == Replace {
		return to, true, nil
	}
	for n := 2; n <= mostNumbers; n++ {
		to = filepath.Join(into, numbered(name, n))
		if _, err := os.Lstat(to); errors.Is(err, fs.ErrNotExist) {
			q.change(j, func(s *Status) { s.Name = remote.FileLabel(filepath.Base(to)) })
			return to, false, nil
		}
	}
	return "", false, ErrTaken
}

// A fetched is a file or folder on a server, and where it goes below the folder
// that is downloaded.
type fetched struct {
	at     remote.FilePath
	rel    string
	folder bool
}

// downloadFolder brings a folder with all in it to a hidden folder, which gets
// the name when all is there.
func (q *Queue) downloadFolder(ctx context.Context, acc *remote.Account, j *job, item Item, into string) error {
	all, size, err := listAll(ctx, acc, item.At)
	if err != nil {
		return err
	}
	q.change(j, func(s *Status) { s.Size = size })
	to, _, err := q.spot(ctx, j, into, LocalName(item.At.Name()), false)
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp(into, hidden)
	if err != nil {
		return errSaving.Because(err)
	}
	if err = q.fill(ctx, acc, j, all, temp); err == nil {
		err = settle(temp, to)
	}
	if err != nil {
		_ = os.RemoveAll(temp)
	}
	return err
}

// fill brings what is in a folder.
func (q *Queue) fill(ctx context.Context, acc *remote.Account, j *job, all []fetched, temp string) error {
	for _, f := range all {
		to := filepath.Join(temp, f.rel)
		if f.folder {
			if err := os.Mkdir(to, 0o700); err != nil {
				return errSaving.Because(err)
			}
			continue
		}
		if _, err := Receive(ctx, acc, Download{At: f.at, To: to, Moved: q.moved(j)}); err != nil {
			return err
		}
		q.change(j, func(s *Status) { s.Files++ })
	}
	return ctx.Err()
}

// settle gives a folder its name, which a file or folder that came meanwhile
// keeps.
func settle(temp, to string) error {
	if _, err := os.Lstat(to); err == nil {
		return ErrTaken
	}
	if err := os.Rename(temp, to); err != nil {
		return errSaving.Because(err)
	}
	return syncParent(to)
}

// listAll lists what is below a folder, each folder before what is in it.
func listAll(ctx context.Context, acc *remote.Account, top remote.FilePath) (out []fetched, size int64, err error) {
	todo := []fetched{{at: top, folder: true}}
	for len(todo) > 0 {
		at := todo[0]
		todo = todo[1:]
		if strings.Count(at.rel, string(filepath.Separator)) >= mostDepth {
			return nil, 0, errDeep
		}
		list, err := acc.List(ctx, at.at)
		if err != nil {
			return nil, 0, err
		}
		taken := names{}
		for _, info := range list {
			next := fetched{at.at.Join(info.Name), filepath.Join(at.rel, taken.give(info.Name)), info.Folder}
			if len(out) == mostInFolder {
				return nil, 0, errFolderLarge
			}
			out = append(out, next)
			if size = min(size+min(info.Size, mostBytes), mostBytes); info.Folder {
				todo = append(todo, next)
			}
		}
	}
	return out, size, nil
}
