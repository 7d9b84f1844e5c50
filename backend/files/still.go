package files

import (
	"io/fs"
	"os"
)

// Still returns nil if the file is still where it was opened, or nothing is
// protected, and the pass of its tree opens that place: by its path it is known
// what it needs, but it stays open when it gets another one. Errors: file_moved,
// and that of the pass.
func (f *File) Still() error { return f.tree.holds(f.at, f.f.Stat) }

// Still is File.Still for a folder.
func (d *Folder) Still() error { return d.tree.holds(d.at, d.f.Stat) }

func (t *Tree) holds(at Path, open func() (fs.FileInfo, error)) error {
	return t.store.steady(func() (bool, error) { return t.still(at, toSee, open) })
}

// Still is File.Still for what is on its way. It is its folder that must be where
// it was.
func (u *Upload) Still() error {
	return u.store.steady(u.still)
}

// still is Still for whose turn in changing names it is.
func (u *Upload) still() (bool, error) {
	return u.tree.still(u.at, toChange, func() (fs.FileInfo, error) { return u.folder.Stat(".") })
}

// still compares what is open with what its path leads to, or, for what is to be
// changed, its folder. It reports whether there was something to ask.
func (t *Tree) still(at Path, n need, open func() (fs.FileInfo, error)) (bool, error) {
	all, err := t.protected()
	if err != nil || len(all) == 0 && !t.part {
		return false, err
	}
	return true, t.compare(all, at, n, open)
}

func (t *Tree) compare(all []Protected, at Path, n need, open func() (fs.FileInfo, error)) error {
	l, err := t.store.lookout(t.pass, all)
	if err != nil {
		return err
	}
	e, err := l.find(at, n, n == toSee)
	if err != nil {
		return err
	}
	if err := l.check(e, n); err != nil {
		return err
	}
	there := e.fi
	if n != toSee {
		if there, err = l.lstat(e.at.Dir()); err != nil {
			return err
		}
	}
	is, err := open()
	if err != nil {
		return refuse(err)
	}
	if there == nil || !os.SameFile(is, there) {
		return errMoved
	}
	return nil
}
