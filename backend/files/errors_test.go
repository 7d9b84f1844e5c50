package files

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"testing"

	"latchkey/backend/identity"
)

func TestRefuse(t *testing.T) {
	for cause, want := range map[error]struct {
		kind identity.Kind
		code string
	}{
		syscall.ENOENT:                        {identity.NotFound, "file_not_found"},
		syscall.ENOTDIR:                       {identity.NotFound, "not_a_folder"},
		syscall.EEXIST:                        {identity.Conflict, "file_exists"},
		syscall.EISDIR:                        {identity.Conflict, "is_a_folder"},
		syscall.ENOTEMPTY:                     {identity.Conflict, "folder_not_empty"},
		syscall.EXDEV:                         {identity.Conflict, "other_disk"},
		syscall.EFBIG:                         {identity.Conflict, "file_too_large"},
		syscall.EACCES:                        {identity.PermissionDenied, "file_denied"},
		syscall.EPERM:                         {identity.PermissionDenied, "file_denied"},
		syscall.EROFS:                         {identity.PermissionDenied, "disk_read_only"},
		syscall.ELOOP:                         {identity.PermissionDenied, "path_escapes"},
		errors.New("path escapes"):            {identity.PermissionDenied, "path_escapes"},
		syscall.EINVAL:                        {identity.Invalid, "name_invalid"},
		syscall.ENAMETOOLONG:                  {identity.Invalid, "name_too_long"},
		syscall.ENOSPC:                        {identity.Unavailable, "disk_full"},
		syscall.EDQUOT:                        {identity.Unavailable, "disk_full"},
		syscall.EMFILE:                        {identity.Unavailable, "too_many_files"},
		syscall.ENFILE:                        {identity.Unavailable, "too_many_files"},
		syscall.EIO:                           {identity.Internal, "internal"},
		fs.ErrClosed:                          {identity.Conflict, "file_closed"},
		error(ErrExists.Because(syscall.EIO)): {identity.Conflict, "file_exists"},
	} {
		wrapped := &os.PathError{Op: "open", Path: "/srv/secret/place", Err: cause}
		got := identity.AsError(refuse(wrapped))
		if got.Kind != want.kind || got.Code != want.code || !errors.Is(got, cause) {
			t.Errorf("refuse(%v) = %v %v, want %v %s", cause, got.Kind, got, want.kind, want.code)
		}
		if strings.Contains(got.Message, "srv") {
			t.Errorf("refuse(%v) shows the path: %s", cause, got.Message)
		}
	}
	if err := refuse(nil); err != nil {
		t.Errorf("refuse(nil) = %v", err)
	}
}
