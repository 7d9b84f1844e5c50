package files

import (
	"errors"
	"slices"
	"strings"
)

// A Keeper keeps which folders are protected, by their paths below the files
// folder. A Store tells it where they go: before they do it has them protected
// there, too, and only when they are there for good no longer where they were.
// So a crash protects one path too many, where nothing is, and never one too
// few.
type Keeper interface {
	// Kept lists what is protected, as it is now. Paths that are behind one
	// password have one mark, which can be part of a name.
	Kept() ([]Protected, error)
	// Copy has folders protected at other paths as they are at their own, in
	// place of what is kept there.
	Copy(copies []ProtectedCopy) error
	// Drop has paths not protected any more. Those that are not are no error.
	Drop(paths []Path) error
}

// A ProtectedCopy is a protected folder's path and another, which is to be
// protected with its password.
type ProtectedCopy struct {
	From, To   Path
	Subfolders bool
}

// KeepFor has the store tell somebody where protected folders go. It is called
// before anything of the store is used.
func (s *Store) KeepFor(k Keeper) { s.keeper = k }

// Settle calls do with where a folder of the store really is, while no names
// change. Errors: file_not_found, not_a_folder, and that of do.
func (s *Store) Settle(p Path, do func(real Path) error) error {
	s.names.Lock()
	defer s.names.Unlock()
	l, err := s.lookout(nil, nil)
	if err != nil {
		return err
	}
	e, err := l.find(p, toSee, true)
	switch {
	case err != nil:
		return err
	case e.fi == nil:
		return errNotFound
	case !e.fi.IsDir():
		return errNotAFolder
	}
	return do(e.at)
}

// kept returns the protected folders, and nil if there are none.
func (s *Store) kept() (*lookout, error) {
	if s.keeper == nil {
		return nil, nil
	}
	all, err := s.keeper.Kept()
	if len(all) == 0 || err != nil {
		return nil, err
	}
	return s.lookout(nil, all)
}

// carry has what is protected at and below a path go along to another, which do
// gives it. Who calls it has their turn in changing names.
func (t *Tree) carry(from, to Path, do func() error) error {
	c, err := t.carriage(from, to)
	if err != nil {
		return err
	}
	if len(c.copies) == 0 {
		return do()
	}
	if err := t.store.keeper.Copy(c.copies); err != nil {
		return err
	}
	if err := do(); err != nil {
		_ = t.store.keeper.Drop(c.made) // or they protect what is not there
		return err
	}
	if t.syncAt(from.Dir()) == nil && t.syncAt(to.Dir()) == nil {
		_ = t.store.keeper.Drop(c.left) // likewise
	}
	return nil
}

// A carriage is what of the protected folders goes along when something gets
// another path.
type carriage struct {
	copies []ProtectedCopy
	made   []Path // by the copies, where nothing was protected before
	left   []Path // where it is not any more when it has gone
}

func (t *Tree) carriage(from, to Path) (carriage, error) {
	l, err := t.store.kept()
	if l == nil || err != nil {
		return carriage{}, err
	}
	source, err := l.find(from.Below(t.base), toChange, false)
	if err != nil {
		return carriage{}, err
	}
	target, err := l.find(to.Below(t.base), toChange, false)
	if err != nil {
		return carriage{}, err
	}
	at := target.at.Dir().Join(to.Name()) // as it will be, also where only the encoding changes
	inside, err := l.inside(source)
	if err != nil {
		return carriage{}, err
	}
	var c carriage
	add := func(f Protected, to Path, subfolders bool) {
		c.copies = append(c.copies, ProtectedCopy{f.Path, to, subfolders})
		if !l.has(to) {
			c.made = append(c.made, to)
		}
	}
	for _, in := range inside {
		f := l.all[in.which].Protected
		add(f, in.below.Below(at), f.Subfolders)
		c.left = append(c.left, f.Path)
	}
	c.left = slices.DeleteFunc(c.left, func(p Path) bool {
		return slices.ContainsFunc(c.copies, func(c ProtectedCopy) bool { return c.To == p })
	})
	return c, nil
}

// has reports whether a path is kept, spelled like that.
func (l *lookout) has(p Path) bool {
	return slices.ContainsFunc(l.all, func(f watched) bool { return f.Path == p })
}

// shelve has something that is about to be thrown away stay behind the password
// that it is behind at its place, and returns the name of the shelf, or "". All
// that is behind one password shares a shelf. Who calls it has their turn in
// changing names.
func (t *Tree) shelve(p Path) (string, error) {
	l, err := t.store.kept()
	if l == nil || err != nil {
		return "", err
	}
	e, err := l.find(p.Below(t.base), toChange, false)
	if err != nil || e.in < 0 {
		return "", err
	}
	f := l.all[e.in].Protected
	name := shelf + f.Mark
	to, err := l.find(trashTop.Join(name).Below(t.base), toChange, false)
	if err != nil || l.has(to.at) {
		return name, err
	}
	return name, t.store.keeper.Copy([]ProtectedCopy{{f.Path, to.at, true}})
}

// isShelf reports whether a text can be the name of a shelf.
func isShelf(name string) bool {
	return strings.HasPrefix(name, shelf) && len(name) <= MaxName && !strings.Contains(name, "/")
}

// clearShelves has none kept that nothing in the trash is behind.
func (t *Tree) clearShelves() error {
	t.store.names.Lock()
	defer t.store.names.Unlock()
	l, err := t.store.kept()
	if l == nil || err != nil {
		return err
	}
	top, err := l.find(trashTop.Below(t.base), toChange, false)
	if err != nil {
		return err
	}
	ids, err := t.trashIDs()
	if err != nil {
		return err
	}
	used := map[string]bool{}
	for _, id := range ids {
		switch found, err := t.FindTrashed(id); {
		case err != nil && !errors.Is(err, errNoTrashed):
			return err
		case found.behind == trashTop:
			return nil
		default:
			used[found.behind.Name()] = true
		}
	}
	var gone []Path
	for _, f := range l.all {
		if name := f.Path.Name(); f.Path.Dir() == top.at && isShelf(name) && !used[name] {
			gone = append(gone, f.Path)
		}
	}
	return t.store.keeper.Drop(gone)
}

// bury has nothing protected at and below a path any more, which do removes for
// good. Who calls it has their turn in changing names.
func (t *Tree) bury(p Path, do func() error) error {
	l, err := t.store.kept()
	if err != nil {
		return err
	}
	var gone []Path
	if l != nil {
		e, err := l.find(p.Below(t.base), toChange, false)
		if err != nil {
			return err
		}
		inside, err := l.inside(e)
		if err != nil {
			return err
		}
		for _, in := range inside {
			gone = append(gone, l.all[in.which].Path)
		}
	}
	if err := do(); err != nil || len(gone) == 0 {
		return err
	}
	if t.syncAt(p.Dir()) == nil {
		_ = t.store.keeper.Drop(gone) // or it protects what is not there
	}
	return nil
}

// copied has the copy of a protected folder be as protected as it is.
func (t *Tree) copied(from, to Path) error {
	t.store.names.Lock()
	defer t.store.names.Unlock()
	l, err := t.store.kept()
	if l == nil || err != nil {
		return err
	}
	source, err := l.find(from.Below(t.base), toSee, true)
	if err != nil || source.own < 0 {
		return err
	}
	target, err := l.find(to.Below(t.base), toSee, true)
	if err != nil {
		return err
	}
	f := l.all[source.own]
	return t.store.keeper.Copy([]ProtectedCopy{{f.Path, target.at, f.Subfolders}})
}
