package servers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"latchkey/backend/identity"
	"latchkey/backend/internal/disk"
	"latchkey/backend/internal/env"
)

// A File is a Store in one file, for its owner alone. Several programs may use
// it at once.
type File struct {
	path string
	env  env.Env
}

// NewFile returns the store in the file at a path, which need not be there.
func NewFile(path string, e env.Env) File { return File{path, e} }

const (
	fileMode = 0o600
	dirMode  = 0o700

	maxFile     = 1 << 20 // bytes
	lockWait    = 5 * time.Second
	lockEvery   = 5 * time.Millisecond
	damagedForm = ".damaged-20060102-150405"
)

var errFileBusy = &identity.Error{
	Kind: identity.Unavailable, Code: "servers_busy", RetryAfter: time.Second,
	Message: "Another program is changing the list of servers. Try again in a moment.",
}

// Load reads the file. One that is too large to be a list is ErrDamaged.
func (f File) Load(context.Context) ([]byte, error) {
	info, err := os.Stat(f.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, disk.Explain(err)
	case info.Size() > maxFile:
		return nil, ErrDamaged
	}
	record, err := os.ReadFile(f.path)
	if err == nil && len(record) == 0 {
		return nil, ErrDamaged // a list is never empty, but a file cut short is
	}
	return record, disk.Explain(err)
}

// Update replaces the file, whole or not at all.
func (f File) Update(ctx context.Context, change func([]byte) ([]byte, error)) error {
	unlock, err := f.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	old, err := f.Load(ctx)
	if err != nil {
		return err
	}
	record, err := change(old)
	if err != nil || bytes.Equal(record, old) {
		return err
	}
	return disk.Explain(disk.Replace(f.path, fileMode, record))
}

// SetAside gives a file that cannot be read another name, so that a new list
// can be begun, and returns that name.
func (f File) SetAside(ctx context.Context) (string, error) {
	unlock, err := f.lock(ctx)
	if err != nil {
		return "", err
	}
	defer unlock()
	stamp := f.path + f.env.Now().UTC().Format(damagedForm)
	aside := stamp
	for n := 2; exists(aside); n++ {
		aside = fmt.Sprintf("%s-%d", stamp, n)
	}
	return aside, disk.Explain(os.Rename(f.path, aside))
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// lock keeps other programs out.
func (f File) lock(ctx context.Context) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(f.path), dirMode); err != nil {
		return nil, disk.Explain(err)
	}
	ctx, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	l := flock.New(f.path+".lock", flock.SetPermissions(fileMode))
	ok, err := l.TryLockContext(ctx, lockEvery)
	switch {
	case ctx.Err() != nil:
		return nil, errFileBusy.Because(ctx.Err())
	case err != nil:
		return nil, disk.Explain(fmt.Errorf("lock: %w", err))
	case !ok:
		return nil, errFileBusy
	}
	return func() { _ = l.Unlock() }, nil
}
