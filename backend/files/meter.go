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
	// measureEvery is how long a figure is good.
	measureEvery = time.Minute
	// maxMeasured bounds the folders whose figures are held in memory.
	maxMeasured = 10_000
	// listAtOnce is how many entries of a folder are read at a time.
	listAtOnce = 256
)

// Usage is how much room a person's files take, in bytes.
type Usage struct {
	Used  int64 // the lengths of all regular files
	Limit int64 // what they could take: Used, and what the disk has left above the reserve; 0 where the system does not say
}

// A Meter tells how much room people's files take. It only reads, so it may be
// used beside a Store of this or another process.
//
// A figure is a walk through a folder, so it is taken again after a minute at
// the earliest, and one walk is made at a time.
type Meter struct {
	dir     string
	env     env.Env
	reserve reserve
	walking chan struct{} // has room for the one who walks

	mu    sync.Mutex
	known map[Path]figure
}

// A figure is a Usage and when it was measured.
type figure struct {
	Usage
	at time.Time
}

// NewMeter returns a meter of the files folder.
func NewMeter(dir string, e env.Env) *Meter {
	return &Meter{dir: dir, env: e, reserve: usualReserve(), walking: make(chan struct{}, 1), known: map[Path]figure{}}
}

// Usage tells how much room the files below base take, which must be a clean
// path, as it was within the last minute; or before that, if somebody is just
// measuring it again. Links are not followed, and what cannot be read counts
// nothing; a folder that is not there is empty. It returns an error only if the
// path is none, or if ctx ends first.
func (m *Meter) Usage(ctx context.Context, base string) (Usage, error) {
	p, err := ParsePath(base)
	if err != nil {
		return Usage{}, err
	}
	found, known := m.find(p)
	switch {
	case known && m.fresh(found):
		return found.Usage, nil
	case m.enter(ctx, !known):
		defer m.leave()
	case known:
		return found.Usage, nil
	default:
		return Usage{}, ctx.Err()
	}
	if found, known = m.find(p); known && m.fresh(found) {
		return found.Usage, nil // measured while this one waited
	}
	return m.measure(ctx, p)
}

// enter reports whether it is one's turn to walk. Who is patient waits for it.
func (m *Meter) enter(ctx context.Context, patient bool) bool {
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
	case <-ctx.Done():
		return false
	}
}

func (m *Meter) leave() { <-m.walking }

func (m *Meter) find(p Path) (figure, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f, ok := m.known[p]
	return f, ok
}

// fresh counts a figure from the future as old: the clock was set back.
func (m *Meter) fresh(f figure) bool {
	age := m.env.Now().Sub(f.at)
	return age >= 0 && age < measureEvery
}

func (m *Meter) measure(ctx context.Context, p Path) (Usage, error) {
	var u Usage
	if root, err := os.OpenRoot(m.dir); err == nil {
		defer root.Close()
		if u.Used, err = measureFolder(ctx, root, p); err != nil {
			return Usage{}, err
		}
		if left, known := m.left(root, p); known {
			u.Limit = u.Used + left
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.known) >= maxMeasured {
		clear(m.known)
	}
	m.known[p] = figure{u, m.env.Now()}
	return u, nil
}

// left returns what the disk of a person's folder has left for files, or that
// of all people's files where there is no such folder yet.
func (m *Meter) left(root *os.Root, p Path) (bytes int64, known bool) {
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

// measureFolder sums up what lies below a folder. It holds one folder open at
// a time, however deep the tree is.
func measureFolder(ctx context.Context, root *os.Root, p Path) (int64, error) {
	var sum int64
	for todo := []Path{p}; len(todo) > 0 && ctx.Err() == nil; {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		eachEntry(ctx, root, at, func(fi fs.FileInfo) {
			switch {
			case isReserved(fi.Name()):
			case fi.IsDir():
				todo = append(todo, Path(path.Join(string(at), fi.Name())))
			case fi.Mode().IsRegular():
				sum += fi.Size()
			}
		})
	}
	return sum, ctx.Err()
}

// eachEntry calls f with what is in a folder, links as links, as far as it can
// be read and until ctx ends.
func eachEntry(ctx context.Context, root *os.Root, p Path, f func(fs.FileInfo)) {
	folder, err := openFolder(root, p.folder())
	if err != nil {
		return
	}
	defer folder.Close()
	for err == nil && ctx.Err() == nil {
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
