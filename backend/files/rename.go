package files

import (
	"errors"
	"io/fs"
	"os"
	"strings"
)

// Rename gives a file or folder another path that is free. Errors: file_exists,
// also for its own path, file_not_found, other_disk, folder_into_itself,
// name_invalid; of a folder path_too_deep and folder_changed.
func (t *Tree) Rename(from, to Path) error { return t.rename(from, to, false) }

// Replace is Rename that takes the place of a file that is in the way. A folder
// is never replaced, nor a file by a folder. Its own path changes nothing.
func (t *Tree) Replace(from, to Path) error { return t.rename(from, to, true) }

func (t *Tree) rename(from, to Path, replace bool) error {
	if from.IsTop() || to.IsTop() {
		return errTopFolder
	}
	if err := checkNew(to); err != nil {
		return err
	}
	if err := errors.Join(t.admits(from, toTake), t.admits(to, toChange)); err != nil {
		return err
	}
	given := to.Name()
	from, to = t.actual(from), t.actual(to)
	leaving := t.store.moves.begin(from.Below(t.base))
	defer t.store.moves.end(leaving)
	if err := t.deeper(from, to); err != nil {
		return err
	}
	t.store.names.Lock()
	defer t.store.names.Unlock()
	to = t.twin(to)
	if from == to && given != to.Name() {
		to = Path(given).Below(to.Dir()) // only how the name is encoded changes
	}
	if err := errors.Join(t.admits(from, toTake), t.admits(to, toChange)); err != nil {
		return err
	}
	old, err := t.root.Lstat(from.rel())
	if err != nil {
		return refuse(err)
	}
	if from == to && replace {
		return nil
	}
	if err := t.checkTarget(old, from, to, replace); err != nil {
		return err
	}
	if old.IsDir() && t.store.moves.changed(leaving) {
		return errChanged
	}
	return t.move(from, to)
}

// move gives something another path, where a file may give way.
func (t *Tree) move(from, to Path) error {
	return t.carry(from, to, func() error { return t.moveNow(from, to) })
}

func (t *Tree) moveNow(from, to Path) error {
	m := t.store.meter
	m.mu.Lock()
	defer m.mu.Unlock()
	fi, err := t.root.Lstat(from.rel())
	if err != nil {
		return refuse(err)
	}
	gone, err := givesWay(t.root, to.rel(), fi)
	if err == nil {
		err = t.root.Rename(from.rel(), to.rel())
	}
	if err != nil {
		return refuse(err)
	}
	if at, to := from.Below(t.base), to.Below(t.base); fi.IsDir() {
		m.moved(at, to)
		t.store.moves.notice(at)
		t.store.moves.notice(to)
	} else {
		m.add(at, -lengthOf(fi))
		m.add(to, lengthOf(fi)-gone)
	}
	return nil
}

// checkTarget decides whether what is at to, if anything, may give way.
func (t *Tree) checkTarget(old fs.FileInfo, from, to Path, replace bool) error {
	there, err := t.root.Lstat(to.rel())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if strings.HasPrefix(string(to), string(from)+"/") {
			return errIntoItself
		}
		return nil
	case err != nil:
		return refuse(err)
	case from != to && strings.EqualFold(string(from), string(to)) && os.SameFile(old, there):
		return nil // only the case changes, on a file system that ignores it
	case !replace || there.IsDir() || old.IsDir():
		return ErrExists
	}
	return nil
}
