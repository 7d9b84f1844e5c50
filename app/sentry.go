package app

import (
	"context"
	"sync"
	"time"
)

// How closely the sentry looks.
const (
	lookEvery  = 5 * time.Second
	asleep     = 30 * time.Second // a look that comes so much late has slept
	lockNotice = 30 * time.Second // how long before it locks the page says so
)

// A sentry locks the vault when nobody is there: nothing was done for as long as
// the person has chosen, or the computer has slept. It keeps its own time, so a
// page that hangs locks too.
type sentry struct {
	d *desk

	mu      sync.Mutex
	active  time.Time     // when somebody last did something, such as opening the vault
	looked  time.Time     // when that was last looked at
	warned  bool          // the page says that it will lock
	changed chan struct{} // there is something new to reckon with
}

func newSentry(d *desk) *sentry { return &sentry{d: d, changed: make(chan struct{}, 1)} }

// act notes that somebody has done something. It never waits.
func (s *sentry) act() {
	s.mu.Lock()
	s.active = s.d.env.Now()
	s.mu.Unlock()
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// watch looks until ctx ends.
func (s *sentry) watch(ctx context.Context) {
	next := time.NewTimer(0)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
		case <-s.changed:
		}
		next.Reset(s.look())
	}
}

// look locks the vault if that is due, and returns when to look again.
func (s *sentry) look() time.Duration {
	now := s.d.env.Now()
	after := time.Duration(s.d.notebook.read().Preferences.LockMinutes) * time.Minute
	open := s.d.watching()
	s.mu.Lock()
	slept := !s.looked.IsZero() && elapsed(s.looked, now) > lookEvery+asleep
	s.looked = now
	left := after - elapsed(s.active, now)
	lock := open && (slept || after > 0 && left <= 0)
	warn := open && !lock && after > 0 && left <= lockNotice
	was := s.warned
	s.warned = warn
	s.mu.Unlock()
	switch {
	case lock:
		s.d.lock()
	case warn && !was:
		s.d.desktop.Emit(eventLocking, millis(now.Add(left)))
	}
	if was && !warn {
		s.d.desktop.Emit(eventLocking, int64(0))
	}
	if !open || after == 0 || lock {
		return lookEvery
	}
	if !warn {
		left -= lockNotice
	}
	return min(lookEvery, max(left, 0))
}

// elapsed is how long it has been by whichever clock says more: one stands still
// while the computer sleeps, the other can be set.
func elapsed(since, now time.Time) time.Duration {
	return max(now.Sub(since), now.Round(0).Sub(since.Round(0)))
}

// lock closes the vault, and takes off the clipboard what would be cleared. That
// comes last, because another program may have to answer first.
func (d *desk) lock() {
	d.companion.Vault.Lock()
	d.vaultChanged()
	d.clip.clear()
}

// away is lock for when the system says that nobody is at the computer any more.
func (d *desk) away() {
	if d.watching() {
		d.lock()
	}
}
