package alist

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"latchkey/backend/files"
	"latchkey/backend/folderpassword"
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
	who, seal, err := h.Links.Check(r.Context(), link.Text(r.URL.Query().Get("sign")), string(full))
	if err != nil {
		return err
	}
	below, ok := belowBase(full, who.User.BasePath)
	if !ok || !h.mayHave(r, who, full) {
		return errNoFile
	}
	tree, err := h.tree(who, h.Folders.Link(r.Context(), who, seal))
	if err != nil {
		return err
	}
	defer tree.Close()
	f, err := tree.Open(below)
	if errors.Is(err, folderpassword.ErrNeeded) {
		return errNoFile
	}
	if err != nil {
		return err
	}
	defer f.Close()
	return send(w, r, f, func() error { return errors.Join(h.stillHas(r, who.User, full), f.Still()) })
}

// mayHave reports whether somebody may have the file at a path below all files.
func (h *Handler) mayHave(r *http.Request, who identity.Principal, full files.Path) bool {
	return who.Sees(string(full)) && !who.IsGuest() && !who.User.MustChangePassword && who.User.Admits(h.Now(), httpapi.ClientAddr(r))
}

// stillHas is asked while a file is on its way. Its address may end meanwhile.
func (h *Handler) stillHas(r *http.Request, was identity.User, full files.Path) error {
	who, err := h.Sessions.Principal(r.Context(), was.ID)
	if err != nil || who.User.BasePath != was.BasePath || !who.User.PasswordChangedAt.Equal(was.PasswordChangedAt) || !h.mayHave(r, who, full) {
		return errNoFile
	}
	return nil
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
// is still what the client has. It breaks off when still returns an error.
func send(w http.ResponseWriter, r *http.Request, f *files.File, still func() error) error {
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
	http.ServeContent(&departure{ResponseWriter: w, still: still}, r, "", fi.ModTime(), f)
	return nil
}

// A departure is an answer that is sent as long as whoever gets it may have it,
// which is asked again after every so many bytes, as of an arrival.
type departure struct {
	http.ResponseWriter

	still func() error
	since int64
}

func (d *departure) Write(b []byte) (int, error) {
	if err := d.ask(); err != nil {
		return 0, err
	}
	n, err := d.ResponseWriter.Write(b)
	d.since += int64(n)
	return n, err
}

// ReadFrom lets what is below read as it likes, a step at a time.
func (d *departure) ReadFrom(from io.Reader) (int64, error) {
	for all := int64(0); ; {
		if err := d.ask(); err != nil {
			return all, err
		}
		n, err := io.Copy(d.ResponseWriter, io.LimitReader(from, askAgainEvery))
		all, d.since = all+n, d.since+n
		if err != nil || n < askAgainEvery {
			return all, err
		}
	}
}

func (d *departure) ask() error {
	if d.since < askAgainEvery {
		return nil
	}
	d.since = 0
	return d.still()
}

// Unwrap is for http.ResponseController.
func (d *departure) Unwrap() http.ResponseWriter { return d.ResponseWriter }

// unhurried lets a request take as long as it moves.
func unhurried(w http.ResponseWriter, r *http.Request) (http.ResponseWriter, io.Reader, error) {
	return httpapi.Unhurried(r.Context(), w, r)
}
