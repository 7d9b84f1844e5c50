package files

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// down is a path of so many names.
func down(n int) Path { return Path(strings.Repeat("/d", n)) }

// People nest folders deeply, but nobody so deeply that it costs the others.
func TestDepth(t *testing.T) {
	if _, err := ParsePath(string(down(maxDepth + 1))); !errors.Is(err, errTooDeep) {
		t.Errorf("a path too deep: %v", err)
	}
	p := newPlace(t, "/people/ann")
	_, err := p.MkdirAll(t.Context(), down(maxDepth))
	p.wantCode("as deep as may be", err, "")
	_, err = p.MkdirAll(t.Context(), down(maxDepth+1))
	p.wantCode("deeper", err, "path_too_deep")
	p.wantCode("a file", put(p.Tree, down(maxDepth+1), "x"), "path_too_deep")
	p.wantCode("200 levels", put(p.Tree, down(199)+"/f", "x"), "")

	p.wantCode("where a walk stops over", put(p.Tree, down(stageLevels)+"/f", "22"), "")
	if got := p.used(); got != 3 {
		t.Errorf("used %d, want 3", got)
	}

	_, err = p.MkdirAll(t.Context(), "/three/high/er")
	p.wantCode("MkdirAll", err, "")
	for above := maxDepth; above > maxDepth-3; above-- {
		p.wantCode(fmt.Sprint("below ", above), p.Rename("/three", down(above)+"/x"), "path_too_deep")
	}
	p.wantCode("where it fits", p.Rename("/three", down(maxDepth-3)+"/x"), "")
	p.wantCode("back", p.Rename(down(maxDepth-3)+"/x", "/three"), "")
	p.wantCode("a copy", p.Copy(t.Context(), "/three", down(maxDepth-2)+"/x", false, willing), "path_too_deep")
	p.wantCode("to the side", p.Rename("/d", "/e"), "")
	p.wantCode("RemoveAll", p.RemoveAll("/e"), "")
}

// Who would have a folder look flat while it is measured gets nothing by it.
func TestDepthIsThatOfTheMove(t *testing.T) {
	for name, meanwhile := range map[string]func(place) error{
		"a folder is made in it":  func(p place) error { return p.Mkdir("/flat/in/new") },
		"one is moved into it":    func(p place) error { return p.Rename("/deep", "/flat/in/new") },
		"it is exchanged":         func(p place) error { return errors.Join(p.Rename("/flat", "/old"), p.Rename("/deep", "/flat")) },
		"it is removed and made":  func(p place) error { return errors.Join(p.RemoveAll("/flat"), p.Mkdir("/flat")) },
		"it comes from the trash": func(p place) error { return errors.Join(throwAndRestore(p, "/flat")) },
	} {
		p := newPlace(t, "/people/ann")
		p.folder("flat/in")
		p.folder("deep/er")
		leaving := p.store.moves.begin(Path("/flat").Below(p.Tree.base))
		p.wantCode(name, meanwhile(p), "")
		if !p.store.moves.changed(leaving) {
			t.Errorf("%s: not noticed", name)
		}
		p.store.moves.end(leaving)
		other := p.store.moves.begin("/people/ann/elsewhere")
		p.wantCode("Mkdir", p.Mkdir("/elsewhere2"), "")
		if p.store.moves.changed(other) {
			t.Errorf("%s: what happens elsewhere is taken for a change", name)
		}
		p.store.moves.end(other)
		if len(p.store.moves.all) != 0 {
			t.Errorf("%s: %d are about to be moved still", name, len(p.store.moves.all))
		}
	}
}

func throwAndRestore(p place, at Path) error {
	thrown, err := p.Trash(at)
	if err != nil {
		return err
	}
	_, err = p.Restore(p.t.Context(), thrown.ID)
	return err
}

