package transfer

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"

	"latchkey/backend/companion/remote"
	"latchkey/backend/identity"
)

var (
	errNoLocal    = identity.NewError(identity.NotFound, "local_file_not_found", "That file is not there any more. Choose it again.")
	errUnreadable = identity.NewError(identity.Unavailable, "local_file_unreadable", "The file cannot be read. Check that it is yours.")
	errNotFile    = identity.NewError(identity.Invalid, "local_file_special", "That is neither a file nor a folder. Choose the file itself.")
	errLess       = identity.NewError(identity.Unavailable, "local_file_changed", "The file changed while it was sent. Try again.")
)

// An Upload says which file goes where.
type Upload struct {
	File    string // of this computer
	To      remote.FilePath
	Replace bool              // a file that is there may be replaced
	Moved   func(bytes int64) // is told what has gone since; nil: nobody
}

// Send uploads a file and returns its size in bytes. Errors:
// remote.ErrFileExists, local_file_not_found, local_file_unreadable,
// local_file_special, local_file_changed.
func Send(ctx context.Context, acc *remote.Account, u Upload) (int64, error) {
	f, fi, err := open(u.File)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	return fi.Size(), acc.Upload(ctx, u.To, remote.Upload{
		Body: &exactly{f, fi.Size(), u.Moved}, Size: fi.Size(), Modified: fi.ModTime(), Replace: u.Replace,
	})
}

// open opens a regular file. Anything else, such as a pipe, is not opened: that
// might never end.
func open(name string) (*os.File, fs.FileInfo, error) {
	fi, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil, errNoLocal
	case err == nil && !fi.Mode().IsRegular():
		return nil, nil, errNotFile
	}
	f, err := os.Open(name)
	if err == nil {
		fi, err = f.Stat()
	}
	if err != nil {
		return nil, nil, errUnreadable.Because(err)
	}
	return f, fi, nil
}

// exactly reads as much as was announced, or ends with an error.
type exactly struct {
	from  io.Reader
	left  int64
	moved func(int64)
}

func (e *exactly) Read(b []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n, err := e.from.Read(b[:min(int64(len(b)), e.left)])
	e.left -= int64(n)
	if e.moved != nil && n > 0 {
		e.moved(int64(n))
	}
	if errors.Is(err, io.EOF) && e.left > 0 {
		return n, errLess
	}
	return n, err
}
