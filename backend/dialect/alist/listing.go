package alist

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"latchkey/backend/files"
	"latchkey/backend/identity"
	"latchkey/backend/link"
)

// Entries on a page of a list: where the request does not say, and at most. As
// in AList a negative number is all of them.
const (
	usualEntries = 200
	maxEntries   = 500
	mostEntries  = 20_000 // of a list that asks for everything
)

func (h *Handler) get(w http.ResponseWriter, r *http.Request, v view) error {
	body, err := decode[getRequest](w, r)
	if err != nil {
		return err
	}
	v.visit.Show(body.Password)
	at, err := v.at(body.Path)
	if err != nil {
		return err
	}
	fi, err := v.tree.Stat(at.path)
	if err != nil {
		return err
	}
	seal, err := v.seal(at, fi)
	if err != nil {
		return err
	}
	out := wireFile{wireObject: h.object(v, at, fi, seal), VirtualPath: string(at.path), Provider: provider}
	out.Path = out.VirtualPath
	if !fi.IsDir() {
		out.RawURL = rawURL(r, at, out.Sign)
	}
	return succeed(w, out)
}

// rawURL is the address at which anybody who has it can get a file for a
// while, by the name that the request itself was sent to.
func rawURL(r *http.Request, at place, sign string) string {
	prefix := strings.TrimSuffix(r.URL.Path, getRoute)
	u := url.URL{Scheme: r.URL.Scheme, Host: r.Host, Path: prefix + proxyRoute + at.full, RawQuery: url.Values{"sign": {sign}}.Encode()}
	return u.String()
}

func (h *Handler) list(w http.ResponseWriter, r *http.Request, v view) error {
	body, err := decode[listRequest](w, r)
	if err != nil {
		return err
	}
	v.visit.Show(body.Password)
	at, err := v.at(body.Path)
	if err != nil {
		return err
	}
	names, err := entries(v, at)
	if err != nil {
		return err
	}
	size := body.size(len(names))
	page := max(body.Page, 1)
	from := len(names)
	if page <= len(names)/size+1 { // any later one begins behind the end
		from = min((page-1)*size, len(names))
	}
	to := min(from+size, len(names))
	out := wireList{
		Content: make([]wireEntry, 0, to-from), Total: len(names), FilteredTotal: len(names), Page: page, PerPage: size,
		HasMore: to < len(names), PagesTotal: (len(names) + size - 1) / size,
		Write: v.may(at, identity.PathWrite) == nil, Provider: provider,
	}
	infos, err := v.tree.Describe(at.path, names[from:to])
	if err != nil {
		return err
	}
	entry := func(fi files.Info) place {
		p := at.path.Join(fi.Name())
		return place{p, string(p.Below(files.Path(v.who.User.BasePath)))}
	}
	seal := "" // of all files in the folder
	if i := slices.IndexFunc(infos, func(fi files.Info) bool { return fi.Mode().IsRegular() }); i >= 0 {
		if seal, err = v.seal(entry(infos[i]), infos[i]); err != nil {
			return err
		}
	}
	for _, fi := range infos {
		out.Content = append(out.Content, wireEntry{wireObject: h.object(v, entry(fi), fi, seal), Labels: []string{}})
	}
	return succeed(w, out)
}

// seal is what a link to a file says of the password that it was made under.
func (v view) seal(at place, fi files.Info) (string, error) {
	if !fi.Mode().IsRegular() {
		return "", nil
	}
	return v.visit.Seal(v.tree, at.path, files.Path(at.full))
}

// entries returns the names in a folder that a path can lead to, in their
// order.
func entries(v view, at place) ([]string, error) {
	names, err := v.tree.Names(at.path)
	if err != nil {
		return nil, err
	}
	names = slices.DeleteFunc(names, func(name string) bool {
		_, err := files.ParsePath("/" + name)
		return err != nil
	})
	slices.Sort(names)
	return names, nil
}

// dirs lists the folders in a folder, some 20,000 at most. A link is none.
func (h *Handler) dirs(w http.ResponseWriter, r *http.Request, v view) error {
	body, err := decode[dirsRequest](w, r)
	if err != nil {
		return err
	}
	v.visit.Show(body.Password)
	if body.ForceRoot && !v.who.User.IsAdmin() {
		return errForceRoot
	}
	at, err := v.at(body.Path)
	if err != nil {
		return err
	}
	names, err := entries(v, at)
	if err != nil {
		return err
	}
	out := []wireDir{}
	for some := range slices.Chunk(names, maxEntries) {
		infos, err := v.tree.Describe(at.path, some)
		if err != nil {
			return err
		}
		for _, fi := range infos {
			if fi.IsDir() {
				out = append(out, wireDir{Name: fi.Name(), Modified: rfc3339(fi.ModTime())})
			}
		}
		if len(out) >= mostEntries {
			break
		}
	}
	return succeed(w, out)
}

var errForceRoot = identity.NewError(identity.PermissionDenied, "admins_only", "Permission denied")

// object describes a file or folder, with what opens it for a while.
func (h *Handler) object(v view, at place, fi files.Info, seal string) wireObject {
	modified := rfc3339(fi.ModTime())
	o := wireObject{
		Name: fi.Name(), IsDir: fi.IsDir(), Modified: modified, Created: modified, Type: typeFolder,
		HashInfo: "null",
	}
	if at.path.IsTop() {
		o.Name = "root"
	}
	if fi.Mode().IsRegular() {
		o.Size, o.Type, o.Sign = fi.Size(), kindOf(fi.Name()), string(h.Links.Sign(v.who.User, link.Path{Path: at.full, Seal: seal}))
	} else if !fi.IsDir() {
		o.Type = typeUnknown
	}
	return o
}
