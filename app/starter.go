package app

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"latchkey/backend/companion"
)

// A starter has the program started with the computer, or no more.
type starter interface {
	on() (bool, error)
	set(on bool) error
}

// A starterFile is a starter on a system that reads a file for it.
type starterFile struct{ path, content string }

func (f starterFile) on() (bool, error) {
	_, err := os.Stat(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

func (f starterFile) set(on bool) error {
	if !on {
		if err := os.Remove(f.path); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return err
	}
	return companion.ReplaceFile(f.path, []byte(f.content))
}

// startArgs are what the program is started with: in the background, on the
// same data folder and settings.
func startArgs(settings map[string]string) []string {
	args := []string{"--hidden"}
	for _, name := range []string{"data", "config"} {
		if value := settings[name]; value != "" {
			args = append(args, "--"+name, value)
		}
	}
	return args
}
