//go:build linux || darwin

package files

import "golang.org/x/sys/unix"

// openFiles returns how many files the process may have open, which Go raises
// as far as the system lets it.
func openFiles() int64 {
	var r unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &r); err != nil || r.Cur > 1<<30 {
		return 0
	}
	return int64(r.Cur)
}
