package alist

import (
	"bytes"
	"context"
	"crypto/md5"  //nolint:gosec // clients of AList send it, and nothing is protected by it
	"crypto/sha1" //nolint:gosec // likewise
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"latchkey/backend/files"
	"latchkey/backend/httpapi"
	"latchkey/backend/identity"
	"latchkey/backend/task"
)

// Bounds of an upload.
const (
	uploadBuffer   = 256 << 10 // bytes, of each
	leastBuffer    = 4 << 10
	maxFormParts   = 16
	maxFormField   = 64 << 10 // bytes of a field that is not the file
	fileField      = "file"
	multipartMedia = "multipart/form-data"
)

var (
	errFilePath   = identity.InvalidField("File-Path", "file_path_missing", "Say in the header File-Path where the file goes.")
	errEscape     = identity.InvalidField("File-Path", "file_path_escape", "The header File-Path is not percent-encoded as it should be.")
	errLength     = identity.InvalidField("Content-Length", "length_missing", "Say in the header Content-Length how long the file is.")
	errHashForm   = identity.InvalidField("X-File-Sha256", "file_hash_malformed", "A hash in a header is written in hexadecimal digits, as many as it has.")
	errHash       = identity.NewError(identity.Invalid, "file_hash_wrong", "The file does not fit the hash that was sent with it, so it was not kept. Send it again.")
	errIncomplete = identity.NewError(identity.Invalid, "file_incomplete", "The file did not arrive whole, so it was not kept. Send it again.")
	errForm       = identity.NewError(identity.Invalid, "file_form_invalid", "Send a form (multipart/form-data) with the file in the field file.")
)

// errPanicked is of an upload that ended by a fault of ours.
var errPanicked = errors.New("the upload panicked")

// An order is what the headers of an upload say.
type order struct {
	at        place
	task      bool
	overwrite bool
	size      int64     // 0: not known beforehand, or none
	modified  time.Time // zero: now
	hashes    []checksum
}

// A checksum is a hash that a file must have.
type checksum struct {
	hash.Hash
	want []byte
}

// order reads the headers, and refuses what who sends them may not do.
func (v view) order(h http.Header) (order, error) {
	sent := h.Get("File-Path")
	if sent == "" {
		return order{}, errFilePath
	}
	decoded, err := url.PathUnescape(sent)
	if err != nil {
		return order{}, errEscape
	}
	o := order{task: strings.EqualFold(h.Get("As-Task"), "true"), overwrite: !strings.EqualFold(h.Get("Overwrite"), "false")}
	if o.at, err = v.at(decoded); err != nil {
		return order{}, err
	}
	if err := v.mayMake(o.at); err != nil {
		return order{}, err
	}
	if ms, err := strconv.ParseInt(h.Get("Last-Modified"), 10, 64); err == nil && ms > 0 && ms < endOfTime {
		o.modified = time.UnixMilli(ms)
	}
	o.hashes, err = checksums(h)
	return o, err
}

// title is what the task is called, as AList does.
func (o order) title() string {
	return fmt.Sprintf("upload %s to [/](%s)", o.at.path.Name(), o.at.path.Dir())
}

// endOfTime is the year 9999, in milliseconds.
const endOfTime = 253_370_764_800_000

func checksums(h http.Header) ([]checksum, error) {
	var out []checksum
	for _, known := range []struct {
		header string
		make   func() hash.Hash
	}{
		{"X-File-Md5", md5.New}, {"X-File-Sha1", sha1.New}, {"X-File-Sha256", sha256.New},
	} {
		text := h.Get(known.header)
		if text == "" {
			continue
		}
		c := checksum{Hash: known.make()}
		var err error
		if c.want, err = hex.DecodeString(text); err != nil || len(c.want) != c.Size() {
			return nil, errHashForm
		}
		out = append(out, c)
	}
	return out, nil
}

// A reading finds the file in a body and stores it. Only when it returns nil
// the file gets its name; otherwise nothing that anybody sees has changed.
type reading func(body io.Reader, store func(file io.Reader) error) error

// put takes a file that is the body.
func (h *Handler) put(w http.ResponseWriter, r *http.Request, v view) error {
	o, err := v.order(r.Header)
	switch {
	case err != nil:
		return err
	case r.ContentLength < 0, r.ContentLength == 0 && r.Header.Get("Content-Length") == "":
		return errLength
	}
	o.size = r.ContentLength
	return h.receive(w, r, v, o, func(body io.Reader, store func(io.Reader) error) error { return store(body) })
}

// form takes a file that is a field of the body.
func (h *Handler) form(w http.ResponseWriter, r *http.Request, v view) error {
	o, err := v.order(r.Header)
	if err != nil {
		return err
	}
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != multipartMedia || params["boundary"] == "" {
		return errForm
	}
	return h.receive(w, r, v, o, func(body io.Reader, store func(io.Reader) error) error {
		err := readForm(multipart.NewReader(body, params["boundary"]), store)
		if err == nil {
			_, err = io.CopyN(io.Discard, body, maxFormField) // what may follow a form
			err = unlessEOF(err)
		}
		return err
	})
}

