package files

import (
	"errors"
	"io/fs"
	"os"
	"runtime"
	"syscall"
)

// Close syncs what was written and gives it the name, in place of the file
// that has it. When it returns nil the content is there for good; otherwise
// what had the name before has it still. Errors: is_a_folder, not_a_file,
// disk_full, quota_exceeded, and file_exists where the file was to be new.
func (u *Upload) Close() error {
	return u.end(func() error { return u.publish(!u.unique) })
}

// Keep ends an upload whose sender was lost. If nothing had the name at Create
// and nothing has it now, what has arrived is published, so that the sender
// can resume it; otherwise, or if nothing has arrived, it is dropped.
func (u *Upload) Keep() error {
	return u.end(func() error {
		fi, err := u.f.Stat()
		if err != nil || fi.Size() == 0 || !u.fresh {
			return err
		}
		return u.publish(false)
	})
}

// Abort drops what was written.
func (u *Upload) Abort() error {
	return u.end(func() error { return nil })
}

// end runs the last step of an upload, once, and leaves nothing behind.
func (u *Upload) end(last func() error) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.ended {
		return errClosed
	}
	u.ended = true
	err := last()
	u.cleanUp()
	return refuse(err)
}

// publish closes the file before it is renamed, as Windows wants it.
func (u *Upload) publish(replace bool) error {
	if err := errors.Join(u.f.Sync(), u.f.Close()); err != nil {
		return err
	}
	if err := u.rename(replace); err != nil || !u.published {
		return err
	}
	return syncFolder(u.folder)
}

func (u *Upload) rename(replace bool) error {
	u.store.names.Lock()
	defer u.store.names.Unlock()
	if _, err := u.still(); err != nil {
		return err
	}
	there, err := u.folder.Lstat(u.name)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && u.claimed(there):
	case err != nil:
		return err
	case u.unique:
		return ErrExists
	case !replace:
		return nil
	default:
		if err := regular(there); err != nil {
			return err
		}
	}
	return u.take()
}

// take gives the file its name.
func (u *Upload) take() error {
	m := u.store.meter
	m.mu.Lock()
	defer m.mu.Unlock()
	delta, err := u.adds()
	if err != nil {
		return err
	}
	if err := u.room.settle(delta); err != nil {
		return err
	}
	err = u.folder.Rename(u.temp(), u.name)
	switch u.published = err == nil; {
	case err != nil:
	case u.moved():
		m.doubtAbove(u.at)
	default:
		m.add(u.at, delta)
	}
	return err
}

// adds returns by how many bytes the files of the folder are about to become
// longer. The meter is locked, so nobody changes a length meanwhile.
func (u *Upload) adds() (int64, error) {
	fi, err := u.folder.Lstat(u.temp())
	if err != nil {
		return 0, err
	}
	gone, err := givesWay(u.folder, u.name, fi)
	return fi.Size() - gone, err
}

// moved reports whether the folder is not any more where the upload began.
func (u *Upload) moved() bool {
	if len(u.store.meter.known) == 0 {
		return false // nobody wants to know
	}
	is, err := u.folder.Stat(".")
	there, err2 := u.store.root.Stat(u.at.Dir().rel())
	return errors.Join(err, err2) != nil || !os.SameFile(is, there)
}

// claimed reports whether a file is the empty one that holds the name.
func (u *Upload) claimed(there fs.FileInfo) bool {
	return u.claim != nil && os.SameFile(u.claim, there) && there.Size() == 0
}

// cleanUp takes away what an upload has made and not published.
func (u *Upload) cleanUp() {
	if u.f != nil {
		_ = u.f.Close() // publish has told of an error
	}
	if !u.published {
		_ = u.folder.Remove(u.temp())
		u.unclaim()
	}
	u.store.dropNote(u.id)
	u.room.release()
	u.store.handles.give(perUpload)
	_ = u.folder.Close()
}

func (u *Upload) unclaim() {
	if u.claim == nil {
		return
	}
	u.store.names.Lock()
	defer u.store.names.Unlock()
	if there, err := u.folder.Lstat(u.name); err == nil && u.claimed(there) {
		_ = u.folder.Remove(u.name)
	}
}

// syncFolder makes a new name last through a power cut, where the file system
// lets itself be asked. Windows does so unasked.
func syncFolder(folder *os.Root) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := folder.Open(".")
	if err != nil {
		return err
	}
	err = f.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		err = nil // network and FUSE file systems know it for files only
	}
	return errors.Join(err, f.Close())
}
