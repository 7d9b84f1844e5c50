package files

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// A swapping pass has names change between the question and what follows.
type swapping struct {
	*book
	store *Store
	left  int    // how often it is asked to open something before swap
	swap  func() // is called, once
}

func (s *swapping) Open(f Protected, at Path) error {
	if s.store.names.count.Load()%2 == 0 { // or names are still
		if s.left--; s.left == 0 {
			s.swap()
		}
	}
	return s.book.Open(f, at)
}

// A folder and a link to a protected one change places when the way through the
// folder has just been asked for: nothing is seen or changed through the link.
func TestLinkSwap(t *testing.T) {
	p := newGuarded(t)
	p.outside("files/x/f", "plain")
	p.link("../secret", "files/door")
	p.book.kept["/u/files"] = Protected{"/u/files", true, "c"}
	p.book.shown = "c"
	all := openTree(t, p.store, "/u") // of who needs no password
	rename := func(from, to Path) {
		if err := all.Rename(from, to); err != nil {
			t.Error(err)
		}
	}
	pass := &swapping{book: p.book, store: p.store}
	tree, err := p.store.TreeFor(View{Base: "/u", Pass: pass})
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()
	p.Tree = tree
	// A way through one folder is asked for step by step; the last question is
	// where it has led to.
	p.reset()
	for _, at := range []Path{"/files/x/f", "/files/x/new", "/files/x/sub"} {
		for asked := 1; asked <= 5; asked++ {
			for name, deed := range p.deeds(at) {
				swapped := false
				pass.left, pass.swap = asked, func() {
					swapped = true
					rename("/files/x", "/files/y")
					rename("/files/door", "/files/x")
				}
				err := deed()
				if !swapped {
					p.reset() // it was not asked as often
					continue
				}
				if !errors.Is(err, errShut) {
					t.Errorf("%s %s, asked for the %d. time: %v", name, at, asked, err)
				}
				rename("/files/x", "/files/door")
				rename("/files/y", "/files/x")
			}
		}
	}
	for _, name := range []string{"secret/f", "secret/sub/f"} {
		if got := p.content(name); got != name {
			t.Errorf("%s is %q", name, got)
		}
	}
}

// reset makes again what a deed that was not refused has taken.
func (p guardedPlace) reset() {
	p.t.Helper()
	for _, name := range []string{"files/x", "free"} {
		if err := os.RemoveAll(filepath.Join(p.base, name)); err != nil {
			p.t.Fatal(err)
		}
	}
	for _, name := range []string{"files/x/f", "files/x/sub/f", "free/f"} {
		p.outside(name, "plain")
	}
}

// What was opened before others changed names elsewhere is opened again, and
// nothing that was given back is kept open.
func TestSeenAgain(t *testing.T) {
	p := newGuarded(t)
	p.outside("files/x/f", "plain")
	p.book.kept["/u/files"] = Protected{"/u/files", true, "c"}
	p.book.shown = "c"
	all := openTree(t, p.store, "/u")
	pass := &swapping{book: p.book, store: p.store}
	tree, err := p.store.TreeFor(View{Base: "/u", Pass: pass})
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()
	before := p.store.handles.open.Load()
	swapped := false
	pass.left, pass.swap = 1, func() {
		swapped = true
		if err := all.Rename("/free", "/other"); err != nil {
			t.Error(err)
		}
	}
	f, err := tree.Open("/files/x/f")
	if err != nil || !swapped {
		t.Fatalf("%v, asked %t", err, swapped)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if now := p.store.handles.open.Load(); now != before {
		t.Errorf("%d handles are in use, were %d", now, before)
	}
}
