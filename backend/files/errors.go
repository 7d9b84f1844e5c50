package files

import (
	"errors"
	"io/fs"
	"syscall"

	"latchkey/backend/identity"
)

// What can be wrong with a request. Callers match by code or kind.
var (
	errNotFound    = identity.NewError(identity.NotFound, "file_not_found", "There is no such file or folder.")
	errNotAFolder  = identity.NewError(identity.NotFound, "not_a_folder", "Part of that path is a file, not a folder.")
	errIsAFolder   = identity.NewError(identity.Conflict, "is_a_folder", "That is a folder, not a file.")
	errNotEmpty    = identity.NewError(identity.Conflict, "folder_not_empty", "The folder is not empty; remove what is in it first.")
	errIntoItself  = identity.NewError(identity.Conflict, "folder_into_itself", "A folder cannot be moved into itself.")
	errChanged     = identity.NewError(identity.Conflict, "folder_changed", "Something was put into the folder or moved while it was about to be moved itself; try again.")
	errOtherDisk   = identity.NewError(identity.Conflict, "other_disk", "The target is on another disk; copy the file and remove the old one.")
	errTrashDisk   = identity.NewError(identity.Conflict, "trash_other_disk", "That is on another disk than the trash. It can be removed for good only.")
	errNoTrashed   = identity.NewError(identity.NotFound, "trash_not_found", "That is not in the trash any more.")
	errTooLarge    = identity.NewError(identity.Conflict, "file_too_large", "The disk has no room for a file of that size.")
	errTopFolder   = identity.NewError(identity.PermissionDenied, "top_folder", "The top folder stays as it is.")
	errEscapes     = identity.NewError(identity.PermissionDenied, "path_escapes", "That path leads out of your folder.")
	errNotAFile    = identity.NewError(identity.PermissionDenied, "not_a_file", "That is a link or a special file; only regular files can be used.")
	errDenied      = identity.NewError(identity.PermissionDenied, "file_denied", "The server may not do that with this file; its owner or mode forbids it.")
	errReadOnly    = identity.NewError(identity.PermissionDenied, "disk_read_only", "The disk is read-only.")
	errDiskFull    = identity.NewError(identity.Unavailable, "disk_full", "The disk is full; make room and try again.")
	errTooManyOpen = identity.NewError(identity.Unavailable, "too_many_files", "The server has too many files open; try again soon.")
	errQuota       = identity.NewError(identity.Conflict, "quota_exceeded", "Your storage is full; remove something, or ask an administrator for more.")
	errMoved       = identity.NewError(identity.Conflict, "file_moved", "The file has been moved or removed since it was opened; open it again.")
	errClosed      = identity.NewError(identity.Conflict, "file_closed", "The file has been closed already.")
)

// ErrExists means that something has the name already.
var ErrExists = identity.NewError(identity.Conflict, "file_exists", "Something has that name already; choose another one or remove it first.")

// ErrTopMoved means that the folder at which a tree began lies elsewhere now, or
// nowhere, so that its paths do not tell any more what is protected. Another tree
// is to be opened.
var ErrTopMoved = identity.NewError(identity.Conflict, "top_moved", "The folder that these files are in has been moved or removed; connect again.")

// ErrUnsupported means that the operating system does not tell what was asked.
var ErrUnsupported = identity.NewError(identity.Invalid, "unsupported", "This server's system cannot tell that.")

// refuse turns an error of the operating system into one that can be shown.
// The text of the former may hold server paths; it stays the private cause.
func refuse(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*identity.Error](err); ok {
		return err
	}
	if e := meaning(err); e != nil {
		return e.Because(err)
	}
	return identity.AsError(err)
}

func meaning(err error) *identity.Error {
	errno, ok := errors.AsType[syscall.Errno](err)
	switch {
	case errors.Is(err, fs.ErrClosed):
		return errClosed
	case !ok:
		return errEscapes // what os.Root itself refuses has no number
	}
	switch errno {
	case syscall.ENOTDIR:
		return errNotAFolder
	case syscall.EISDIR:
		return errIsAFolder
	case syscall.ENOTEMPTY:
		return errNotEmpty
	case syscall.EXDEV:
		return errOtherDisk
	case syscall.EINVAL:
		return errNameInvalid // such as a colon on a USB stick
	case syscall.ENAMETOOLONG:
		return errNameTooLong
	case syscall.ELOOP:
		return errEscapes
	case syscall.EROFS:
		return errReadOnly
	case syscall.ENOSPC, syscall.EDQUOT:
		return errDiskFull
	case syscall.EFBIG:
		return errTooLarge
	case syscall.EMFILE, syscall.ENFILE:
		return errTooManyOpen
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errNotFound
	case errors.Is(err, fs.ErrExist):
		return ErrExists
	case errors.Is(err, fs.ErrPermission):
		return errDenied
	}
	return nil
}
