package seal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"latchkey/backend/identity"
	"latchkey/backend/internal/disk"
	"latchkey/backend/internal/env"
)

const (
	keyName = "master.key"
	keyLen  = 32
)

// The refusals of Open.
var (
	ErrMissing = identity.NewError(identity.Unavailable, "master_key_missing",
		"The master key, secrets/master.key, is missing. Put it back from a backup: without it second factors cannot be read.")
	ErrDamaged = identity.NewError(identity.Unavailable, "master_key_damaged",
		"The master key, secrets/master.key, is damaged. Put it back from a backup: without it second factors cannot be read.")
	ErrUnusable = identity.NewError(identity.Unavailable, "master_key_unusable",
		"The secrets folder cannot be used. Check that it is yours and that the disk is not full or read-only.")
)

// Open reads the master key from dir, and if create is set first makes folder
// and key unless they are there. Folder and file are for their owner alone;
// looser modes, as a restore may leave them, are tightened. Returns
// ErrMissing, ErrDamaged or ErrUnusable.
func Open(dir string, e env.Env, create bool) (*Box, error) {
	file := filepath.Join(dir, keyName)
	if create {
		if err := makeKey(dir, file, e); err != nil {
			return nil, ErrUnusable.Because(err)
		}
	}
	master, err := readKey(file)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(tighten(dir, 0o700), tighten(file, 0o600)); err != nil {
		return nil, ErrUnusable.Because(err)
	}
	return newBox(master, e)
}

// readKey refuses what cannot be a key before it reads anything.
func readKey(file string) ([]byte, error) {
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, ErrMissing
	case err != nil:
		return nil, ErrUnusable.Because(err)
	case !info.Mode().IsRegular() || info.Size() != keyLen:
		return nil, ErrDamaged
	}
	master, err := os.ReadFile(file)
	switch {
	case err != nil:
		return nil, ErrUnusable.Because(err)
	case len(master) != keyLen || [keyLen]byte(master) == [keyLen]byte{}: // zeros are what a crash leaves of a file
		return nil, ErrDamaged
	}
	return master, nil
}

// makeKey writes a new key, unless there is one: whole, on the disk, and under
// its name only then.
func makeKey(dir, file string, e env.Env) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make secrets folder: %w", err)
	}
	if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := disk.Replace(file, 0o600, e.Bytes(keyLen)); err != nil {
		return fmt.Errorf("write master key: %w", err)
	}
	return disk.SyncFolder(filepath.Dir(dir))
}
