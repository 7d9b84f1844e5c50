package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// applicationID marks the file as Latchkey's: "LKEY" at offset 68 of its header.
const applicationID = 0x4C4B4559

// create makes an empty database at path: a draft beside it, complete and
// synced, that is renamed. A first start that is killed leaves no database
// rather than an empty one.
func create(ctx context.Context, path string, steps []step) error {
	if err := vacant(path); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return refuseFor(path, err)
	}
	draft := path + ".new"
	if err := makeDraft(ctx, draft, steps); err != nil {
		removeDraft(draft)
		return refuseFor(path, err)
	}
	return refuseFor(path, publish(draft, path))
}

// vacant makes sure that there is no database at path, nor the log of one:
// SQLite would play such a log into the new database.
func vacant(path string) error {
	for _, name := range []struct {
		path string
		why  error
	}{
		{path, refuse(ErrPresent, path, nil)},
		{path + "-wal", refuse(ErrOrphan, path, nil)},
	} {
		switch _, err := os.Lstat(name.path); {
		case err == nil:
			return name.why
		case !errors.Is(err, fs.ErrNotExist):
			return refuse(ErrForbidden, path, err)
		}
	}
	return nil
}

// makeDraft builds the database. The file is ours alone from its first byte,
// whatever the umask, and SQLite gives its other files the same mode.
func makeDraft(ctx context.Context, draft string, steps []step) error {
	removeDraft(draft) // of a first start that was killed
	f, err := os.OpenFile(draft, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := fillDraft(ctx, draft, steps); err != nil {
		return err
	}
	return syncFile(draft)
}

func fillDraft(ctx context.Context, draft string, steps []step) (err error) {
	db, err := openDB(draft, "mode=rw&_synchronous=OFF&_journal_mode=MEMORY&_foreign_keys=1")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	c := &conn{db: db, setup: fmt.Sprintf("PRAGMA application_id = %d", applicationID)}
	if err := c.open(ctx); err != nil {
		return err
	}
	defer c.close()
	if err := migrate(ctx, c, steps); err != nil {
		return err
	}
	_, err = c.raw.ExecContext(ctx, "PRAGMA journal_mode = WAL")
	return err
}

func removeDraft(draft string) {
	for _, end := range []string{"", "-wal", "-shm", "-journal"} {
		_ = os.Remove(draft + end) // what remains makes O_EXCL fail
	}
}

// publish gives the draft its name, for good.
func publish(draft, path string) error {
	if err := os.Rename(draft, path); err != nil {
		return err
	}
	if runtime.GOOS == "windows" {
		return nil // folders cannot be synced there, and renames are journaled
	}
	return syncFile(filepath.Dir(path))
}

func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
