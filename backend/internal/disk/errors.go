package disk

import (
	"errors"
	"io/fs"
	"syscall"

	"latchkey/backend/identity"
)

// What a disk can refuse. Callers match by code or kind.
var (
	ErrFull     = identity.NewError(identity.Unavailable, "disk_full", "The disk is full. Make room and try again.")
	ErrReadOnly = identity.NewError(identity.Unavailable, "disk_read_only", "The disk is read-only. Choose a folder that can be written to.")
	ErrDenied   = identity.NewError(identity.PermissionDenied, "disk_denied",
		"The system does not allow that. Check that the folder and the file in it are yours and can be written to.")
	ErrNoFolder   = identity.NewError(identity.NotFound, "disk_no_folder", "There is no such folder. Check the path.")
	ErrNotAFolder = identity.NewError(identity.Invalid, "disk_not_a_folder", "Part of that path is a file where a folder should be. Choose another path.")
	ErrFailing    = identity.NewError(identity.Unavailable, "disk_failing", "The file could not be read or written. Check that the disk is connected and in order, and try again.")
)

// Explain turns an error of the operating system into one that can be shown.
// The former stays the private cause, because its text may hold paths. Errors
// that can be shown already are returned as they are.
func Explain(err error) error {
	if _, ok := errors.AsType[*identity.Error](err); ok || err == nil {
		return err
	}
	return meaning(err).Because(err)
}

func meaning(err error) *identity.Error {
	for _, m := range []struct {
		cause   error
		meaning *identity.Error
	}{
		{syscall.ENOSPC, ErrFull},
		{syscall.EDQUOT, ErrFull},
		{syscall.EROFS, ErrReadOnly},
		{syscall.ENOTDIR, ErrNotAFolder},
		{fs.ErrPermission, ErrDenied},
		{fs.ErrNotExist, ErrNoFolder},
	} {
		if errors.Is(err, m.cause) {
			return m.meaning
		}
	}
	return ErrFailing
}
