//go:build !linux && !darwin

package files

import (
	"io/fs"
	"os"
)

func spaceOf(*os.File) (Space, error) { return Space{}, ErrUnsupported }

func allocated(fi fs.FileInfo) int64 { return fi.Size() }
