package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// smallFile is up to which size Open checks every page, at about a
// millisecond per MiB. Larger databases are checked by Check only, so that
// starting does not take longer the more they hold.
const smallFile = 8 << 20

// inspect refuses what cannot or must not be opened, without changing a byte.
// It returns the number of the schema.
func inspect(ctx context.Context, path string, newest int) (int, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0, refuse(ErrMissing, path, err)
	case err != nil:
		return 0, refuse(ErrForbidden, path, err)
	case !info.Mode().IsRegular():
		return 0, refuse(ErrForeign, path, fmt.Errorf("it is %s", info.Mode().Type()))
	case info.Size() == 0:
		return 0, refuse(ErrEmpty, path, nil)
	}
	db, err := openDB(path, inspection(path))
	if err != nil {
		return 0, err
	}
	defer func() { _ = db.Close() }() // nothing was written
	c := &conn{db: db}
	if err := c.open(ctx); err != nil {
		return 0, refuseFor(path, err)
	}
	defer c.close()
	return examine(&tx{ctx: ctx, c: c}, path, newest, info.Size() <= smallFile)
}

// inspection chooses how to look at the file. A log beside it holds its newest
// pages and must be read with it. Without a log nobody has it open, and SQLite
// is told so: otherwise it would make one.
func inspection(path string) string {
	for _, end := range []string{"-wal", "-shm"} {
		if _, err := os.Lstat(path + end); err == nil {
			return "mode=ro&_busy_timeout=5000"
		}
	}
	return "mode=ro&immutable=1"
}

// examine looks at the marks in the header, then at the pages.
func examine(t *tx, path string, newest int, pages bool) (version int, err error) {
	var mark int
	if err := t.row("PRAGMA application_id").Scan(&mark); err != nil {
		return 0, refuseFor(path, err)
	}
	if mark != applicationID {
		return 0, refuse(ErrForeign, path, fmt.Errorf("application id %#x", mark))
	}
	if err := t.row("PRAGMA user_version").Scan(&version); err != nil {
		return 0, refuseFor(path, err)
	}
	if version > newest {
		return 0, refuse(ErrNewer, path, fmt.Errorf("schema %d, newest known %d", version, newest))
	}
	if !pages {
		return version, nil
	}
	var verdict string
	if err := t.row("PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return 0, refuseFor(path, err)
	}
	if verdict != "ok" {
		return 0, refuse(ErrDamaged, path, errors.New(verdict))
	}
	return version, nil
}
