package files

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
)

// MkdirAll makes a folder and those above it that are missing, and returns
// which it made, the uppermost first. It is no error if the folder is there.
// Errors as Mkdir, not_a_folder, and that of ctx; what it made before one stays.
func (t *Tree) MkdirAll(ctx context.Context, p Path) (made []Path, err error) {
	if p.IsTop() || ctx.Err() != nil {
		return nil, ctx.Err()
	}
	switch fi, err := t.Stat(p); {
	case err == nil && fi.IsDir():
		return nil, nil
	case err == nil:
		return nil, errNotAFolder
	case !errors.Is(err, errNotFound):
		return nil, err
	}
	if made, err = t.MkdirAll(ctx, p.Dir()); err != nil {
		return made, err
	}
	switch err := t.Mkdir(p); {
	case err == nil:
		return append(made, p), nil
	case errors.Is(err, ErrExists):
		return made, nil // somebody was faster
	default:
		return made, err
	}
}

// RemoveAll removes a file, a link, or a folder with all that is in it. A
// folder vanishes at once and whole, and is then taken apart where nobody sees
// it. Links in it are removed, not followed. Errors: file_not_found.
func (t *Tree) RemoveAll(p Path) error {
	if p.IsTop() {
		return errTopFolder
	}
	fi, err := see(t, p, toTake, false, func() (fs.FileInfo, error) {
		p = t.actual(p)
		return t.root.Lstat(p.rel())
	})
	if err != nil {
		return refuse(err)
	}
	if !fi.IsDir() {
		return t.remove(p, func(fs.FileInfo) error { return nil })
	}
	id := t.store.env.ID()
	hidden := Path(tempStart + id).Below(p.Dir())
	if err := t.store.note(id, hidden.Below(t.base)); err != nil {
		return refuse(err)
	}
	uncount, err := t.hide(p, hidden)
	if err != nil {
		t.store.dropNote(id)
		return refuse(err)
	}
	uncount()
	if err := t.root.RemoveAll(hidden.rel()); err != nil {
		return refuse(err) // the note stays, so the next start tries again
	}
	t.store.dropNote(id)
	return nil
}

// hide gives a folder a hidden name, under which its files do not count. That
// they do not is known to the figures when uncount has walked it, for which
// nobody has to wait.
func (t *Tree) hide(p, hidden Path) (uncount func(), err error) {
	t.store.names.Lock()
	defer t.store.names.Unlock()
	if err := t.admits(p, toTake); err != nil {
		return nil, err
	}
	err = t.bury(p, func() error {
		uncount, err = t.hideNow(p, hidden)
		return err
	})
	return uncount, err
}

func (t *Tree) hideNow(p, hidden Path) (uncount func(), err error) {
	m := t.store.meter
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := t.root.Rename(p.rel(), hidden.rel()); err != nil {
		return nil, err
	}
	t.store.moves.notice(p.Below(t.base))
	late := m.hidden(p.Below(t.base))
	return func() {
		if len(late) > 0 {
			sum, _ := measureFolder(nil, t.root, hidden)
			m.uncount(late, sum)
		}
	}, nil
}

// Names returns the names in a folder, in no order, without those that this
// package keeps for itself. Errors as List.
func (t *Tree) Names(p Path) ([]string, error) {
	d, err := t.List(p)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	all, err := d.f.Readdirnames(-1)
	if err != nil {
		return nil, refuse(err)
	}
	shown := all[:0]
	for _, name := range all {
		if !isReserved(name) {
			shown = append(shown, name)
		}
	}
	return shown, nil
}

// Describe describes entries of a folder, links as links. Those that have gone
// meanwhile are left out. Errors as List.
func (t *Tree) Describe(p Path, names []string) ([]Info, error) {
	folder, err := see(t, p, toSee, true, func() (*os.Root, error) { return t.root.OpenRoot(t.actual(p).folder()) })
	if err != nil {
		return nil, refuse(err)
	}
	defer folder.Close()
	out := make([]Info, 0, len(names))
	for _, name := range names {
		if fi, err := folder.Lstat(name); err == nil {
			out = append(out, Info{name, fi})
		}
	}
	return out, nil
}

// Join returns the path of an entry of p. Its name is one of a path: see
// ParsePath.
func (p Path) Join(name string) Path { return Path(path.Join(string(p), name)) }
