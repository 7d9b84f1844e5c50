package transfer

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"latchkey/backend/companion/remote"
	"latchkey/backend/identity"
	"latchkey/backend/internal/disk"
)

// PartSuffix is what a download that can go on later is called until it is
// whole.
const PartSuffix = ".part"

// The refusals of this computer.
var (
	ErrTaken         = identity.NewError(identity.Conflict, "local_name_taken", "Something has that name here already. Choose another one.")
	errSaving        = identity.NewError(identity.Unavailable, "local_file_failing", "The file cannot be written here. Check that the folder is there and yours, and that the disk is not full.")
	errServerChanged = identity.NewError(identity.Unavailable, "remote_file_changed", "The file changed on the server while it was downloaded. Try again.")
)

// A Download says what comes here and where to.
type Download struct {
	At      remote.FilePath
	To      string                 // the file that it becomes
	Replace bool                   // a file that is there may be replaced
	Resume  bool                   // what breaks off stays in a partial file, and goes on from there
	Begun   func(from, size int64) // is told where it goes on, and how long it will be; nil: nobody
	Moved   func(bytes int64)      // is told what has come since; nil: nobody
}

// A Received is a file that has come.
type Received struct {
	Size int64 // bytes
	From int64 // where it went on
}

// Receive downloads a file: to a partial file that gets the name when it is
// whole and on the disk. Errors: remote.ErrNoFile, ErrTaken,
// local_file_failing, remote_file_changed.
func Receive(ctx context.Context, acc *remote.Account, d Download) (Received, error) {
	info, err := acc.Stat(ctx, d.At)
	if err != nil {
		return Received{}, err
	}
	part, err := partOf(d)
	if err != nil {
		return Received{}, err
	}
	from, err := fetch(ctx, acc, d, part, info)
	if err == nil {
		err = publish(part, d.To, d.Replace)
	}
	if err != nil && !d.Resume {
		_ = os.Remove(part)
	}
	return Received{Size: info.Size, From: from}, err
}

// fetch fills the partial file, and returns where it went on.
func fetch(ctx context.Context, acc *remote.Account, d Download, part string, info remote.FileInfo) (from int64, err error) {
	if d.Resume {
		from = resumable(part, info)
	}
	in, err := acc.Download(ctx, d.At, from)
	if err != nil {
		return 0, err
	}
	defer in.Close()
	if d.Begun != nil {
		d.Begun(in.From, info.Size)
	}
	return in.From, receive(part, in, info, d.Moved)
}

// partOf returns where a download arrives: a name that the next try finds, or
// a hidden one that is taken away again.
func partOf(d Download) (string, error) {
	if d.Resume {
		return d.To + PartSuffix, nil
	}
	f, err := os.CreateTemp(filepath.Dir(d.To), hidden)
	if err != nil {
		return "", errSaving.Because(err)
	}
	return f.Name(), f.Close()
}

// hidden is the pattern of what arrives and is taken away again if it does not
// arrive whole.
const hidden = ".latchkey-*" + PartSuffix

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
func receive(part string, in *remote.Download, info remote.FileInfo, moved func(int64)) error {
	flag := os.O_WRONLY | os.O_CREATE
	if in.From == 0 {
		if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return errSaving.Because(err)
		}
		flag |= os.O_EXCL
	} else {
		flag |= os.O_APPEND
	}
	f, err := os.OpenFile(part, flag, 0o600)
	if err != nil {
		return errSaving.Because(err)
	}
	// A server that sends more than it has told must not fill the disk.
	n, err := io.Copy(&saving{f, moved}, io.LimitReader(in, info.Size-in.From+1))
	if err == nil && in.From+n != info.Size {
		err = errServerChanged
	}
	if last := errors.Join(f.Sync(), f.Close()); err == nil && last != nil {
		err = errSaving.Because(last)
	}
	if !info.Modified.IsZero() {
		_ = os.Chtimes(part, info.Modified, info.Modified)
	}
	return err
}

// A saving file tells how much was written, and tells a failing disk from a
// failing server.
type saving struct {
	f     *os.File
	moved func(int64)
}

func (s *saving) Write(b []byte) (int, error) {
	n, err := s.f.Write(b)
	if s.moved != nil {
		s.moved(int64(n))
	}
	if err != nil {
		err = errSaving.Because(err)
	}
	return n, err
}

// publish gives what is whole its name. Without replace what has the name is
// left alone, also if it came just now, where the file system has hard links.
func publish(part, to string, replace bool) error {
	if !replace {
		switch err := os.Link(part, to); {
		case err == nil:
			_ = os.Remove(part) // two names of one file would do no harm
			return syncParent(to)
		case errors.Is(err, fs.ErrExist):
			return ErrTaken
		}
		if _, err := os.Lstat(to); err == nil {
			return ErrTaken
		}
	}
	if err := os.Rename(part, to); err != nil {
		return errSaving.Because(err)
	}
	return syncParent(to)
}

func syncParent(name string) error {
	if err := disk.SyncFolder(filepath.Dir(name)); err != nil {
		return errSaving.Because(err)
	}
	return nil
}
