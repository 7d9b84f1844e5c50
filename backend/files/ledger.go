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
	if err == nil {
		m.add(at, delta)
	}
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

// hidden notes that the files in a folder do not count any more, and returns the
// figures in which they still do, with the walks that those are from.
func (m *Meter) hidden(p Path) map[*figure]uint64 {
	m.moved(p, p)
	late := map[*figure]uint64{}
	for at := p; !at.IsTop(); {
		at = at.Dir()
		if f, ok := m.known[at]; ok {
			f.changes++
			late[f] = f.walks
		}
	}
	return late
}

// uncount takes so many bytes off figures that have not been measured again
// since.
func (m *Meter) uncount(late map[*figure]uint64, bytes int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for f, walks := range late {
		if f.walks == walks {
			f.used -= bytes
			f.changes++
		}
	}
}

// doubtAbove notes that something changed by who knows how much that was at a
// path when it was opened. What belongs to others is not walked again for it.
func (m *Meter) doubtAbove(at Path) {
	for !at.IsTop() {
		at = at.Dir()
		if f, ok := m.known[at]; ok {
			f.doubt()
		}
	}
}

// measured notes what a walk has found.
func (f *figure) measured(used int64, at time.Time) {
	f.used, f.at = used, at
	f.walks++
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
		used, _ := m.walk(nil, base)
		f.measured(used, m.env.Now())
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
	size   int64 // of the figure's coming, and
	held   int64 // of its held; guarded by the meter
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
	if a.most() == math.MaxInt64 {
		return nil
	}
	for _, good := range []time.Duration{recountEvery, measureEvery} {
		a.meter.used(nil, a.base, good)
		if a.take(size) {
			return nil
		}
	} // refused only by a figure of the last minute
	return errQuota
}

// take holds room for a new file of a length, if there is that much. A file
// that is replaced makes room for another, but as it may be replaced many times
// at once, or go before it is, what is on its way must have room by itself too.
func (a *allowance) take(size int64) bool {
	a.meter.mu.Lock()
	defer a.meter.mu.Unlock()
	if size <= a.size {
		return true
	}
	f := a.meter.sure(a.base)
	held := max(a.held, size-a.credit)
	switch {
	case held > a.held && f.used+f.held-a.held > a.most()-held:
		return false
	case f.coming-a.size > max(a.most(), f.used)-size:
		return false
	}
	f.held += held - a.held
	f.coming += size - a.size
	a.held, a.size = held, size
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
	if a.size > 0 {
		f := a.meter.figure(a.base)
		f.held -= a.held
		f.coming -= a.size
		a.held, a.size = 0, 0
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
	if delta <= held || a.most() == math.MaxInt64 {
		return nil
	}
	if f := a.meter.sure(a.base); f.used+f.held > a.most()-delta {
		return errQuota
	}
	return nil
}

// inPlace runs do, which changes the length of an open file that is there, to
// at most size bytes if it grows. Errors: quota_exceeded, file_moved, or that
// of do.
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
		if err := f.mayGrow(before, more); err != nil {
			return err
		}
	}
	err = do()
	after, lost := f.f.Stat()
	if lost != nil {
		m.doubtAbove(f.at)
		return errors.Join(err, refuse(lost))
	}
	if after.Size() != before.Size() {
		f.tell(m, after, after.Size()-before.Size())
	}
	return err
}

// mayGrow reports whether the file may become so many bytes longer. One that
// counts for nobody any more could grow past every limit.
func (f *File) mayGrow(now fs.FileInfo, delta int64) error {
	if f.room.most() != math.MaxInt64 && !f.there(now) {
		return errMoved
	}
	return f.room.settle(delta)
}

// tell notes a change of length where the file is, if it is still there.
func (f *File) tell(m *Meter, now fs.FileInfo, delta int64) {
	if !f.there(now) {
		m.doubtAbove(f.at)
		return
	}
	m.add(f.at, delta)
}

// there reports whether the file still has the name under which it was opened.
func (f *File) there(now fs.FileInfo) bool {
	there, err := f.store.root.Lstat(f.at.rel())
	return err == nil && os.SameFile(there, now)
}
