package files

import "golang.org/x/sys/unix"

// blockSize is the unit of the block counts. The size in Bsize is the one that
// is good for reading, which network file systems make larger.
func blockSize(st *unix.Statfs_t) uint64 {
	if st.Frsize > 0 {
		return uint64(st.Frsize)
	}
	return uint64(st.Bsize)
}
