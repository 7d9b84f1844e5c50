//go:build unix

package seal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// tighten takes all rights from everybody but the owner.
func tighten(name string, mode fs.FileMode) error {
	info, err := os.Stat(name)
	if err != nil || info.Mode().Perm()&^mode == 0 {
		return err
	}
	return os.Chmod(name, mode)
}

// syncFolder makes the names in a folder survive a crash.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	return errors.Join(f.Sync(), f.Close())
}
