package files

import (
	"errors"
	"io/fs"
	"math"
	"os"
	"strings"
	"time"
)

// What a Store tells its Meter. Each change is told while it is made and
// nobody measures, so that a figure and the disk never disagree for longer.

// change runs do, which changes files directly in the folder of at and says by
// how many bytes.
func (m *Meter) change(at Path, do func() (int64, error)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delta, err := do()
	m.add(at, delta)
	return err
}

// add notes that a file at a path has become longer or shorter, come or gone.
// m.mu is held, as in all that follow.
func (m *Meter) add(at Path, delta int64) {
	for !at.IsTop() {
		at = at.Dir()
		if f, ok := m.known[at]; ok {
			f.used += delta
			f.changes++
		}
	}
}

// moved notes that a folder has another path, which its figures and those of
// folders that hold only one of the two know nothing of.
func (m *Meter) moved(from, to Path) {
	for base, f := range m.known {
		if base.holds(from) != base.holds(to) || from == base || to == base || from.holds(base) || to.holds(base) {
			f.doubt()
		}
	}
}

// doubtAll notes that something changed and it is not known where.
func (m *Meter) doubtAll() {
	for _, f := range m.known {
		f.doubt()
	}
}

// doubt has the folder measured again before its figure is used.
func (f *figure) doubt() {
	f.at = time.Time{}
	f.changes++
}

// holds reports whether other lies below p.
func (p Path) holds(other Path) bool {
	return p != other && (p.IsTop() || strings.HasPrefix(string(other), string(p)+"/"))
}

// sure returns a figure that is known: one that has just come into doubt is
// measured while all wait.
func (m *Meter) sure(base Path) *figure {
	f := m.figure(base)
	if f.at.IsZero() {
		f.used, _ = m.walk(nil, base)
		f.at = m.env.Now()
	}
	return f
}

// An allowance is what somebody's limit leaves to one file that is being
// written. The zero allowance knows no limit.
type allowance struct {
	meter *Meter
	base  Path
	limit func() int64 // as it is now, in bytes; 0 or less: none

	credit int64 // the length of what the file will replace
	held   int64 // of the figure's; guarded by the meter
}

func (t *Tree) allowance() allowance {
	if t.limit == nil {
		return allowance{}
	}
	return allowance{meter: t.store.meter, base: t.whole, limit: t.limit}
}

// most returns the limit as it is now, or MaxInt64.
func (a *allowance) most() int64 {
	if a.limit == nil {
		return math.MaxInt64
	}
	if n := a.limit(); n > 0 {
		return n
	}
	return math.MaxInt64
}

// reach holds room for a new file of a length. Errors: quota_exceeded.
func (a *allowance) reach(size int64) error {
	need := size - a.credit
	if a.most() == math.MaxInt64 {
		return nil
	}
	for _, good := range []time.Duration{recountEvery, measureEvery} {
		a.meter.used(nil, a.base, good)
		if a.take(need) {
			return nil
		}
	} // refused only by a figure of the last minute
	return errQuota
}

// take holds room for a need in all, if there is that much.
func (a *allowance) take(need int64) bool {
	a.meter.mu.Lock()
	defer a.meter.mu.Unlock()
	if need <= a.held {
		return true
	}
	f := a.meter.sure(a.base)
	if f.used+f.held-a.held > a.most()-need {
		return false
	}
	f.held += need - a.held
	a.held = need
	return true
}

// release gives back what was held.
func (a *allowance) release() {
	if a.meter == nil {
		return
	}
	a.meter.mu.Lock()
	defer a.meter.mu.Unlock()
	a.drop()
}

func (a *allowance) drop() {
	if a.held > 0 {
		a.meter.figure(a.base).held -= a.held
		a.held = 0
	}
}

// settle reports whether the files may become so many bytes longer, in place
// of what was held. The meter is locked.
func (a *allowance) settle(delta int64) error {
	if a.meter == nil {
		return nil
	}
	held := a.held
	a.drop()
	if delta <= max(held, 0) || a.most() == math.MaxInt64 {
		return nil
	}
	if f := a.meter.sure(a.base); f.used+f.held > a.most()-delta {
		return errQuota
	}
	return nil
}

// inPlace runs do, which changes the length of an open file that is there, to
// at most size bytes if it grows. Errors: quota_exceeded, or that of do.
func (f *File) inPlace(size int64, do func() error) error {
	m := f.store.meter
	if f.room.most() != math.MaxInt64 {
		m.used(nil, f.room.base, recountEvery)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	before, err := f.f.Stat()
	if err != nil {
		return refuse(err)
	}
	if more := size - before.Size(); more > 0 {
		if err := f.room.settle(more); err != nil {
			return err
		}
	}
	err = do()
	after, lost := f.f.Stat()
	if lost != nil {
		m.doubtAll()
		return errors.Join(err, refuse(lost))
	}
	if after.Size() != before.Size() {
		f.tell(m, after, after.Size()-before.Size())
	}
	return err
}

// tell notes a change of length where the file is, if it is still there.
func (f *File) tell(m *Meter, now fs.FileInfo, delta int64) {
	there, err := f.store.root.Lstat(f.at.rel())
	if err != nil || !os.SameFile(there, now) {
		m.doubtAll()
		return
	}
	m.add(f.at, delta)
}
