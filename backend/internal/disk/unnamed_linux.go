package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// publishUnnamed completes a file that has no name, and then gives it one.
// Returns errors.ErrUnsupported where the file system knows no such files, or
// anything else keeps it from trying.
func publishUnnamed(name string, mode fs.FileMode, content []byte) error {
	fd, err := unix.Open(filepath.Dir(name), unix.O_TMPFILE|unix.O_WRONLY|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return errors.ErrUnsupported
	}
	f := os.NewFile(uintptr(fd), name)
	defer f.Close()
	if err := write(f, mode, content); err != nil {
		return err
	}
	err = unix.Linkat(unix.AT_FDCWD, "/proc/self/fd/"+strconv.Itoa(fd), unix.AT_FDCWD, name, unix.AT_SYMLINK_FOLLOW)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return errors.ErrUnsupported
	}
	return err
}