// Folders are made as long as somebody wants them.
func TestMkdirAllEndsWithItsContext(t *testing.T) {
	p := newPlace(t, "/")
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if made, err := p.MkdirAll(gone, "/a/b"); !errors.Is(err, context.Canceled) || len(made) != 0 || p.content("a") != "-" {
		t.Errorf("made %v, %v", made, err)
	}
}

// What removing a folder takes off a figure is known late, but once: also of a
// figure that was measured, or came into doubt, meanwhile.
func TestFiguresOfWhatIsBeingRemoved(t *testing.T) {
	for name, meanwhile := range map[string]func(place){
		"nothing":           func(place) {},
		"it was measured":   func(p place) { p.measured() },
		"it is in doubt":    func(p place) { p.doubted() },
		"both":              func(p place) { p.doubted(); p.measured() },
		"something arrived": func(p place) { p.wantCode("put", put(p.Tree, "/f", "1234"), "") },
	} {
		p, _ := limited(t, 1000)
		p.folder("a")
		p.wantCode("put", put(p.Tree, "/a/f", "123"), "")
		p.wantCode("put", put(p.Tree, "/g", "12"), "")
		p.measured()
		hidden := Path("/" + tempStart + "0")
		uncount, err := p.hide("/a", hidden)
		p.wantCode("hide", err, "")
		meanwhile(p)
		uncount()
		if got := p.used(); got != 2 && name != "something arrived" || got < 2 {
			t.Errorf("%s: used %d", name, got)
		}
		p.wantCode("RemoveAll", p.root.RemoveAll(hidden.rel()), "")
	}
}

// measured walks the folder anew.
func (p place) measured() { p.store.meter.measure(nil, "/people/ann") }

func (p place) doubted() {
	p.store.meter.mu.Lock()
	defer p.store.meter.mu.Unlock()
	p.store.meter.doubtAbove("/people/ann/x")
}

// A walk that was under way when a folder was removed may have counted it.
func TestWalkDuringRemoval(t *testing.T) {
	p, _ := limited(t, 1000)
	p.wantCode("Mkdir", p.Mkdir("/a"), "")
	p.wantCode("put", put(p.Tree, "/a/f", "123"), "")
	before := p.store.meter.figure("/people/ann").changes
	p.wantCode("RemoveAll", p.RemoveAll("/a"), "")
	if p.store.meter.figure("/people/ann").changes == before {
		t.Error("the walk would count")
	}
}

// What another person does with a file that has moved casts no doubt on one's
// own figure.
func TestDoubtStaysWithItsOwner(t *testing.T) {
	p := newPlace(t, "/people/ann")
	meter := p.store.Meter()
	for _, base := range []string{"/people/ann", "/people/bob", "/people"} {
		_, err := meter.Usage(t.Context(), base)
		p.wantCode("Usage", err, "")
	}
	p.outside("f", "1")
	f, err := p.OpenExisting("/f")
	p.wantCode("OpenExisting", err, "")
	p.wantCode("Rename", p.Rename("/f", "/g"), "")
	_, err = f.WriteAt([]byte("22"), 1)
	p.wantCode("WriteAt", err, "")
	p.wantCode("Close", f.Close(), "")
	var known []Path
	for _, base := range []Path{"/people/ann", "/people/bob", "/people"} {
		if _, _, ok := meter.find(base); ok {
			known = append(known, base)
		}
	}
	if !slices.Equal(known, []Path{"/people/bob"}) {
		t.Errorf("known are %v", known)
	}
}

// Two encodings of a name that are given out at once are one name.
func TestTwins(t *testing.T) {
	const composed, decomposed = "/\u00e9", "/e\u0301"
	p := newPlace(t, "/")
	p.folder(decomposed)
	for sent, want := range map[Path]Path{composed: decomposed, decomposed: decomposed, "/e": "/e", "/\u00e8": "/\u00e8"} {
		if got := p.twin(sent); got != want {
			t.Errorf("%q leads to %q", sent, got)
		}
	}
}
