package files

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// TrashKept is how long the trash keeps things.
const TrashKept = 30 * 24 * time.Hour

// What lies in the trash: below the folder of this name at the top of a tree a
// folder for each thing, named by its id, with the thing and its record.
const (
	trash        = ".latchkey-trash"
	trashContent = "content"
	trashRecord  = reserved + "-record" // so that it counts as nobody's file
	maxRecord    = 2 * maxNote          // bytes: a path, and what JSON makes of it
	trashTop     = Path("/" + trash)

	// shelf begins the paths in the trash that are protected and at which nothing
	// is: what was thrown away from a protected folder is behind one of them.
	shelf = "behind-"
)

// A Trashed is what lies in the trash.
type Trashed struct {
	ID     string
	Path   Path // where it was
	Folder bool
	Size   int64     // bytes of a file
	At     time.Time // when it was put there

	behind Path // the shelf that opens it, "" for none; trashTop if that is lost: all
}

// A record says where something in the trash comes from.
type record struct {
	Path   Path
	At     int64  // Unix time, in milliseconds
	Behind string // the name of its shelf, or ""
}

// Trash puts a file, a link, or a folder with all that is in it into the trash,
// at once and whole. Errors: file_not_found, trash_other_disk.
func (t *Tree) Trash(p Path) (out Trashed, err error) {
	if p.IsTop() {
		return Trashed{}, errTopFolder
	}
	err = t.inTurn(p, toTake, func(p Path) (err error) {
		out, err = t.trashNow(p)
		return err
	})
	return out, err
}

func (t *Tree) trashNow(p Path) (Trashed, error) {
	fi, err := t.root.Lstat(p.rel())
	if err != nil {
		return Trashed{}, refuse(err)
	}
	behind, err := t.shelve(p)
	if err != nil {
		return Trashed{}, err
	}
	r := record{p, t.store.env.Now().UnixMilli(), behind}
	out := t.trashed(t.store.env.ID(), fi, r)
	at := trashTop.Join(out.ID)
	if err := t.openTrash(at, r); err != nil {
		_ = t.root.RemoveAll(at.rel())
		return Trashed{}, refuse(err)
	}
	if err := t.move(p, at.Join(trashContent)); err != nil {
		_ = t.root.RemoveAll(at.rel())
		if errors.Is(err, errOtherDisk) {
			return Trashed{}, errTrashDisk
		}
		return Trashed{}, err
	}
	return out, refuse(errors.Join(t.syncAt(at), t.syncAt(p.Dir())))
}

func (t *Tree) trashed(id string, fi fs.FileInfo, r record) Trashed {
	out := Trashed{ID: id, Path: r.Path, Folder: fi.IsDir(), Size: lengthOf(fi), At: time.UnixMilli(r.At)}
	if r.Behind != "" {
		out.behind = trashTop.Join(r.Behind)
	}
	return out
}

// openTrash makes the place of a thing, with its record on the disk before the
// thing is.
func (t *Tree) openTrash(at Path, r record) error {
	if err := t.root.Mkdir(trash, folderMode); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if fi, err := t.root.Lstat(trash); err != nil || !fi.IsDir() {
		return errors.Join(err, errNotAFolder) // a link would lead elsewhere
	}
	if err := t.store.noteTrash(t.base); err != nil {
		return err
	}
	if err := t.root.Mkdir(at.rel(), folderMode); err != nil {
		return err
	}
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	f, err := t.root.OpenFile(at.Join(trashRecord).rel(), os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return errors.Join(t.syncAt(at), t.syncAt(trashTop))
}

// syncAt has the names in a folder last through a power cut.
func (t *Tree) syncAt(p Path) error {
	folder, err := t.root.OpenRoot(p.folder())
	if err != nil {
		return err
	}
	defer folder.Close()
	return syncFolder(folder)
}

// Trashed lists what lies in the trash, the latest first.
func (t *Tree) Trashed() ([]Trashed, error) {
	ids, err := t.trashIDs()
	if err != nil {
		return nil, refuse(err)
	}
	out := make([]Trashed, 0, len(ids))
	for _, id := range ids {
		found, err := t.FindTrashed(id)
		if err == nil {
			err = t.admitsTrashed(found, toSee) // what was nobody's to see still is not
		}
		if err == nil {
			out = append(out, found)
		}
	}
	slices.SortFunc(out, func(a, b Trashed) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.ID, b.ID)) })
	return out, nil
}

// trashIDs returns what the folders of the trash are called, with or without a
// thing in them.
func (t *Tree) trashIDs() ([]string, error) {
	f, err := openFolder(t.root, trash+"/.")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	ids, err := f.Readdirnames(-1)
	return slices.DeleteFunc(ids, func(id string) bool { return !isTrashID(id) }), errors.Join(err, f.Close())
}

