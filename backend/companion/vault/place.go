package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/gofrs/flock"

	"latchkey/backend/internal/disk"
)

const (
	fileMode = 0o600
	dirMode  = 0o700

	readPatience  = 2 * time.Second // for others to finish writing
	writePatience = 5 * time.Second
	lockInterval  = 5 * time.Millisecond
)

// A place is where a vault lies: the path of its file. Others lie beside it.
type place struct {
	path string
	// polite readers keep writers waiting, and wait for them. Windows renames
	// nothing over a file that somebody reads; elsewhere nobody needs to wait.
	polite bool
}

func newPlace(path string) place { return place{path: path, polite: runtime.GOOS == "windows"} }

func (p place) file() string     { return p.path }
func (p place) previous() string { return p.path + ".previous" }
func (p place) lockFile() string { return p.path + ".lock" }

// lock keeps writers out, and polite readers too if it is to write, until unlock is
// called or the process ends. Returns ErrBusy.
func (p place) lock(ctx context.Context, toWrite bool) (unlock func(), err error) {
	wait := readPatience
	if toWrite {
		wait = writePatience
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	l := flock.New(p.lockFile(), flock.SetPermissions(fileMode))
	try := l.TryRLockContext
	if toWrite {
		try = l.TryLockContext
	}
	if _, err := try(ctx, lockInterval); err != nil {
		if ctx.Err() != nil {
			return nil, ErrBusy.Because(err)
		}
		return nil, disk.Explain(fmt.Errorf("lock vault: %w", err))
	}
	return func() { _ = l.Unlock() }, nil // closing the file is what unlocks
}

// lockToRead is lock for who only reads. Where the lock file cannot be made,
// nobody writes either.
func (p place) lockToRead(ctx context.Context) (unlock func(), err error) {
	if !p.polite {
		return func() {}, nil
	}
	unlock, err = p.lock(ctx, false)
	switch {
	case errors.Is(err, disk.ErrDenied), errors.Is(err, disk.ErrReadOnly), errors.Is(err, disk.ErrNoFolder):
		return func() {}, nil
	}
	return unlock, err
}

// read reads the vault file. Returns ErrNew, ErrMissing, ErrDamaged, ErrNewer
// or an error of the disk.
func (p place) read() (image, error) {
	i, err := readImage(p.file())
	if !errors.Is(err, fs.ErrNotExist) {
		return i, disk.Explain(err)
	}
	_, err = os.Lstat(p.previous())
	switch {
	case err == nil:
		return image{}, ErrMissing
	case errors.Is(err, fs.ErrNotExist):
		return image{}, ErrNew
	}
	return image{}, disk.Explain(err)
}

// lockedRead is read while nobody writes.
func (p place) lockedRead(ctx context.Context) (image, error) {
	unlock, err := p.lockToRead(ctx)
	if err != nil {
		return image{}, err
	}
	defer unlock()
	return p.read()
}

// readImage reads one file, after it has looked whether it can be a vault.
func readImage(name string) (image, error) {
	info, err := os.Stat(name)
	if err != nil {
		return image{}, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxFile {
		return image{}, ErrDamaged
	}
	f, err := os.Open(name)
	if err != nil {
		return image{}, err
	}
	defer f.Close()
	b := bytes.NewBuffer(make([]byte, 0, info.Size()+bytes.MinRead))
	if _, err := b.ReadFrom(io.LimitReader(f, maxFile+1)); err != nil {
		return image{}, err
	}
	return parse(b.Bytes())
}

// changedSince reads the file if it does not begin with a head, in which the
// revision stands; otherwise the image is nil.
func (p place) changedSince(ctx context.Context, head []byte) (*image, error) {
	unlock, err := p.lockToRead(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if beginsWith(p.file(), head) {
		return nil, nil //nolint:nilnil // nothing has changed, which is no error
	}
	i, err := p.read()
	return &i, err
}

func beginsWith(name string, head []byte) bool {
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	b := make([]byte, len(head))
	_, err = io.ReadFull(f, b)
	return err == nil && bytes.Equal(b, head)
}

// save writes the next version and keeps the one before. The caller holds the
// lock and has read a whole file, or none.
func (p place) save(file []byte) error {
	if err := p.keepPrevious(); err != nil {
		return disk.Explain(fmt.Errorf("keep previous vault: %w", err))
	}
	return disk.Explain(disk.Replace(p.file(), fileMode, file))
}

// keepPrevious gives the file a second name, in place of the version before
// it. Where the file system has no hard links it is copied.
func (p place) keepPrevious() error {
	second := p.previous() + ".new"
	if err := os.Remove(second); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if sameFile(p.file(), p.previous()) {
		return nil // a crash came between this and writing the next version
	}
	err := os.Link(p.file(), second)
	if err == nil {
		return os.Rename(second, p.previous())
	}
	content, err := os.ReadFile(p.file())
	if errors.Is(err, fs.ErrNotExist) {
		return nil // the first version
	}
	if err != nil {
		return err
	}
	return disk.Replace(p.previous(), fileMode, content)
}

func sameFile(one, two string) bool {
	a, errA := os.Lstat(one)
	b, errB := os.Lstat(two)
	return errA == nil && errB == nil && os.SameFile(a, b)
}

// overwrite writes the next version in place of the one before it as well,
// because that opens in the old way. It goes first: if the rest fails, the file
// itself is as it was.
func (p place) overwrite(file []byte) error {
	if err := disk.Replace(p.previous(), fileMode, file); err != nil {
		return disk.Explain(err)
	}
	if err := disk.Replace(p.file(), fileMode, file); err != nil {
		return disk.Explain(errors.Join(err, p.keepPrevious()))
	}
	return nil
}

// setAside gives those files that are there other names, with the time in
// them, and returns the paths.
func (p place) setAside(at time.Time, names ...string) (paths []string, err error) {
	for _, name := range names {
		aside, err := freeName(name + at.UTC().Format(".set-aside-20060102-150405"))
		if err != nil {
			return paths, disk.Explain(err)
		}
		err = os.Rename(name, aside)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return paths, disk.Explain(err)
		default:
			paths = append(paths, aside)
		}
	}
	return paths, disk.Explain(disk.SyncFolder(filepath.Dir(p.file())))
}

// freeName returns the name, or the first with a number behind it, that
// nothing has.
func freeName(name string) (string, error) {
	for n := 1; ; n++ {
		free := name
		if n > 1 {
			free = fmt.Sprintf("%s-%d", name, n)
		}
		if _, err := os.Lstat(free); errors.Is(err, fs.ErrNotExist) {
			return free, nil
		} else if err != nil {
			return "", err
		}
	}
}

// tighten takes all rights to the files from everybody but the owner, as a
// restored backup may have given them.
func (p place) tighten() error {
	for _, name := range []string{p.file(), p.previous()} {
		info, err := os.Stat(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil && info.Mode().IsRegular() && info.Mode().Perm()&^fileMode != 0 {
			err = os.Chmod(name, fileMode)
		}
		if err != nil {
			return disk.Explain(err)
		}
	}
	return nil
}
