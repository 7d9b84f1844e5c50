package files

import (
	"sync"
	"sync/atomic"

	"github.com/gofrs/flock"
)

// A turn is a lock among everybody who changes names in a files folder, also
// in other processes. Where the system knows no locks of folders it is one
// among those of this process.
type turn struct {
	mu    sync.Mutex
	file  *flock.Flock
	count atomic.Uint64 // of turns in this process that have begun or ended; even while there is none
}

// Lock waits for one's turn.
func (t *turn) Lock() {
	t.mu.Lock()
	_ = t.file.Lock()
	t.count.Add(1)
}

// Unlock ends it.
func (t *turn) Unlock() {
	t.count.Add(1)
	_ = t.file.Unlock()
	t.mu.Unlock()
}
