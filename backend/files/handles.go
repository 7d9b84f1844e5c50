package files

import "sync/atomic"

// handles counts what is open of a Store. A quarter of the files that the
// system lets the process have open stays for connections and the database.
type handles struct {
	most int64 // 0: the system does not say
	open atomic.Int64
}

func usualHandles() handles { return handles{most: openFiles() / 4 * 3} }

// take counts some more, or refuses.
func (h *handles) take(n int64) error {
	if h.open.Add(n) > h.most && h.most > 0 {
		h.open.Add(-n)
		return errTooManyOpen
	}
	return nil
}

func (h *handles) give(n int64) { h.open.Add(-n) }

// perUpload is how many files an upload has open: itself and its folder.
const perUpload = 2