// isTrashID reports whether a text can be an id, which is one name and not one
// of what is being removed.
func isTrashID(id string) bool {
	return id != "" && len(id) <= 64 && !strings.ContainsFunc(id, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'f')
	})
}

// FindTrashed describes a thing in the trash. Errors: trash_not_found.
func (t *Tree) FindTrashed(id string) (Trashed, error) {
	if !isTrashID(id) {
		return Trashed{}, errNoTrashed
	}
	at := trashTop.Join(id)
	fi, err := t.root.Lstat(at.Join(trashContent).rel())
	if errors.Is(err, fs.ErrNotExist) {
		return Trashed{}, errNoTrashed
	}
	if err != nil {
		return Trashed{}, refuse(err)
	}
	return t.trashed(id, fi, t.readRecord(at)), nil
}

// readRecord makes one up where it is lost: what it was of shall not be. It is
// behind all shelves, then.
func (t *Tree) readRecord(at Path) record {
	r := record{Path: Path("/" + at.Name()), Behind: "."}
	folder, err := t.root.Lstat(at.rel())
	if err == nil {
		r.At = folder.ModTime().UnixMilli()
	}
	fi, err := t.root.Lstat(at.Join(trashRecord).rel())
	if err != nil || !fi.Mode().IsRegular() || fi.Size() > maxRecord {
		return r
	}
	text, err := t.root.ReadFile(at.Join(trashRecord).rel())
	if err != nil {
		return r
	}
	var read record
	if json.Unmarshal(text, &read) != nil {
		return r
	}
	if p, err := ParsePath(string(read.Path)); err != nil || p != read.Path || p.IsTop() {
		return r
	}
	if read.Behind != "" && !isShelf(read.Behind) {
		return r
	}
	return read
}

// mostNumbers bounds the names that are tried for what comes back.
const mostNumbers = 1000

// Restore gives something in the trash its path back and returns it. Folders
// above it that have gone are made, and where something else has its name it
// gets a number. Errors: trash_not_found, not_a_folder, file_exists where a
// thousand numbers are taken.
func (t *Tree) Restore(ctx context.Context, id string) (Path, error) {
	found, err := t.FindTrashed(id)
	if err == nil {
		err = t.admitsTrashed(found, toTake)
	}
	if err != nil {
		return "", err
	}
	if _, err := t.MkdirAll(ctx, found.Path.Dir()); err != nil {
		return "", err
	}
	was := t.actual(found.Path)
	t.store.names.Lock()
	defer t.store.names.Unlock()
	if err := t.admitsTrashed(found, toTake); err != nil {
		return "", err
	}
	at := trashTop.Join(id)
	for n := range mostNumbers {
		to := t.twin(numbered(was, n+1))
		if _, err := t.root.Lstat(to.rel()); !errors.Is(err, fs.ErrNotExist) {
			if err != nil {
				return "", refuse(err)
			}
			continue
		}
		if err := t.move(at.Join(trashContent), to); err != nil {
			if _, gone := t.FindTrashed(id); gone != nil {
				return "", gone // somebody was faster
			}
			return "", err
		}
		err := errors.Join(t.syncAt(to.Dir()), t.bury(at, func() error { return t.root.RemoveAll(at.rel()) }))
		return to, refuse(err)
	}
	return "", ErrExists
}

// numbered returns the nth path for something: "/a/b.txt", "/a/b (2).txt".
func numbered(p Path, n int) Path {
	if n == 1 {
		return p
	}
	name, number := p.Name(), " ("+strconv.Itoa(n)+")"
	ext := path.Ext(name)
	if ext == name || len(ext) > 16 {
		ext = ""
	}
	stem := strings.TrimSuffix(name, ext)
	for len(stem)+len(number)+len(ext) > MaxName {
		_, last := utf8.DecodeLastRuneInString(stem)
		stem = stem[:len(stem)-last]
	}
	return Path(path.Join(string(p.Dir()), stem+number+ext))
}

// admitsTrashed refuses what is not to be done where a thing was, or is behind a
// password where it lies. To take it needs all that is in it to be open, too.
func (t *Tree) admitsTrashed(found Trashed, n need) error {
	if found.behind == trashTop {
		n = toTake
	}
	if err := t.admits(found.Path, min(n, toChange)); err != nil {
		return err
	}
	if found.behind != "" {
		if err := t.admits(found.behind, n); err != nil || n == toSee {
			return err
		}
	}
	return t.admits(trashTop.Join(found.ID), n)
}

// Discard removes something in the trash for good. Errors: trash_not_found.
func (t *Tree) Discard(id string) error {
	found, err := t.FindTrashed(id)
	if err == nil {
		err = t.admitsTrashed(found, toTake)
	}
	if err != nil {
		return err
	}
	return t.RemoveAll(trashTop.Join(id))
}
