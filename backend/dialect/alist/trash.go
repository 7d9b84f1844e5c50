package alist

import (
	"net/http"
	"path"
	"slices"

	"latchkey/backend/files"
	"latchkey/backend/identity"
)

// maxTrashed bounds one page of what is in the trash.
const maxTrashed = 500

var errNoIDs = identity.InvalidField("ids", "trash_ids_empty", "Say what in the trash is meant.")

// trashed finds something in the trash, for who may remove things where it was.
func (v view) trashed(id string) (files.Trashed, error) {
	found, err := v.tree.FindTrashed(id)
	if err != nil {
		return files.Trashed{}, err
	}
	at, err := v.place(found.Path)
	if err != nil {
		return files.Trashed{}, err
	}
	return found, v.may(at, identity.PathDelete)
}

func (h *Handler) trash(w http.ResponseWriter, r *http.Request, v view) error {
	part, err := queryPage(r, maxTrashed)
	if err != nil {
		return err
	}
	all, err := v.tree.Trashed()
	if err != nil {
		return err
	}
	shown := slices.DeleteFunc(all, func(t files.Trashed) bool {
		at, err := v.place(t.Path)
		return err != nil || v.may(at, identity.PathDelete) != nil
	})
	return succeed(w, pageOf(shown, part, fromTrashed))
}

// throwAway puts what is there into the trash; what is not is gone already.
func (h *Handler) throwAway(w http.ResponseWriter, r *http.Request, v view) error {
	gone, err := v.doomed(w, r)
	if err != nil {
		return err
	}
	out := []wireTrashed{}
	for _, at := range gone {
		t, err := v.tree.Trash(at.path)
		if identity.KindOf(err) == identity.NotFound {
			continue
		}
		if err != nil {
			return err
		}
		out = append(out, fromTrashed(t))
	}
	return succeed(w, out)
}

func (h *Handler) restore(w http.ResponseWriter, r *http.Request, v view) error {
	thrown, err := v.thrown(w, r)
	if err != nil {
		return err
	}
	for _, t := range thrown {
		if err := v.mayReturn(t); err != nil {
			return err
		}
	}
	out := make([]wireRestored, len(thrown))
	for i, t := range thrown {
		at, err := v.tree.Restore(r.Context(), t.ID)
		if err != nil {
			return err
		}
		out[i] = wireRestored{ID: t.ID, Path: string(at)}
	}
	return succeed(w, out)
}

// mayReturn refuses to bring something back where folders would have to be made
// for it without the right to make them.
func (v view) mayReturn(t files.Trashed) error {
	if _, err := v.tree.Stat(t.Path.Dir()); identity.KindOf(err) != identity.NotFound {
		return nil // or whoever restores it will see why it cannot be
	}
	above, err := v.place(t.Path.Dir())
	if err != nil {
		return err
	}
	return v.mayMake(above)
}

func (h *Handler) discard(w http.ResponseWriter, r *http.Request, v view) error {
	thrown, err := v.thrown(w, r)
	if err != nil {
		return err
	}
	w, _, err = unhurried(w, r)
	if err != nil {
		return err
	}
	for _, t := range thrown {
		if err := h.still(r, v, 0); err != nil {
			return err
		}
		if err := v.tree.Discard(t.ID); err != nil {
			return err
		}
	}
	return succeed(w, nil)
}

// thrown reads which things in the trash are meant. All must be there, and be
// for who asks, before anything is done.
func (v view) thrown(w http.ResponseWriter, r *http.Request) ([]files.Trashed, error) {
	body, err := decode[trashRequest](w, r)
	if err != nil {
		return nil, err
	}
	v.visit.Show(body.Password)
	if len(body.IDs) == 0 {
		return nil, errNoIDs
	}
	out := make([]files.Trashed, len(body.IDs))
	for i, id := range body.IDs {
		if out[i], err = v.trashed(id); err != nil {
			return nil, err
		}
	}
	return out, nil
}

type trashRequest struct {
	IDs      []string `json:"ids" required:"true"`
	Password string   `json:"password" description:"As in mkdir."`
}

type wireTrashed struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Path    string `json:"path" description:"Where it was."`
	IsDir   bool   `json:"is_dir"`
	Size    int64  `json:"size"`
	Trashed string `json:"trashed"`
	Gone    string `json:"gone" description:"When it goes for good."`
}

type wireRestored struct {
	ID   string `json:"id"`
	Path string `json:"path" description:"Where it is now: its own path, or one beside it that was free."`
}

func fromTrashed(t files.Trashed) wireTrashed {
	return wireTrashed{
		ID: t.ID, Name: path.Base(string(t.Path)), Path: string(t.Path), IsDir: t.Folder, Size: t.Size,
		Trashed: rfc3339(t.At), Gone: rfc3339(t.At.Add(files.TrashKept)),
	}
}
