package sqlite

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	driver "modernc.org/sqlite"
	code "modernc.org/sqlite/lib"

	"latchkey/backend/identity"
	"latchkey/backend/store"
)

// Why Open refuses a database; match with errors.Is. What Open returns has
// the path in its sentence. A refused file is left byte for byte as it was.
var (
	// ErrMissing means that there is no file.
	ErrMissing = refusal("database_missing",
		"The database %s is missing. Restore it from a backup, or name another data folder.")
	// ErrPresent means that a first start found a file.
	ErrPresent = refusal("database_present",
		"There is a database at %s already. Start without asking for a new one.")
	// ErrOrphan means that a first start found the log of a database that is gone.
	ErrOrphan = refusal("database_log_left",
		"The database %s is missing, but its -wal file is there. Restore a backup, or move that file away to start afresh.")
	// ErrEmpty means that the file has no bytes.
	ErrEmpty = refusal("database_empty",
		"The database %s is empty. It was left alone: restore a backup, or move the file away to start afresh.")
	// ErrForeign means that the file is something else.
	ErrForeign = refusal("database_foreign",
		"The file %s is not a Latchkey database. It was left alone: restore a backup, or name another data folder.")
	// ErrDamaged means that the file was a database once.
	ErrDamaged = refusal("database_damaged",
		"The database %s is damaged. Nothing in it was changed: restore a backup.")
	// ErrNewer means that a newer program has written the file.
	ErrNewer = refusal("database_newer",
		"The database %s is from a newer version of Latchkey. It was left alone: update this program.")
	// ErrOlder means that the file needs a migration that Options do not allow.
	ErrOlder = refusal("database_older",
		"The database %s is from an older version of Latchkey. Start the server once to bring it up to date.")
	// ErrForbidden means that the file or its folder cannot be read and written.
	ErrForbidden = refusal("database_forbidden",
		"The database %s cannot be read and written. Check who owns the file and its folder, and their permissions.")
	// ErrFull means that the disk has no room.
	ErrFull = refusal("database_disk_full",
		"There is no space left for the database %s. Free some disk space and try again.")
)

var (
	errFailing = identity.NewError(identity.Unavailable, "storage_failing",
		"The server cannot reach its storage just now. Try again; its log has the details.")
	errClosed = errors.New("the store is closed")
)

func refusal(code, sentence string) *identity.Error {
	return identity.NewError(identity.Unavailable, code, sentence)
}

// refuse fills the path into a refusal's sentence.
func refuse(why *identity.Error, path string, cause error) error {
	e := why.Because(cause)
	e.Message = fmt.Sprintf(why.Message, path)
	return e
}

// refuseFor tells why the file at path cannot be made or opened.
func refuseFor(path string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return refuse(ErrFull, path, err)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return refuse(ErrForbidden, path, err)
	}
	c := codeOf(err)
	if c == code.SQLITE_IOERR_SHMSIZE { // the log's index cannot grow
		return refuse(ErrFull, path, err)
	}
	switch c & 0xff {
	case code.SQLITE_OK:
		return fmt.Errorf("open database %s: %w", path, err)
	case code.SQLITE_NOTADB:
		return refuse(ErrForeign, path, err)
	case code.SQLITE_CORRUPT:
		return refuse(ErrDamaged, path, err)
	case code.SQLITE_CANTOPEN, code.SQLITE_READONLY, code.SQLITE_PERM, code.SQLITE_AUTH:
		return refuse(ErrForbidden, path, err)
	case code.SQLITE_FULL:
		return refuse(ErrFull, path, err)
	}
	return wrap("open database", err)
}

// wrap turns what the driver says into what the contract says. Other errors,
// such as those of an updater, pass as they are.
func wrap(op string, err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return store.ErrNotFound
	}
	c := codeOf(err)
	switch c & 0xff {
	case code.SQLITE_OK:
		return err
	case code.SQLITE_FULL, code.SQLITE_IOERR, code.SQLITE_BUSY, code.SQLITE_READONLY, code.SQLITE_CANTOPEN:
		return errFailing.Because(fmt.Errorf("%s: %w (code %d)", op, err, c))
	}
	return fmt.Errorf("%s: %w (code %d)", op, err, c)
}

// codeOf returns SQLite's extended result code, or 0 if err has none.
func codeOf(err error) int {
	if e, ok := errors.AsType[*driver.Error](err); ok {
		return e.Code()
	}
	return code.SQLITE_OK
}

// taken turns a broken uniqueness into an ExistsError about field: a broken
// primary key is always about the id.
func taken(field string, err error) error {
	switch codeOf(err) {
	case code.SQLITE_CONSTRAINT_UNIQUE:
		return &store.ExistsError{Field: field}
	case code.SQLITE_CONSTRAINT_PRIMARYKEY, code.SQLITE_CONSTRAINT_ROWID:
		return &store.ExistsError{Field: "id"}
	}
	return err
}

// referring turns a broken reference into missing: ErrNotFound for a row that
// refers to nothing, ErrReferenced for one that others refer to.
func referring(missing, err error) error {
	if codeOf(err) == code.SQLITE_CONSTRAINT_FOREIGNKEY {
		return missing
	}
	return err
}
