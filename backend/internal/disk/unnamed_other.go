//go:build !linux

package disk

import (
	"errors"
	"io/fs"
)

// publishUnnamed is for Linux alone.
func publishUnnamed(string, fs.FileMode, []byte) error { return errors.ErrUnsupported }
