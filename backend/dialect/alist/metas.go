package alist

import (
	"net/http"

	"latchkey/backend/files"
	"latchkey/backend/folderpassword"
	"latchkey/backend/httpapi"
	"latchkey/backend/identity"
	"latchkey/backend/internal/secret"
)

// errMetaField refuses what AList's metas can do beside passwords.
var errMetaField = identity.InvalidField("write", "meta_unsupported",
	"Of a folder only path, password and p_sub can be set here. Leave write, hide, readme and header, and their _sub, empty or false.")

// mountMetas registers the routes of what AList calls metas: passwords of
// folders.
func (h *Handler) mountMetas(m *httpapi.Mux) {
	m.Handle("GET /api/admin/meta/list", identity.Admin, h.metas, httpapi.Doc{
		Summary: "List the folders that have a password.", Query: pageQuery{}, Data: page[wireMeta]{},
	})
	m.Handle("GET /api/admin/meta/get", identity.Admin, h.meta, httpapi.Doc{
		Summary: "Show a folder that has a password.", Query: idQuery{}, Data: wireMeta{},
	})
	m.Handle("POST /api/admin/meta/create", identity.Admin, h.createMeta, httpapi.Doc{
		Summary: "Give a folder a password.", Body: metaRequest{},
	})
	m.Handle("POST /api/admin/meta/update", identity.Admin, h.updateMeta, httpapi.Doc{
		Summary: "Change the password of a folder; what is not sent stays.", Body: metaRequest{},
	})
	m.Handle("POST /api/admin/meta/delete", identity.Admin, h.deleteMeta, httpapi.Doc{
		Summary: "Open a folder to whoever may see it.", Query: idQuery{},
	})
}

// unsupportedMeta is what AList knows of a folder besides.
type unsupportedMeta struct {
	Write     bool   `json:"write" description:"Always false, as is each _sub but p_sub."`
	WriteSub  bool   `json:"w_sub"`
	Hide      string `json:"hide" description:"Always empty, as are readme and header."`
	HideSub   bool   `json:"h_sub"`
	Readme    string `json:"readme"`
	ReadmeSub bool   `json:"r_sub"`
	Header    string `json:"header"`
	HeaderSub bool   `json:"header_sub"`
}

type metaRequest struct {
	ID         identity.FolderPasswordID `json:"id" description:"Of the one to change; passed over by create."`
	Path       string                    `json:"path" description:"Below all files; the folder must be there."`
	Password   string                    `json:"password" description:"At least 6 characters. Empty is no change."`
	Subfolders *bool                     `json:"p_sub" description:"It is for what is further down, too."`

	unsupportedMeta
}

type wireMeta struct {
	ID         identity.FolderPasswordID `json:"id"`
	Path       string                    `json:"path"`
	Password   string                    `json:"password" description:"Always empty: only its hash is kept."`
	Subfolders bool                      `json:"p_sub"`

	unsupportedMeta
}

func fromFolder(f identity.FolderPassword) wireMeta {
	return wireMeta{ID: f.ID, Path: f.Path, Subfolders: f.Subfolders}
}

// metaOf reads a body, and refuses what is not kept.
func (h *Handler) metaOf(w http.ResponseWriter, r *http.Request) (metaRequest, error) {
	body, err := decode[metaRequest](w, r)
	if err == nil && body.unsupportedMeta != (unsupportedMeta{}) {
		err = errMetaField
	}
	return body, err
}

func (h *Handler) metas(w http.ResponseWriter, r *http.Request) error {
	all, err := h.Folders.List(r.Context())
	if err != nil {
		return err
	}
	part, err := queryPage(r, max(len(all), 1))
	if err != nil {
		return err
	}
	return succeed(w, pageOf(all, part, fromFolder))
}

func (h *Handler) meta(w http.ResponseWriter, r *http.Request) error {
	f, err := h.folderOf(r)
	if err != nil {
		return err
	}
	return succeed(w, fromFolder(f))
}

// folderOf finds the one that the query names.
func (h *Handler) folderOf(r *http.Request) (identity.FolderPassword, error) {
	id, err := queryID(r, "id", errIDFormat)
	if err != nil {
		return identity.FolderPassword{}, err
	}
	return h.Folders.Find(r.Context(), identity.FolderPasswordID(id))
}

func (h *Handler) createMeta(w http.ResponseWriter, r *http.Request) error {
	body, err := h.metaOf(w, r)
	if err != nil {
		return err
	}
	p, err := parsePath(body.Path)
	if err != nil {
		return err
	}
	subfolders := body.Subfolders != nil && *body.Subfolders
	if _, err := h.Folders.Create(r.Context(), p, secret.New(body.Password), subfolders, origin(r)); err != nil {
		return err
	}
	return succeed(w, nil)
}

func (h *Handler) updateMeta(w http.ResponseWriter, r *http.Request) error {
	body, err := h.metaOf(w, r)
	if err != nil {
		return err
	}
	old, err := h.Folders.Find(r.Context(), body.ID)
	if err != nil {
		return err
	}
	c := folderpassword.Change{Subfolders: body.Subfolders}
	if body.Path != "" && body.Path != old.Path {
		var p files.Path
		if p, err = parsePath(body.Path); err != nil {
			return err
		}
		c.Path = &p
	}
	if body.Password != "" {
		text := secret.New(body.Password)
		c.Password = &text
	}
	if _, err := h.Folders.Update(r.Context(), old.ID, c, origin(r)); err != nil {
		return err
	}
	return succeed(w, nil)
}

func (h *Handler) deleteMeta(w http.ResponseWriter, r *http.Request) error {
	f, err := h.folderOf(r)
	if err != nil {
		return err
	}
	if err := h.Folders.Clear(r.Context(), f, origin(r)); err != nil {
		return err
	}
	return succeed(w, nil)
}
