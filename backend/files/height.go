package files

import (
	"io/fs"
	"os"
	"strings"
	"sync"
)

// depth is how many names a path has.
func (p Path) depth() int {
	if p.IsTop() {
		return 0
	}
	return strings.Count(string(p), "/")
}

// deeper refuses to move a folder to where something in it would have more
// names than a path may. How much there is in it is for its owner to say, so it
// is walked before the turn of those who change names. What comes into it or
// goes with it meanwhile is noticed: see errChanged.
func (t *Tree) deeper(from, to Path) error {
	if to.depth() <= from.depth() {
		return nil
	}
	for level, depth := []Path{from}, to.depth(); len(level) > 0; depth++ {
		var below []Path
		for _, at := range level {
			err := eachName(t.root, at, func(e fs.DirEntry) error {
				if depth == maxDepth {
					return errTooDeep
				}
				if e.IsDir() {
					below = append(below, at.Join(e.Name()))
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		level = below
	}
	return nil
}

// eachName calls f with what is in a folder, as far as it can be read and until
// f returns an error.
func eachName(root *os.Root, p Path, f func(fs.DirEntry) error) error {
	folder, err := openFolder(root, p.folder())
	if err != nil {
		return nil
	}
	defer folder.Close()
	for err == nil {
		var entries []fs.DirEntry
		entries, err = folder.ReadDir(listAtOnce)
		for _, e := range entries {
			if err := f(e); err != nil {
				return err
			}
		}
	}
	return nil
}

// moves are the folders that are about to be moved, by where they are below the
// files folder.
type moves struct {
	mu  sync.Mutex
	all map[*departure]struct{}
}

// A departure is a folder that is about to be moved.
type departure struct {
	from    Path
	changed bool // guarded by moves
}

func (m *moves) begin(from Path) *departure {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.all == nil {
		m.all = map[*departure]struct{}{}
	}
	d := &departure{from: from}
	m.all[d] = struct{}{}
	return d
}

func (m *moves) end(d *departure) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.all, d)
}

// notice says that a folder has come to a path or left it. Who calls it has
// their turn in changing names.
func (m *moves) notice(at Path) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for d := range m.all {
		if d.from == at || d.from.holds(at) || at.holds(d.from) {
			d.changed = true
		}
	}
}

func (m *moves) changed(d *departure) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return d.changed
}
