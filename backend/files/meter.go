package files

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"sync"
	"syscall"
	"time"

	"latchkey/backend/internal/env"
)

const (
	// measureEvery is how long a figure is good that nobody keeps up to date.
	measureEvery = time.Minute
	// recountEvery is how long one is good that a Store keeps: other programs
	// may put files there too.
	recountEvery = 10 * time.Minute
	// maxMeasured bounds the folders whose figures are held in memory.
	maxMeasured = 10_000
	// listAtOnce is how many entries of a folder are read at a time.
	listAtOnce = 256
	// stageLevels is after how many levels a walk goes on from a folder that it
	// keeps open.
	stageLevels = 16
	// walksInPeace is how often a folder is walked while others may change it.
	// If it did change each time, the next walk has them wait.
	walksInPeace = 3
)

// Usage is how much room a person's files take, in bytes.
type Usage struct {
	Used  int64 // the lengths of all regular files
	Limit int64 // what they could take: Used, and what the disk has left above the reserve; 0 where the system does not say
}

// Within returns the usage of somebody whose files may take so many bytes; 0
// is no limit.
func (u Usage) Within(limit int64) Usage {
	if limit > 0 && (u.Limit == 0 || limit < u.Limit) {
		u.Limit = limit
	}
	return u
}

// A Meter tells how much room people's files take. One of its own only reads,
// so it may be used beside a Store of this or another process, and its figures
// are a minute old at most. That of a Store is told of each change through the
// Store, so that between walks it stays exact.
//
// A figure is a walk through a folder, so it is taken seldom, and one walk is
// made at a time.
type Meter struct {
	dir     string
	env     env.Env
	reserve reserve
	good    time.Duration
	walking chan struct{} // has room for the one who walks

	mu    sync.Mutex
	known map[Path]*figure
}

// A figure is what is known of the files below a folder.
type figure struct {
	used    int64
	at      time.Time // when it was measured; zero: not yet, or something happened that only a walk can tell
	changes uint64    // how often something changed since it is kept
	walks   uint64    // how often it was measured
	held    int64     // bytes promised to uploads under way, beyond what they replace
	coming  int64     // bytes promised to them, whatever they replace
}

// NewMeter returns a meter of the files folder.
func NewMeter(dir string, e env.Env) *Meter {
	return &Meter{
		dir: dir, env: e, reserve: usualReserve(), good: measureEvery,
		walking: make(chan struct{}, 1), known: map[Path]*figure{},
	}
}

// Usage tells how much room the files below base take, which must be a clean
// path. Of a Meter without a Store it is as it was within the last minute; or
// before that, if somebody is just measuring it again. Links are not followed,
// and what cannot be read counts nothing; a folder that is not there is empty.
// It returns an error only if the path is none, or if ctx ends first.
func (m *Meter) Usage(ctx context.Context, base string) (Usage, error) {
	p, err := ParsePath(base)
	if err != nil {
		return Usage{}, err
	}
	used, ok := m.used(ctx.Done(), p, m.good)
	if !ok {
		return Usage{}, ctx.Err()
	}
	u := Usage{Used: used}
	if left, known := m.left(p); known {
		u.Limit = used + left
	}
	return u, nil
}

// A stop is closed when nobody waits any more. A nil one never is.
type stop <-chan struct{}

func (s stop) now() bool {
	select {
	case <-s:
		return true
	default:
		return false
	}
}

// used returns the figure of a folder that is not older than good, unless
// somebody is just measuring it again; and false if it was stopped.
func (m *Meter) used(s stop, p Path, good time.Duration) (int64, bool) {
	used, age, known := m.find(p)
	switch {
	case known && age < good:
		return used, true
	case m.enter(s, !known):
		defer m.leave()
	default:
		return used, known
	}
	if used, age, known = m.find(p); known && age < good {
		return used, true // measured while this one waited
	}
	return m.measure(s, p)
}

// enter reports whether it is one's turn to walk. Who is patient waits for it.
func (m *Meter) enter(s stop, patient bool) bool {
	select {
	case m.walking <- struct{}{}:
		return true
	default:
	}
	if !patient {
		return false
	}
	select {
	case m.walking <- struct{}{}:
		return true
	case <-s:
		return false
	}
}