// readForm takes one file, and passes over a few short fields. A form must end
// as it should, or the file may not be whole.
func readForm(parts *multipart.Reader, store func(io.Reader) error) error {
	stored := false
	for range maxFormParts {
		part, err := parts.NextRawPart()
		switch {
		case err == io.EOF && stored: //nolint:errorlint // wrapped it means that the form was cut off
			return nil
		case err != nil:
			return formError(err)
		case part.FormName() == fileField && !stored:
			stored = true
			err = store(part)
		default:
			err = pass(part)
		}
		if err != nil {
			return formError(err)
		}
	}
	return errForm
}

// pass reads a field that nobody wants.
func pass(part io.Reader) error {
	if _, err := io.CopyN(io.Discard, part, maxFormField); err != nil {
		return unlessEOF(err)
	}
	return errForm
}

func unlessEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// formError keeps a refusal, and takes anything else for a form that is none.
func formError(err error) error {
	if _, ok := errors.AsType[*identity.Error](err); ok {
		return err
	}
	return errForm.Because(err)
}

// receive stores what a request brings, as a task if that is wanted.
func (h *Handler) receive(w http.ResponseWriter, r *http.Request, v view, o order, read reading) error {
	ctx, running := r.Context(), (*task.Running)(nil)
	if o.task {
		var err error
		if ctx, running, err = h.Tasks.Begin(ctx, v.who.User.ID, o.title(), o.size); err != nil {
			return err
		}
	}
	over := false
	defer func(ctx context.Context) {
		if running != nil && !over {
			running.End(ctx, errPanicked)
		}
	}(r.Context())
	w, body, err := httpapi.Unhurried(ctx, w, r)
	if err == nil {
		a := &arrival{Reader: body, still: func() error { return h.still(r, v, identity.PathWrite, o.at) }, task: running}
		err = v.store(ctx, o, a, read)
	}
	if err != nil && errors.Is(context.Cause(ctx), task.ErrCancelled) {
		err = task.ErrCancelled
	}
	if running == nil {
		if err != nil {
			return err
		}
		return succeed(w, nil)
	}
	over = true
	ended := running.End(r.Context(), err)
	if err != nil {
		return err
	}
	return succeed(w, &taskStarted{fromTask(task.Status{Task: ended}, v.who)})
}

// store keeps a file and the folders above it, or neither.
func (v view) store(ctx context.Context, o order, body *arrival, read reading) (err error) {
	made, err := v.tree.MkdirAll(ctx, o.at.path.Dir())
	defer func() {
		if err == nil {
			return
		}
		for _, p := range slices.Backward(made) {
			_ = v.tree.Rmdir(p) // unless somebody has put something there
		}
	}()
	if err != nil {
		return err
	}
	u, err := v.tree.Create(o.at.path, files.Creation{New: !o.overwrite, Size: o.size})
	if err != nil {
		return err
	}
	defer func() { _ = u.Abort() }() // unless it is closed
	err = read(body, func(file io.Reader) error { return o.fill(u, file) })
	if err == nil {
		err = body.still()
	}
	if err == nil && !o.modified.IsZero() {
		err = u.Chtimes(o.modified, o.modified)
	}
	if err != nil {
		return err
	}
	return u.Close()
}

// fill writes a file, and checks that it is whole and has the hashes that were
// sent with it.
func (o order) fill(u *files.Upload, file io.Reader) error {
	for _, c := range o.hashes {
		file = io.TeeReader(file, c)
	}
	n, err := u.Fill(file, make([]byte, o.buffer()))
	switch {
	case err != nil:
		return err
	case o.size > 0 && n != o.size:
		return errIncomplete
	}
	for _, c := range o.hashes {
		if !bytes.Equal(c.Sum(nil), c.want) {
			return errHash
		}
	}
	return nil
}

// buffer is how much is written at a time. Of many small files each takes
// little memory.
func (o order) buffer() int64 {
	if o.size == 0 {
		return uploadBuffer
	}
	return min(max(o.size+1, leastBuffer), uploadBuffer)
}

// An arrival is a body that is read as long as whoever sends it may go on,
// which is asked again after every so many bytes.
type arrival struct {
	io.Reader

	still func() error
	since int
	task  *task.Running // nil: nobody counts
}

// askAgainEvery is after how many bytes.
const askAgainEvery = 1 << 20

func (a *arrival) Read(b []byte) (int, error) {
	n, err := a.Reader.Read(b)
	if a.task != nil {
		a.task.Advance(n)
	}
	if a.since += n; a.since < askAgainEvery {
		return n, err
	}
	a.since = 0
	if refused := a.still(); refused != nil {
		return 0, refused
	}
	return n, err
}
