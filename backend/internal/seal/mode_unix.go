//go:build unix

package seal

import (
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
