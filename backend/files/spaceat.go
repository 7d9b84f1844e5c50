package files

import (
	"errors"
	"os"
)

// SpaceAt tells the room on the disk that a folder of this machine is on.
// Returns unsupported where the system does not say.
func SpaceAt(dir string) (Space, error) {
	f, err := os.Open(dir)
	if err != nil {
		return Space{}, refuse(err)
	}
	space, err := spaceOf(f)
	return space, refuse(errors.Join(err, f.Close()))
}
