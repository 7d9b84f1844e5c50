//go:build !linux && !darwin

package files

import "os"

func spaceOf(*os.File) (Space, error) { return Space{}, ErrUnsupported }
