package files

import (
	"errors"
	"io/fs"
	"os"
	"sync"
	"time"
)

// An Upload is a file that is being written and that nobody sees until Close.
// ReadAt, WriteAt and the changes of attributes may be called from many
// goroutines; after Close, Keep or Abort all fail with file_closed.
type Upload struct {
	content
	folder *os.Root // stays the target's folder when that is moved
	name   string
	id     string
	at     Path        // where it will be, below the files folder
	claim  fs.FileInfo // the empty file that holds the name for an exclusive upload
	fresh  bool        // nothing had the name when the upload began
	unique bool        // nothing may have it when the upload ends

	mu        sync.Mutex
	ended     bool
	published bool
}

// Creation says how to make a file.
type Creation struct {
	// Mode is for a new file, as Tree.Chmod takes it. A file that is replaced
	// hands its mode on.
	Mode fs.FileMode
	// Exclusive takes the name at once, by an empty file, and refuses one that
	// is taken.
	Exclusive bool
	// New refuses a name that is taken, now and at Close, but does not hold it.
	New bool
	// Size is how many bytes will come, if that is known: what has no room for
	// them is refused before they do.
	Size int64
}

// Create begins a file, new or in place of an earlier one. Errors:
// file_not_found if the folder is missing, file_exists for an exclusive or new
// one, is_a_folder, not_a_file, name_invalid, disk_full, quota_exceeded,
// too_many_files.
func (t *Tree) Create(p Path, c Creation) (*Upload, error) {
	if err := checkNew(p); err != nil {
		return nil, err
	}
	if err := t.store.handles.take(perUpload); err != nil {
		return nil, err
	}
	folder, err := see(t, p, toChange, false, func() (*os.Root, error) {
		p = t.actual(p)
		return t.root.OpenRoot(p.Dir().folder())
	})
	if err != nil {
		t.store.handles.give(perUpload)
		return nil, refuse(err)
	}
	u := &Upload{
		content: content{store: t.store, tree: t, room: t.allowance()}, folder: folder, name: p.Name(), id: t.store.env.ID(),
		at: p.Below(t.base), unique: c.New,
	}
	if err := u.begin(c); err != nil {
		u.cleanUp()
		return nil, refuse(err)
	}
	return u, nil
}

func (u *Upload) begin(c Creation) error {
	mode, err := u.look(c)
	if err != nil {
		return err
	}
	if err := u.room.reach(c.Size); err != nil {
		return err
	}
	if c.Exclusive {
		if err := u.claimName(); err != nil {
			return err
		}
	}
	if err := u.store.note(u.id, Path(u.temp()).Below(u.at.Dir())); err != nil {
		return err
	}
	u.f, err = u.folder.OpenFile(u.temp(), os.O_RDWR|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return err
	}
	_ = u.f.Chmod(mode) // a disk without modes, such as a USB stick, refuses
	return u.ask(max(c.Size, 1))
}

// look finds what has the name now, and which mode the new file gets.
func (u *Upload) look(c Creation) (fs.FileMode, error) {
	there, err := u.folder.Lstat(u.name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		u.fresh = true
		return modeOf(c.Mode), nil
	case err != nil:
		return 0, err
	case c.Exclusive || c.New:
		return 0, ErrExists
	}
	u.room.credit = there.Size()
	return there.Mode().Perm(), regular(there)
}

func (u *Upload) claimName() error {
	u.store.names.Lock()
	defer u.store.names.Unlock()
	if _, err := u.still(); err != nil {
		return err
	}
	f, err := u.folder.OpenFile(u.name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return err
	}
	u.claim, err = f.Stat()
	return errors.Join(err, f.Close())
}

func (u *Upload) temp() string { return tempStart + u.id }

// Stat describes what has arrived, under the name that it will have.
func (u *Upload) Stat() (Info, error) { return u.stat(u.name) }

// Chmod is Tree.Chmod for the coming file.
func (u *Upload) Chmod(mode fs.FileMode) error { return refuse(u.f.Chmod(modeOf(mode))) }

// Chtimes is Tree.Chtimes for the coming file. Later writes change it again.
func (u *Upload) Chtimes(accessed, changed time.Time) error {
	return refuse(u.folder.Chtimes(u.temp(), accessed, changed))
}

// WriteAt writes like io.WriterAt. Errors: disk_full, quota_exceeded, and
// file_too_large for a place that the disk has no room for.
func (u *Upload) WriteAt(b []byte, off int64) (int, error) {
	if err := inRange(b, off); err != nil {
		return 0, err
	}
	if end := off + int64(len(b)); end > u.high.Load() {
		if err := u.room.reach(end); err != nil {
			return 0, err
		}
	}
	return u.writeAt(b, off)
}

// Truncate changes the length. Errors as WriteAt.
func (u *Upload) Truncate(size int64) error {
	if size < 0 {
		return errTooLarge
	}
	if err := u.room.reach(size); err != nil {
		return err
	}
	return u.truncate(size)
}
