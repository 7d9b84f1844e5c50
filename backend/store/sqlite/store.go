package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"latchkey/backend/store"
)

// readers is how many lookups and lists run at a time.
const readers = 4

// Options say what may become of the file.
type Options struct {
	Create  bool // there is no file yet, and one is to be made; otherwise there must be one
	Migrate bool // an older schema is brought up to date; otherwise it is refused
}

// A Store is an open database.
type Store struct {
	path     string
	db       *sql.DB
	writer   *pool
	readers  *pool
	groups   chan *group   // offered to writes that wait
	revision atomic.Uint64 // as last seen in the database
	faults   atomic.Uint64 // times that it could not be seen
	unwatch  context.CancelFunc
	watching sync.WaitGroup
	closing  sync.Once
}

var _ store.Store = (*Store)(nil)

// Open opens the database at path. It returns one of the refusals of this
// package, or an error of the disk. ctx bounds the opening only.
//
// A database of up to 8 MiB is searched for damaged pages; a larger one only
// when Check is called.
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	steps, err := schema(released)
	if err != nil {
		return nil, err
	}
	return open(ctx, path, o, steps)
}

func open(ctx context.Context, path string, o Options, steps []step) (*Store, error) {
	if o.Create {
		if err := create(ctx, path, steps); err != nil {
			return nil, err
		}
		return connect(ctx, path, steps)
	}
	path = resolve(path)
	version, err := inspect(ctx, path, latest(steps))
	if err != nil {
		return nil, err
	}
	if version < latest(steps) && !o.Migrate {
		return nil, refuse(ErrOlder, path, fmt.Errorf("schema %d, newest %d", version, latest(steps)))
	}
	return connect(ctx, path, steps)
}

// resolve follows a link to the file, as SQLite does: its log is there, not
// beside the link.
func resolve(path string) string {
	info, err := os.Lstat(path)
	if err != nil || info.Mode()&fs.ModeSymlink == 0 {
		return path
	}
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return path // to nowhere, as will be found
	}
	return target
}

// connect opens a database that was found to be good.
func connect(ctx context.Context, path string, steps []step) (*Store, error) {
	if err := tighten(path); err != nil {
		return nil, refuse(ErrForbidden, path, err)
	}
	db, err := openDB(path, "mode=rw&_busy_timeout=5000&_foreign_keys=1&_synchronous=FULL"+
		"&_pragma=temp_store(MEMORY)")
	if err != nil {
		return nil, err
	}
	db.SetMaxIdleConns(0) // a connection that is given up is closed
	s := &Store{
		path: path, db: db,
		writer:  newPool(db, 1, "PRAGMA journal_size_limit = 16777216"),
		readers: newPool(db, readers, "PRAGMA query_only = 1"),
		groups:  make(chan *group),
	}
	if err := s.start(ctx, steps); err != nil {
		return nil, errors.Join(refuseFor(path, err), s.Close())
	}
	return s, nil
}

// start makes sure that the file can be written, migrates, and begins to watch.
func (s *Store) start(ctx context.Context, steps []step) error {
	err := s.writer.with(ctx, func(c *conn) error {
		if err := c.raw.Raw(writable); err != nil {
			return err
		}
		if err := logged(&tx{ctx: ctx, c: c}); err != nil {
			return err
		}
		return migrate(ctx, c, steps)
	})
	if err != nil {
		return err
	}
	return s.watch(ctx)
}

// writable asks the driver whether SQLite, which says nothing, has opened the
// file for reading only.
func writable(driverConn any) error {
	c, ok := driverConn.(interface {
		IsReadOnly(schema string) (bool, error)
	})
	if !ok {
		return fmt.Errorf("driver: %T", driverConn)
	}
	readOnly, err := c.IsReadOnly("main")
	if err == nil && readOnly {
		return fs.ErrPermission
	}
	return err
}

// logged makes sure of the write-ahead log, which file systems without shared
// memory cannot have.
func logged(t *tx) error {
	var mode string
	if err := t.row("PRAGMA journal_mode = WAL").Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("the file system cannot hold a write-ahead log: journal mode is %s", mode)
	}
	return nil
}

// tighten makes the files private if a restore or a copy has loosened them.
func tighten(path string) error {
	for _, end := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(path + end)
		if err != nil || info.Mode().Perm()&0o077 == 0 {
			continue
		}
		if err := os.Chmod(path+end, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// Close finishes what is under way and closes the file. Later calls of other
// methods fail.
func (s *Store) Close() error {
	var err error
	s.closing.Do(func() {
		if s.unwatch != nil {
			s.unwatch()
		}
		s.watching.Wait()
		s.readers.close()
		s.writer.close() // last: it empties the log into the file
		err = s.db.Close()
	})
	return err
}
