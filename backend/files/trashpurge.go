package files

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"time"
)

// trashNotes is where the store notes which trees have a trash, so that a purge
// need not walk them all: files with the base path of a tree, named by its hash.
const trashNotes = notes + "/trash"

// noteTrash notes that the tree at base has a trash. A note that is not there,
// because the folder was moved since, comes with the next thing that is put
// there.
func (s *Store) noteTrash(base Path) error {
	if err := s.root.Mkdir(trashNotes, folderMode); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return s.root.WriteFile(trashNote(base), []byte(base), fileMode)
}

func trashNote(base Path) string {
	sum := sha256.Sum256([]byte(base))
	return trashNotes + "/" + hex.EncodeToString(sum[:16])
}

// PurgeTrash removes what has lain in the trash of anybody for TrashKept. What
// cannot be removed waits for the next time, and is told.
func (s *Store) PurgeTrash(ctx context.Context) error {
	bases, err := s.trashes()
	errs := []error{err}
	for _, base := range bases {
		if ctx.Err() != nil {
			break
		}
		errs = append(errs, s.purgeAt(ctx, base))
	}
	return errors.Join(errs...)
}

// trashes returns the base paths of the trees that have a trash.
func (s *Store) trashes() ([]Path, error) {
	f, err := openFolder(s.root, trashNotes+"/.")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	names, err := f.Readdirnames(-1)
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	var out []Path
	for _, name := range names {
		note, err := s.readNote("trash/" + name)
		if base := Path(note); err == nil && trashNote(base) == trashNotes+"/"+name {
			out = append(out, base)
		}
	}
	return out, nil
}

func (s *Store) purgeAt(ctx context.Context, base Path) error {
	if _, err := s.root.Stat(base.folder()); errors.Is(err, fs.ErrNotExist) {
		return s.root.Remove(trashNote(base))
	}
	t, err := s.Tree(string(base))
	if err != nil {
		return err
	}
	defer t.Close()
	ids, err := t.trashIDs()
	if err != nil {
		return err
	}
	before := s.env.Now().Add(-TrashKept)
	var errs []error
	for _, id := range ids {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		errs = append(errs, t.purge(id, before))
	}
	return errors.Join(append(errs, t.clearShelves(), t.closeTrash())...)
}

// purge removes a thing that was put into the trash before a time, or what a
// crash has left of it.
func (t *Tree) purge(id string, before time.Time) error {
	switch found, err := t.FindTrashed(id); {
	case errors.Is(err, errNoTrashed):
		return t.removeRest(id)
	case err != nil:
		return err
	case found.At.After(before):
		return nil
	}
	return t.Discard(id)
}

// removeRest removes the folder of a thing that is not there. While names may
// be changed none is just being put there.
func (t *Tree) removeRest(id string) error {
	t.store.names.Lock()
	defer t.store.names.Unlock()
	if _, err := t.FindTrashed(id); !errors.Is(err, errNoTrashed) {
		return err
	}
	at := trashTop.Join(id)
	return t.bury(at, func() error { return t.root.RemoveAll(at.rel()) })
}

// closeTrash removes the folder of a trash that is empty, and its note.
func (t *Tree) closeTrash() error {
	t.store.names.Lock()
	defer t.store.names.Unlock()
	switch err := t.root.Remove(trash); {
	case err == nil, errors.Is(err, fs.ErrNotExist):
		return t.store.root.Remove(trashNote(t.base))
	case errors.Is(refuse(err), errNotEmpty):
		return nil
	default:
		return err
	}
}
