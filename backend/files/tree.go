package files

import (
	"errors"
	"io/fs"
	"os"
	"time"
)

// Stat describes a file or folder; of a link, what it leads to.
func (t *Tree) Stat(p Path) (Info, error) {
	fi, err := see(t, p, toSee, true, func() (fs.FileInfo, error) { return t.root.Stat(t.actual(p).rel()) })
	return Info{p.Name(), fi}, refuse(err)
}

// Lstat describes a file, folder or link.
func (t *Tree) Lstat(p Path) (Info, error) {
	fi, err := see(t, p, toSee, false, func() (fs.FileInfo, error) { return t.root.Lstat(t.actual(p).rel()) })
	return Info{p.Name(), fi}, refuse(err)
}

// Mkdir makes a folder that only the server's user may enter. Errors:
// file_exists, file_not_found if the folder above is missing, name_invalid,
// disk_full.
func (t *Tree) Mkdir(p Path) error {
	if err := errors.Join(checkNew(p), t.admits(p, toChange)); err != nil {
		return err
	}
	if err := t.hasRoom(p.Dir()); err != nil {
		return err
	}
	p = t.actual(p)
	t.store.names.Lock()
	defer t.store.names.Unlock()
	p = t.twin(p)
	if err := t.admits(p, toChange); err != nil {
		return err
	}
	if err := t.root.Mkdir(p.rel(), folderMode); err != nil {
		return refuse(err)
	}
	t.store.moves.notice(p.Below(t.base))
	return nil
}

// Remove removes a file or a link, whatever kind of file it is. Errors:
// file_not_found, is_a_folder.
func (t *Tree) Remove(p Path) error {
	return t.remove(p, func(fi fs.FileInfo) error {
		if fi.IsDir() {
			return errIsAFolder
		}
		return nil
	})
}

// Rmdir removes an empty folder. Errors: file_not_found, not_a_folder,
// folder_not_empty.
func (t *Tree) Rmdir(p Path) error {
	return t.remove(p, func(fi fs.FileInfo) error {
		if !fi.IsDir() {
			return errNotAFolder
		}
		return nil
	})
}

func (t *Tree) remove(p Path, check func(fs.FileInfo) error) error {
	if p.IsTop() {
		return errTopFolder
	}
	return t.inTurn(p, toTake, func(p Path) error {
		return refuse(t.bury(p, func() error { return t.removeNow(p, check) }))
	})
}

func (t *Tree) removeNow(p Path, check func(fs.FileInfo) error) error {
	return t.store.meter.change(p.Below(t.base), func() (int64, error) {
		fi, err := t.root.Lstat(p.rel())
		if err != nil {
			return 0, err
		}
		if err := check(fi); err != nil {
			return 0, err
		}
		return -lengthOf(fi), t.root.Remove(p.rel())
	})
}

// Chmod changes whether a file may be executed. Nothing else of mode counts: a
// folder that the server could not read would hide what is in it from a storage
// limit, group and others get nothing, and setuid, setgid and sticky bits are
// never set, because what lies here is for the server's user alone.
func (t *Tree) Chmod(p Path, mode fs.FileMode) error {
	if p.IsTop() {
		return errTopFolder
	}
	// In turn, or a folder could take the place of a file.
	return t.inTurn(p, toSee, func(p Path) error {
		fi, err := t.root.Stat(p.rel())
		if err != nil {
			return refuse(err)
		}
		if fi.IsDir() {
			return refuse(t.root.Chmod(p.rel(), folderMode))
		}
		return refuse(t.root.Chmod(p.rel(), modeOf(mode)))
	})
}

// Chtimes changes when a file or folder was last read and changed.
func (t *Tree) Chtimes(p Path, accessed, changed time.Time) error {
	return t.inTurn(p, toSee, func(p Path) error { return refuse(t.root.Chtimes(p.rel(), accessed, changed)) })
}

// Truncate changes the length of a file in place. Errors: is_a_folder,
// not_a_file, file_too_large, disk_full.
func (t *Tree) Truncate(p Path, size int64) error {
	f, err := t.OpenExisting(p)
	if err != nil {
		return err
	}
	if err := f.Truncate(size); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

// lengthOf is what something counts for by itself.
func lengthOf(fi fs.FileInfo) int64 {
	if !fi.Mode().IsRegular() {
		return 0
	}
	return fi.Size()
}

// givesWay is lengthOf for what has the name that a file is about to get, which
// may be nothing, or the file itself under another case.
func givesWay(root *os.Root, name string, fi fs.FileInfo) (int64, error) {
	there, err := root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0, nil
	case err != nil:
		return 0, err
	case os.SameFile(there, fi):
		return 0, nil
	}
	return lengthOf(there), nil
}

// modeOf returns the mode of a file for which a client asked for another.
func modeOf(mode fs.FileMode) fs.FileMode { return mode&0o700 | fileMode }
