package files

import (
	"errors"
	"io"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// A model is what a tree should be, by path: a file has content, a folder "/".
type model map[Path]string

func (m model) has(p Path) bool      { _, ok := m[p]; return ok }
func (m model) isFolder(p Path) bool { return m[p] == "/" }
func (m model) parentOK(p Path) bool { return m.isFolder(p.Dir()) }

func (m model) empty(p Path) bool {
	for other := range m {
		if other != p && strings.HasPrefix(string(other), string(p)+"/") {
			return false
		}
	}
	return true
}

// put, mkdir, drop and move do what the tree should do, and report whether it
// should succeed.
func (m model) put(p Path, content string) bool {
	ok := !p.IsTop() && m.parentOK(p) && !m.isFolder(p)
	if ok {
		m[p] = content
	}
	return ok
}

func (m model) mkdir(p Path) bool {
	ok := !p.IsTop() && m.parentOK(p) && !m.has(p)
	if ok {
		m[p] = "/"
	}
	return ok
}

func (m model) drop(p Path, folder bool) bool {
	ok := !p.IsTop() && m.has(p) && m.isFolder(p) == folder && m.empty(p)
	if ok {
		delete(m, p)
	}
	return ok
}

func (m model) move(from, to Path, replace bool) bool {
	if from.IsTop() || to.IsTop() || !m.has(from) || !m.parentOK(to) {
		return false
	}
	if from == to {
		return replace
	}
	if strings.HasPrefix(string(to), string(from)+"/") {
		return false
	}
	if m.has(to) && (!replace || m.isFolder(to) || m.isFolder(from)) {
		return false
	}
	for _, p := range slices.Collect(maps.Keys(m)) {
		if rest, ok := strings.CutPrefix(string(p), string(from)); ok && (rest == "" || rest[0] == '/') {
			m[to+Path(rest)] = m[p]
			delete(m, p)
		}
	}
	return true
}

// FuzzTree runs a script of operations on a tree and on a model of it. A byte
// of the script is an operation, the next ones choose its paths.
func FuzzTree(f *testing.F) {
	f.Add([]byte("\x00\x01\x02\x00\x01\x03\x04\x05"))
	f.Add([]byte{1, 0, 1, 5, 0, 9, 4, 0, 6, 5, 9, 1, 3, 6, 2, 9, 0, 7})
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) > 300 {
			return
		}
		p := newPlace(t, "/ann")
		m := model{"/": "/"}
		next := func() byte {
			if len(script) == 0 {
				return 0
			}
			b := script[0]
			script = script[1:]
			return b
		}
		somePath := func() Path {
			b := next()
			return Path(path.Join("/", []string{"", "a", "b"}[b%3], []string{"", "a", "b"}[b/3%3], []string{"", "c"}[b/9%2]))
		}
		for step := byte('A'); len(script) > 0; step++ {
			op, at := next()%7, somePath()
			var err error
			var want bool
			switch op {
			case 0:
				want, err = m.put(at, string(step)), put(p.Tree, at, string(step))
			case 1:
				want, err = m.mkdir(at), p.Mkdir(at)
			case 2:
				want, err = m.drop(at, false), p.Remove(at)
			case 3:
				want, err = m.drop(at, true), p.Rmdir(at)
			case 4:
				to := somePath()
				want, err = m.move(at, to, false), p.Rename(at, to)
			case 5:
				to := somePath()
				want, err = m.move(at, to, true), p.Replace(at, to)
			case 6:
				want, err = m.has(at) && !m.isFolder(at), closing(p.Open(at))
			}
			if (err == nil) != want {
				t.Fatalf("operation %d on %s: %v, the model says %v", op, at, err, want)
			}
		}
		if got := seen(t, p.Tree, "/"); !maps.Equal(got, m) {
			t.Errorf("the tree is %v, the model %v", got, m)
		}
		if left := p.temps(); len(left) != 0 {
			t.Errorf("left behind: %v", left)
		}
		if outside, _ := filepath.Glob(filepath.Join(p.dir, "*")); len(outside) != 2 {
			t.Errorf("at the top, want the tree and the notes: %v", outside)
		}
	})
}

func put(t *Tree, p Path, content string) error {
	u, err := t.Create(p, Creation{})
	if err != nil {
		return err
	}
	if _, err := u.WriteAt([]byte(content), 0); err != nil {
		return errors.Join(err, u.Abort())
	}
	return u.Close()
}

// seen reads a whole tree through itself.
func seen(t *testing.T, tree *Tree, at Path) model {
	t.Helper()
	got := model{at: "/"}
	for _, name := range names(t, tree, at) {
		p := Path(path.Join(string(at), name))
		fi, err := tree.Stat(p)
		if err != nil {
			t.Fatal(err)
		}
		if fi.IsDir() {
			maps.Copy(got, seen(t, tree, p))
			continue
		}
		f, err := tree.Open(p)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(io.NewSectionReader(f, 0, fi.Size()))
		if err = errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
		got[p] = string(b)
	}
	return got
}

// Of many that want one free name, exactly one gets it, and nothing is lost.
func TestOneWinnerForAName(t *testing.T) {
	const many = 16
	p := newPlace(t, "/")
	var won atomic.Int32
	var wg sync.WaitGroup
	for i := range many {
		from := Path("/from" + string(rune('a'+i)))
		p.outside(from.rel(), string(from))
		wg.Go(func() {
			rename := func() error { return p.Rename(from, "/name") }
			claim := func() error { _, err := p.Create("/name", Creation{Exclusive: true}); return err }
			if []func() error{rename, claim}[i%2]() == nil {
				won.Add(1)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Errorf("%d won, want 1", won.Load())
	}
}

// Parallel uploads to one path leave one of them, whole.
func TestParallelUploadsDoNotMix(t *testing.T) {
	p := newPlace(t, "/")
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			if err := put(p.Tree, "/f", strings.Repeat(string(rune('a'+i)), 100_000)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	got := p.content("f")
	if len(got) != 100_000 || strings.Trim(got, got[:1]) != "" || len(p.temps()) != 0 {
		t.Errorf("the file has %d bytes and begins with %.8q; left behind: %v", len(got), got, p.temps())
	}
}
