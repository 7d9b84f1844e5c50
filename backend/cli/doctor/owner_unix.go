//go:build unix

package doctor

import (
	"io/fs"
	"os"
	"syscall"
)

// ours reports whether a folder belongs to whoever runs this.
func ours(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return !ok || int(st.Uid) == os.Geteuid()
}

// superuser reports whether whoever runs this can use everybody's folders.
func superuser() bool { return os.Geteuid() == 0 }
