package alist

import (
	"context"
	"errors"
	"net/http"
	"path"
	"strings"

	"latchkey/backend/files"
	"latchkey/backend/folderpassword"
	"latchkey/backend/httpapi"
	"latchkey/backend/identity"
)

// Trees opens the part of people's files that somebody sees.
type Trees interface {
	TreeFor(v files.View) (*files.Tree, error)
}

// Room tells how much files take.
type Room interface {
	Usage(ctx context.Context, base string) (files.Usage, error)
}

var (
	errNotAllowed = identity.NewError(identity.PermissionDenied, "not_allowed", "Your role does not allow that here.")
	errHidden     = identity.NewError(identity.PermissionDenied, "not_visible", "password is incorrect or you have no permission")
	errRelative   = identity.NewError(identity.PermissionDenied, "path_relative", "access using relative path is not allowed")
	errFileName   = identity.InvalidField("name", "file_name_invalid", "invalid file name")
	errNoNames    = identity.InvalidField("names", "file_names_empty", "Empty file names")
)

// passwordHeader carries the password of a folder, on every route of files.
const passwordHeader = "Password"

// A view is what one request sees of the files: what lies below the base path
// of who asks, with their rights and with the passwords of folders that they
// show.
type view struct {
	tree  *files.Tree
	who   identity.Principal
	visit *folderpassword.Visit
	now   *identity.Principal // who, as they were found to be when last asked
}

// seeing opens the files of who asks for a handler.
func (h *Handler) seeing(do func(w http.ResponseWriter, r *http.Request, v view) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		me := who(r)
		now := me
		v := view{who: me, now: &now}
		v.visit = h.Folders.Visit(r.Context(), func() identity.Principal { return *v.now }, name, httpapi.ClientAddr(r))
		v.visit.Show(r.Header.Get(passwordHeader))
		var err error
		if v.tree, err = h.tree(me, v.visit); err != nil {
			return err
		}
		defer v.tree.Close()
		return do(w, r, v)
	}
}

// tree opens somebody's files.
func (h *Handler) tree(who identity.Principal, pass files.Pass) (*files.Tree, error) {
	return h.Trees.TreeFor(files.View{Base: who.User.BasePath, Limit: func() int64 { return who.User.StorageLimit }, Pass: pass})
}

// A place is a path that a client named, and where that is below the files
// folder, as scopes and links name it.
type place struct {
	path files.Path
	full string
}

// at reads a path as AList does, where a missing or doubled slash does no
// harm. It refuses what is not seen.
func (v view) at(sent string) (place, error) {
	p, err := parsePath(sent)
	if err != nil {
		return place{}, err
	}
	return v.place(p)
}

func (v view) place(p files.Path) (place, error) {
	at := place{p, string(p.Below(files.Path(v.who.User.BasePath)))}
	if !v.who.Sees(at.full) {
		return place{}, errHidden
	}
	return at, nil
}

func parsePath(sent string) (files.Path, error) {
	for name := range strings.SplitSeq(sent, "/") {
		if name == ".." {
			return "", errRelative
		}
	}
	return files.ParsePath("/" + strings.TrimPrefix(sent, "/"))
}

