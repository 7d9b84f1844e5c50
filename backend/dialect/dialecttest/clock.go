package dialecttest

import (
	"sync"
	"time"
)

// start is when every recording begins: not at a full second, so that
// rounding shows.
func start() time.Time { return time.Date(2026, time.March, 1, 12, 0, 0, 250_000_000, time.UTC) }

// A clock stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: start()} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
