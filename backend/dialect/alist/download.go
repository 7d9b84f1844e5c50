package alist

import (
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"latchkey/backend/files"
	"latchkey/backend/httpapi"
	"latchkey/backend/identity"
	"latchkey/backend/link"
)

// The routes that other answers name.
const (
	getRoute   = "/api/fs/get"
	proxyRoute = "/p"
)

// maxRanges is how many parts of a file are sent in one answer. Whoever asks
// for more gets all of it, as a server may (RFC 9110, section 14.2).
const maxRanges = 16

// sandbox keeps a file that a browser shows from doing anything.
const sandbox = "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"

var errNoFile = link.ErrInvalid

// download sends a file to whoever has its signature, which must be good now:
// for the path, and for somebody who may still see it.
func (h *Handler) download(w http.ResponseWriter, r *http.Request) error {
	full, err := parsePath(r.PathValue("path"))
	if err != nil {
		return err
	}
	who, err := h.Links.Check(r.Context(), link.Text(r.URL.Query().Get("sign")), string(full))
	if err != nil {
		return err
	}
	below, ok := belowBase(full, who.User.BasePath)
	if !ok || !who.Sees(string(full)) || who.IsGuest() || who.User.MustChangePassword || !who.User.Admits(h.Now(), httpapi.ClientAddr(r)) {
		return errNoFile
	}
	v, err := h.open(who)
	if err != nil {
		return err
	}
	defer v.tree.Close()
	f, err := v.tree.Open(below)
	if err != nil {
		return err
	}
	defer f.Close()
	return send(w, r, f)
}

// belowBase returns a path as who has a base path names it.
func belowBase(full files.Path, base string) (files.Path, bool) {
	if !(identity.Scope{Path: base}).Covers(string(full)) {
		return "", false
	}
	p, err := files.ParsePath("/" + strings.TrimPrefix(strings.TrimPrefix(string(full), base), "/"))
	return p, err == nil
}

// send sends a file, or the parts of it that the request asks for, or that it
// is still what the client has.
func send(w http.ResponseWriter, r *http.Request, f *files.File) error {
	fi, err := f.Stat()
	if err != nil {
		return err
	}
	if strings.Count(r.Header.Get("Range"), ",") >= maxRanges {
		r.Header.Del("Range")
	}
	m, how := mediumOf(fi.Name()), "attachment"
	if m.shown && r.URL.Query().Get("type") == "preview" {
		how = "inline"
	}
	h := w.Header()
	h.Set("Content-Type", m.media)
	h.Set("Content-Disposition", mime.FormatMediaType(how, map[string]string{"filename": fi.Name()}))
	h.Set("Content-Security-Policy", sandbox)
	h.Set("Etag", fmt.Sprintf(`"%x-%x"`, fi.ModTime().UnixNano(), fi.Size()))
	w, _, err = unhurried(w, r)
	if err != nil {
		return err
	}
	http.ServeContent(w, r, "", fi.ModTime(), f)
	return nil
}

// unhurried lets a request take as long as it moves.
func unhurried(w http.ResponseWriter, r *http.Request) (http.ResponseWriter, io.Reader, error) {
	return httpapi.Unhurried(r.Context(), w, r)
}
