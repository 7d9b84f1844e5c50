package remote

import (
	"context"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"time"

	"latchkey/backend/identity"
)

// A TrashID names something in the trash of a server.
type TrashID string

// A Trashed is what lies in the trash of a server.
type Trashed struct {
	ID     TrashID
	Path   FilePath // where it was
	Folder bool
	Size   int64     // bytes; 0 for a folder
	At     time.Time // when it was put there
	Gone   time.Time // when it goes for good
}

// Storage is how much room a person's files take on a server, in bytes.
type Storage struct {
	Used  int64
	Limit int64 // what they may take in all; 0 where the server does not say
}

// The refusals about the trash.
var (
	ErrNoTrashed = identity.NewError(identity.NotFound, "remote_trash_not_found",
		"That is not in the trash any more. It may have been restored, or its 30 days are over.")
	ErrTrashDisk = identity.NewError(identity.Conflict, "remote_trash_other_disk",
		"That lies on another disk of the server than the trash. It can be deleted for good only.")
)

type wireTrashed struct {
	ID      TrashID `json:"id"`
	Path    string  `json:"path"`
	IsDir   bool    `json:"is_dir"`
	Size    int64   `json:"size"`
	Trashed string  `json:"trashed"`
	Gone    string  `json:"gone"`
}

type wireTrashIDs struct {
	IDs []TrashID `json:"ids"`
}

type wireRestored struct {
	Path string `json:"path"`
}

type wireStorage struct {
	Used  int64 `json:"storage_used"`
	Limit int64 `json:"storage_limit"`
}

// maxTrashID bounds an id, in bytes.
const maxTrashID = 128

// trashed reports whether it can be shown and named.
func (w wireTrashed) trashed() (Trashed, bool) {
	p := FilePath(path.Join("/", w.Path))
	t := Trashed{ID: w.ID, Path: p, Folder: w.IsDir, Size: max(w.Size, 0), At: textTime(w.Trashed), Gone: textTime(w.Gone)}
	return t, w.ID != "" && len(w.ID) <= maxTrashID && usableName(p.Name())
}

// Trash puts a file, or a folder with all that is in it, into the trash. Only
// Latchkey has one; elsewhere: server_lacks_this. Errors: ErrNoFile,
// ErrTrashDisk.
func (a *Account) Trash(ctx context.Context, p FilePath) (Trashed, error) {
	var got []wireTrashed
	err := a.trashCall(ctx, p, request{method: http.MethodPost, path: pathTrash, body: wireRemoval{string(p.Dir()), []string{p.Name()}}}, &got)
	switch {
	case err != nil:
		return Trashed{}, err
	case len(got) == 0:
		return Trashed{}, ErrNoFile
	}
	t, ok := got[0].trashed()
	if !ok {
		return Trashed{}, errGarbled
	}
	a.folders.throw(t)
	return t, nil
}

// Trashed lists what is in the trash, the latest first.
func (a *Account) Trashed(ctx context.Context) ([]Trashed, error) {
	out := []Trashed{}
	for page := 1; len(out) < maxFiles; page++ {
		var got wirePage[wireTrashed]
		err := a.trashCall(ctx, "/", request{method: http.MethodGet, path: pathTrashed, query: url.Values{
			"page": {strconv.Itoa(page)}, "per_page": {strconv.Itoa(filesAtOnce)},
		}, limit: maxList}, &got)
		if err != nil {
			return nil, err
		}
		for _, w := range got.Content {
			if t, ok := w.trashed(); ok {
				out = append(out, t)
			}
		}
		if len(got.Content) < filesAtOnce {
			break
		}
	}
	return out, nil
}

// Restore takes something out of the trash and returns where it is now. Errors:
// ErrNoTrashed.
func (a *Account) Restore(ctx context.Context, id TrashID) (FilePath, error) {
	var got []wireRestored
	if err := a.trashCall(ctx, a.folders.thrownAt(id), request{method: http.MethodPost, path: pathRestore, body: wireTrashIDs{[]TrashID{id}}}, &got); err != nil {
		return "", err
	}
	if len(got) != 1 {
		return "", errGarbled
	}
	return FilePath(path.Join("/", got[0].Path)), nil
}

// Discard removes something in the trash for good. Errors: ErrNoTrashed.
func (a *Account) Discard(ctx context.Context, id TrashID) error {
	return a.trashCall(ctx, a.folders.thrownAt(id), request{method: http.MethodPost, path: pathDiscard, body: wireTrashIDs{[]TrashID{id}}}, nil)
}

// trashCall is takeCall about what was at a path.
func (a *Account) trashCall(ctx context.Context, was FilePath, r request, out any) error {
	can, err := a.capabilities(ctx)
	if err != nil {
		return err
	}
	if !can.Trash {
		return errUnsupported
	}
	return a.takeCall(ctx, was, r, out)
}

// Storage asks how much room the person's files take. Only Latchkey tells;
// elsewhere: server_lacks_this.
func (a *Account) Storage(ctx context.Context) (Storage, error) {
	can, err := a.capabilities(ctx)
	if err != nil {
		return Storage{}, err
	}
	if !can.Storage {
		return Storage{}, errUnsupported
	}
	var w wireStorage
	err = a.call(ctx, request{method: http.MethodGet, path: pathStorage}, &w)
	return Storage{Used: max(w.Used, 0), Limit: max(w.Limit, 0)}, err
}

// FileLabel makes a server's name of a file safe to show, and perhaps not the
// name to the letter.
func FileLabel(name string) string { return clean(name, maxLabel) }

const maxLabel = 255 // characters
