package server

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gofrs/flock"

	"latchkey/backend/config"
	"latchkey/backend/identity"
	"latchkey/backend/internal/disk"
)

// The data folder.
const (
	lockFile = "latchkey.lock"
	// firstStartMark exists while the first start is under way. A first start
	// that was cut short is begun again; nothing else ever is.
	firstStartMark = "first-start"
)

// The refusals about the data folder.
var (
	ErrNoData = identity.NewError(identity.NotFound, "no_data",
		"There is no Latchkey data in that folder yet. Start the server once: latchkey serve")
	ErrRunning = identity.NewError(identity.Conflict, "already_running",
		"Another Latchkey server is using that data folder. Stop it first, or choose another folder with --data.")
	ErrBegun = identity.NewError(identity.Conflict, "already_begun",
		"That data folder has a Latchkey server with its own administrator already. Sign in there, or choose another folder.")
	errDatabaseGone = identity.NewError(identity.Unavailable, "database_missing",
		"The secrets of a Latchkey server are there but its database, latchkey.db, is not. Put it back from a backup. To begin anew, move the data folder away.")
	errMasterKeyWrong = identity.NewError(identity.Unavailable, "master_key_wrong",
		"The master key, secrets/master.key, belongs to another database. Put the right one back from a backup.")
	errSecretsGone = identity.NewError(identity.Unavailable, "secrets_missing",
		"The database is there but its secrets folder is not. Put it back from a backup: without it second factors cannot be read.")
)

// A folder is the data folder.
type folder string

func (f folder) database() string { return filepath.Join(string(f), config.Database) }
func (f folder) secrets() string  { return filepath.Join(string(f), config.Secrets) }
func (f folder) mark() string     { return filepath.Join(string(f), firstStartMark) }

// make makes the folder, for its owner alone. The mode of one that has other
// things in it is left as it is, because others may need those; what is
// Latchkey's own in it is closed to them anyway.
func (f folder) make() error {
	if err := os.MkdirAll(string(f), 0o700); err != nil {
		return cannotWrite(err)
	}
	entries, err := os.ReadDir(string(f))
	if err != nil || slices.ContainsFunc(entries, foreign) {
		return cannotWrite(err)
	}
	return cannotWrite(os.Chmod(string(f), 0o700)) //nolint:gosec // a folder needs the x bit
}

// foreign reports whether something in the folder is not Latchkey's.
func foreign(e os.DirEntry) bool {
	switch e.Name() {
	case config.Secrets, config.Files, firstStartMark, "lost+found":
		return false
	}
	return !strings.HasPrefix(e.Name(), "latchkey.") && !strings.HasPrefix(e.Name(), "vault.db")
}

// lock keeps other servers out until unlock is called or the process ends.
func (f folder) lock() (unlock func() error, err error) {
	l := flock.New(filepath.Join(string(f), lockFile), flock.SetPermissions(0o600))
	ok, err := l.TryLock()
	switch {
	case err != nil:
		return nil, cannotWrite(err)
	case !ok:
		return nil, ErrRunning
	}
	return l.Unlock, nil
}

// isNew reports whether nothing has been started in the folder yet.
func (f folder) isNew() (bool, error) {
	marked, err := exists(f.mark())
	if err != nil || marked {
		return marked, err
	}
	database, err := exists(f.database())
	if err != nil || database {
		return false, err
	}
	secrets, err := exists(f.secrets())
	return !secrets, err
}

// begin says whether this is the first start, and removes what an earlier one
// that was cut short left behind. What is there but incomplete is an error: it
// is never taken for a first start.
func (f folder) begin() (first bool, err error) {
	first, err = f.isNew()
	if err != nil {
		return false, err
	}
	if first {
		return true, f.clearFirstStart()
	}
	return false, f.complete()
}

// complete returns an error if the database or the secrets are missing.
func (f folder) complete() error {
	for name, missing := range map[string]error{f.database(): errDatabaseGone, f.secrets(): errSecretsGone} {
		there, err := exists(name)
		if err != nil {
			return err
		}
		if !there {
			return missing
		}
	}
	return nil
}

func (f folder) clearFirstStart() error {
	if err := os.WriteFile(f.mark(), nil, 0o600); err != nil {
		return cannotWrite(err)
	}
	for _, name := range []string{f.database(), f.database() + "-wal", f.database() + "-shm", f.secrets()} {
		if err := os.RemoveAll(name); err != nil {
			return cannotWrite(err)
		}
	}
	return nil
}

// endFirstStart removes the mark for good: one that a power cut brought back
// would have the next start begin again.
func (f folder) endFirstStart() error {
	if err := os.Remove(f.mark()); err != nil {
		return cannotWrite(err)
	}
	return cannotWrite(disk.SyncFolder(string(f)))
}

func exists(name string) (bool, error) {
	_, err := os.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, cannotWrite(err)
	}
	return true, nil
}

// cannotWrite says in words that the data folder does not work.
func cannotWrite(err error) error {
	if err == nil {
		return nil
	}
	return identity.NewError(identity.Unavailable, "data_folder_failing",
		"The data folder cannot be used. Check that it is there, that it is yours, and that the disk is not full or read-only.").Because(err)
}
