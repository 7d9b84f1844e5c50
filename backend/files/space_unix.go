//go:build linux || darwin

package files

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

func spaceOf(f *os.File) (Space, error) {
	conn, err := f.SyscallConn()
	if err != nil {
		return Space{}, err
	}
	var st unix.Statfs_t
	var failed error
	err = conn.Control(func(fd uintptr) { failed = unix.Fstatfs(int(fd), &st) })
	if err := errors.Join(err, failed); err != nil {
		return Space{}, err
	}
	return Space{
		BlockSize: blockSize(&st),
		Blocks:    st.Blocks,
		Free:      st.Bfree,
		Available: st.Bavail,
		Files:     st.Files,
		FilesFree: st.Ffree,
	}, nil
}

// allocated returns how much of the disk a file takes, in bytes.
func allocated(fi fs.FileInfo) int64 {
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok {
		return fi.Size()
	}
	return st.Blocks * 512 // whatever the file system has for blocks
}
