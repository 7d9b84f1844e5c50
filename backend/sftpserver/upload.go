package sftpserver

import (
	"errors"
	"math"

	"latchkey/backend/files"
)

// An upload is a new content that is complete only if nothing of it failed. A
// client may close it all the same, and what it sent before must then not take
// the place of a whole file.
type upload struct {
	*files.Upload
	failed error // the first failure; nothing is written after it
	whole  int64 // bytes from the start that arrived before it, at most
}

// fail remembers that something did not get in from off on.
func (u *upload) fail(off int64, err error) {
	if u.failed == nil {
		u.failed, u.whole = err, off
	}
}

func (u *upload) WriteAt(b []byte, off int64) (int, error) {
	if u.failed != nil {
		return 0, u.failed
	}
	return u.Upload.WriteAt(b, off)
}

// Truncate also serves clients that cut off what came after a failure.
func (u *upload) Truncate(size int64) error {
	err := u.Upload.Truncate(size)
	if err != nil {
		u.fail(math.MaxInt64, err) // leaves no hole
	}
	return err
}

// finish publishes a complete upload, and otherwise says why it is not.
func (u *upload) finish() error {
	if u.failed == nil {
		return u.Close()
	}
	return errors.Join(u.failed, u.keep())
}

// keep keeps what a sender can resume: no content with a hole in it.
func (u *upload) keep() error {
	if u.failed != nil {
		if info, err := u.Stat(); err != nil || info.Size() > u.whole {
			return errors.Join(err, u.Abort())
		}
	}
	return u.Keep()
}