func (m *Meter) leave() { <-m.walking }

// find counts a figure from the future as old: the clock was set back.
func (m *Meter) find(p Path) (used int64, age time.Duration, known bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f, ok := m.known[p]
	if !ok || f.at.IsZero() {
		return 0, 0, false
	}
	if age = m.env.Now().Sub(f.at); age < 0 {
		age = m.good
	}
	return f.used, age, true
}

// figure returns what is kept of a folder, from now on. m.mu is held.
func (m *Meter) figure(p Path) *figure {
	if f, ok := m.known[p]; ok {
		return f
	}
	if len(m.known) >= maxMeasured {
		for p, f := range m.known {
			if f.coming == 0 {
				delete(m.known, p)
			}
		}
	}
	f := &figure{}
	m.known[p] = f
	return f
}

// measure walks a folder. What a walk finds counts if nothing changed below
// the folder meanwhile.
func (m *Meter) measure(s stop, p Path) (int64, bool) {
	for range walksInPeace {
		m.mu.Lock()
		before := m.figure(p).changes
		m.mu.Unlock()
		sum, ok := m.walk(s, p)
		if !ok {
			return 0, false
		}
		m.mu.Lock()
		f := m.figure(p)
		still := f.changes == before
		if still {
			f.measured(sum, m.env.Now())
		}
		m.mu.Unlock()
		if still {
			return sum, true
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.sure(p).used, true
}

// walk sums up what lies below a folder. One that is not there is empty.
func (m *Meter) walk(s stop, p Path) (int64, bool) {
	root, err := os.OpenRoot(m.dir)
	if err != nil {
		return 0, !s.now()
	}
	defer root.Close()
	return measureFolder(s, root, p)
}

// left returns what the disk of a person's folder has left for files, or that
// of all people's files where there is no such folder yet.
func (m *Meter) left(p Path) (bytes int64, known bool) {
	root, err := os.OpenRoot(m.dir)
	if err != nil {
		return 0, false
	}
	defer root.Close()
	for _, name := range []string{p.folder(), "."} {
		f, err := openFolder(root, name)
		if err != nil {
			continue
		}
		space, err := spaceOf(f)
		if errors.Join(err, f.Close()) == nil && space.Blocks > 0 {
			return int64(m.reserve.above(space)), true
		}
	}
	return 0, false
}

// measureFolder sums up what lies below a folder, unless it is stopped. As a
// path is opened name by name, it goes on from a folder that it keeps open
// after every few levels; other than those it holds one open at a time.
func measureFolder(s stop, root *os.Root, p Path) (int64, bool) {
	var sum int64
	for todo := []Path{p}; len(todo) > 0 && !s.now(); {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if at.depth() == p.depth()+stageLevels {
			sum += measureStage(s, root, at)
			continue
		}
		eachEntry(s, root, at, func(fi fs.FileInfo) {
			switch {
			case isTemp(fi.Name()):
			case fi.IsDir():
				todo = append(todo, Path(path.Join(string(at), fi.Name())))
			case fi.Mode().IsRegular():
				sum += fi.Size()
			}
		})
	}
	return sum, !s.now()
}

// measureStage is measureFolder that keeps the folder open.
func measureStage(s stop, root *os.Root, p Path) int64 {
	below, err := root.OpenRoot(p.folder())
	if err != nil {
		return 0
	}
	defer below.Close()
	sum, _ := measureFolder(s, below, "/")
	return sum
}

// eachEntry calls f with what is in a folder, links as links, as far as it can
// be read and until it is stopped.
func eachEntry(s stop, root *os.Root, p Path, f func(fs.FileInfo)) {
	folder, err := openFolder(root, p.folder())
	if err != nil {
		return
	}
	defer folder.Close()
	for err == nil && !s.now() {
		var entries []fs.FileInfo
		entries, err = folder.Readdir(listAtOnce)
		for _, fi := range entries {
			f(fi)
		}
	}
}

// openFolder opens a folder to be looked at; a pipe of its name blocks nobody.
func openFolder(root *os.Root, name string) (*os.File, error) {
	return root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
}
