package files

import (
	"sync"

	"github.com/gofrs/flock"
)

// A turn is a lock among everybody who changes names in a files folder, also
// in other processes. Where the system knows no locks of folders it is one
// among those of this process.
type turn struct {
	mu   sync.Mutex
	file *flock.Flock
}

// Lock waits for one's turn.
func (t *turn) Lock() {
	t.mu.Lock()
	_ = t.file.Lock()
}

// Unlock ends it.
func (t *turn) Unlock() {
	_ = t.file.Unlock()
	t.mu.Unlock()
}