// in returns an entry of a folder that a client named by itself.
func (v view) in(folder place, name string) (place, error) {
	if name == "" || name == "." || name == ".." || strings.ContainsAny(name, `/\`) {
		return place{}, errFileName
	}
	p, err := files.ParsePath(path.Join(string(folder.path), name))
	if err != nil {
		return place{}, err
	}
	return v.place(p)
}

// may refuses what the rights of who asks do not hold at a place.
func (v view) may(at place, need identity.PathPermission) error {
	if !v.who.PathPermission(at.full).Has(need) {
		return errNotAllowed
	}
	return nil
}

// mayMake refuses to make what is at a place, and the folders above it that are
// missing, unless the right to write is held there, too.
func (v view) mayMake(at place) error {
	for {
		if err := v.may(at, identity.PathWrite); err != nil {
			return err
		}
		above := at.path.Dir()
		if _, err := v.tree.Stat(above); identity.KindOf(err) != identity.NotFound {
			return nil // or whoever makes it will see why it cannot be
		}
		at = place{above, string(above.Below(files.Path(v.who.User.BasePath)))}
	}
}

// still reports whether who began something may go on with it: rights that were
// taken away meanwhile do not last as long as it does.
func (h *Handler) still(r *http.Request, v view, need identity.PathPermission, at ...place) error {
	who, err := h.authenticate(r)
	switch {
	case err != nil:
		return err
	case who.User.ID != v.who.User.ID || who.User.BasePath != v.who.User.BasePath || !who.Can(identity.OwnAccount):
		return errNotAllowed
	}
	*v.now = who
	for _, p := range at {
		if !who.Sees(p.full) || !who.PathPermission(p.full).Has(need) {
			return errNotAllowed
		}
		if err := v.tree.Admits(p.path); err != nil {
			return err
		}
	}
	return nil
}

func (h *Handler) mkdir(w http.ResponseWriter, r *http.Request, v view) error {
	body, err := decode[pathRequest](w, r)
	if err != nil {
		return err
	}
	v.visit.Show(body.Password)
	at, err := v.at(body.Path)
	if err != nil {
		return err
	}
	if err := v.mayMake(at); err != nil {
		return err
	}
	if _, err := v.tree.MkdirAll(r.Context(), at.path); err != nil {
		return err
	}
	return succeed(w, nil)
}

func (h *Handler) rename(w http.ResponseWriter, r *http.Request, v view) error {
	body, err := decode[renameRequest](w, r)
	if err != nil {
		return err
	}
	v.visit.Show(body.Password)
	from, err := v.at(body.Path)
	if err != nil {
		return err
	}
	to, err := v.in(place{path: from.path.Dir()}, body.Name)
	if err != nil {
		return err
	}
	if err := v.move(from, to, identity.PathRename, body.Overwrite); err != nil {
		return err
	}
	return succeed(w, nil)
}

// move gives something another path, where the right is held at both ends.
// Taking the place of a file needs the right to delete it, too.
func (v view) move(from, to place, need identity.PathPermission, replace bool) error {
	if err := errors.Join(v.may(from, need), v.may(to, need)); err != nil {
		return errNotAllowed
	}
	if !replace || v.may(to, identity.PathDelete) != nil {
		return v.tree.Rename(from.path, to.path)
	}
	return v.tree.Replace(from.path, to.path)
}

func (h *Handler) move(w http.ResponseWriter, r *http.Request, v view) error {
	body, err := decode[moveRequest](w, r)
	if err != nil {
		return err
	}
	err = v.each(body, func(from, to place) error {
		return v.move(from, to, identity.PathMove, body.Overwrite)
	})
	if err != nil {
		return err
	}
	return succeed(w, nil)
}

// copy takes as long as copying does.
func (h *Handler) copy(w http.ResponseWriter, r *http.Request, v view) error {
	body, err := decode[moveRequest](w, r)
	if err != nil {
		return err
	}
	w, _, err = unhurried(w, r)
	if err != nil {
		return err
	}
	err = v.each(body, func(from, to place) error {
		if err := errors.Join(v.may(from, identity.PathCopy), v.may(to, identity.PathCopy)); err != nil {
			return errNotAllowed
		}
		replace := body.Overwrite && v.may(to, identity.PathDelete) == nil
		return v.tree.Copy(r.Context(), from.path, to.path, replace, func() error {
			return h.still(r, v, identity.PathCopy, from, to)
		})
	})
	if err != nil {
		return err
	}
	return succeed(w, nil)
}

// each does something with every pair of paths that a body names. All must be
// paths before anything is done.
func (v view) each(body moveRequest, do func(from, to place) error) error {
	v.visit.Show(body.Password, body.ToPassword)
	src, err := v.at(body.From)
	if err != nil {
		return err
	}
	dst, err := v.at(body.To)
	if err != nil {
		return err
	}
	if len(body.Names) == 0 {
		return errNoNames
	}
	pairs := make([][2]place, len(body.Names))
	for i, name := range body.Names {
		from, err := v.in(src, name)
		if err != nil {
			return err
		}
		to, err := v.in(dst, name)
		if err != nil {
			return err
		}
		pairs[i] = [2]place{from, to}
	}
	for _, p := range pairs {
		if err := do(p[0], p[1]); err != nil {
			return err
		}
	}
	return nil
}

// remove removes what is there; what is not is removed already.
func (h *Handler) remove(w http.ResponseWriter, r *http.Request, v view) error {
	gone, err := v.doomed(w, r)
	if err != nil {
		return err
	}
	w, _, err = unhurried(w, r)
	if err != nil {
		return err
	}
	for _, at := range gone {
		if err := h.still(r, v, identity.PathDelete, at); err != nil {
			return err
		}
		if err := v.tree.RemoveAll(at.path); err != nil && identity.KindOf(err) != identity.NotFound {
			return err
		}
	}
	return succeed(w, nil)
}

// doomed reads what is to go. All must be paths at which who asks may remove
// things before anything is done.
func (v view) doomed(w http.ResponseWriter, r *http.Request) ([]place, error) {
	body, err := decode[removeRequest](w, r)
	if err != nil {
		return nil, err
	}
	v.visit.Show(body.Password)
	dir, err := v.at(body.Dir)
	if err != nil {
		return nil, err
	}
	if len(body.Names) == 0 {
		return nil, errNoNames
	}
	gone := make([]place, len(body.Names))
	for i, name := range body.Names {
		if gone[i], err = v.in(dir, name); err != nil {
			return nil, err
		}
		if err := v.may(gone[i], identity.PathDelete); err != nil {
			return nil, err
		}
	}
	return gone, nil
}

func (h *Handler) storage(w http.ResponseWriter, r *http.Request) error {
	u := who(r).User
	room, err := h.Room.Usage(r.Context(), u.BasePath)
	if err != nil {
		return err
	}
	room = room.Within(u.StorageLimit)
	return succeed(w, wireStorage{Used: room.Used, Limit: room.Limit})
}
