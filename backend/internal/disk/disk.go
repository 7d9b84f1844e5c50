package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Create writes a new file of exactly that mode, whatever the umask, and syncs
// it. Anything that has the name already stays, and is an fs.ErrExist; a file
// that could not be written whole is removed again.
func Create(name string, mode fs.FileMode, content []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	if err := fill(f, mode, content); err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return nil
}

// fill completes a new file and closes it.
func fill(f *os.File, mode fs.FileMode, content []byte) error {
	return errors.Join(write(f, mode, content), f.Close())
}

// write puts the content on the disk.
func write(f *os.File, mode fs.FileMode, content []byte) error {
	if _, err := f.Write(content); err != nil {
		return err
	}
	if err := f.Chmod(mode); err != nil {
		return err
	}
	return f.Sync()
}

// Publish is Create for a folder that others look into: the content appears
// under the name complete or not at all. Linux leaves nothing behind if the
// program is killed meanwhile; elsewhere a hidden file may stay, with the mode
// 0600. Where the file system has no hard links, as on many USB sticks, the
// content is written under its name directly.
func Publish(name string, mode fs.FileMode, content []byte) error {
	err := publishUnnamed(name, mode, content)
	if errors.Is(err, errors.ErrUnsupported) {
		err = publishHidden(name, mode, content)
	}
	if err != nil {
		return err
	}
	if err := SyncFolder(filepath.Dir(name)); err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return nil
}

// publishHidden completes a hidden file beside the name first.
func publishHidden(name string, mode fs.FileMode, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*") // made 0600
	if err != nil {
		return err
	}
	err = fill(f, mode, content)
	if err == nil {
		err = link(f.Name(), name, mode, content)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	if err := os.Remove(f.Name()); err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return nil
}

// link gives a complete file its name. A hard link fails where the name is
// taken; a rename would not.
func link(temp, name string, mode fs.FileMode, content []byte) error {
	err := os.Link(temp, name)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return Create(name, mode, content)
	}
	return err
}

// Replace puts new content in the place of a file: until it is complete and on
// the disk the old file stays. It uses the name with .new behind it, so callers
// take turns.
func Replace(name string, mode fs.FileMode, content []byte) error {
	fresh := name + ".new"
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove what a crash has left: %w", err)
	}
	if err := Create(fresh, mode, content); err != nil {
		return err
	}
	if err := os.Rename(fresh, name); err != nil {
		return errors.Join(err, os.Remove(fresh))
	}
	return SyncFolder(filepath.Dir(name))
}

// Exchange puts new content in the place of a file after check has looked at
// it: until then the old file stays. What check gets is the path of a hidden
// file beside it that is complete and on the disk. Its error is returned as it
// is, and the old file stays. A nil check is content with anything. Unlike
// Replace it touches nothing else in the folder, so it is for those of people.
func Exchange(name string, mode fs.FileMode, content []byte, check func(at string) error) error {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*") // made 0600
	if err != nil {
		return err
	}
	fresh := f.Name()
	err = fill(f, mode, content)
	if err == nil && check != nil {
		err = check(fresh)
	}
	if err == nil {
		err = os.Rename(fresh, name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(fresh))
	}
	return SyncFolder(filepath.Dir(name))
}
