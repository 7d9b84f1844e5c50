//go:build unix

package doctor

import (
	"io/fs"
	"os"
	"syscall"
)

// ours reports whether a folder belongs to whoever runs this. The
// superuser can use everybody's.
func ours(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	uid := os.Geteuid()
	return !ok || uid == 0 || int(st.Uid) == uid
}
