package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"
)

// standstill is how long a file may stand still on its way. The server may
// take that long to write it to the disk, too.
const standstill = 60 * time.Second

// A Download is a file on its way here. Close it.
type Download struct {
	io.ReadCloser

	From int64 // where in the file it begins; 0 although a later part was asked for means all of it
	Size int64 // of the whole file; -1 where the server does not say
}

// Download begins to fetch a file, from a byte on if the server can do that.
// Its body ends with an error if not all comes. Errors: ErrNoFile.
func (a *Account) Download(ctx context.Context, p FilePath, from int64) (*Download, error) {
	me, err := a.me(ctx)
	if err != nil {
		return nil, err
	}
	info, err := a.Stat(ctx, p)
	switch {
	case err != nil:
		return nil, err
	case info.Folder:
		return nil, errIsFolder
	}
	query := url.Values{}
	if info.sign != "" {
		query.Set("sign", info.sign)
	}
	moving, w := watch(ctx)
	r, err := a.c.build(moving, request{method: http.MethodGet, path: pathProxy + path.Join("/", me.BasePath, string(p)), query: query})
	if err != nil {
		w.end()
		return nil, errGarbled.Because(err)
	}
	if from > 0 {
		r.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
	}
	resp, err := a.c.trip.RoundTrip(r)
	if err != nil {
		w.end()
		return nil, a.c.failed(ctx, moving, err)
	}
	d, err := a.c.opened(r, resp, from)
	if err != nil {
		_ = resp.Body.Close()
		w.end()
		return nil, err
	}
	d.ReadCloser = &arriving{resp.Body, w, ctx}
	return d, nil
}

// opened tells a file from a refusal, which comes with HTTP 200 too: a file is
// an attachment, or of another type.
func (c *Client) opened(r *http.Request, resp *http.Response, from int64) (*Download, error) {
	media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	file := resp.Header.Get("Content-Disposition") != "" || media != "application/json" && media != "text/html"
	begin, size, partial := contentRange(resp.Header.Get("Content-Range"))
	switch {
	case resp.StatusCode == http.StatusOK && file:
		return &Download{Size: resp.ContentLength}, nil
	case resp.StatusCode == http.StatusPartialContent && partial && begin == from:
		return &Download{From: from, Size: size}, nil
	}
	body, err := readAll(resp.Body, maxAnswer)
	if err != nil {
		return nil, unanswered(err)
	}
	if _, err := decode(reply{resp.StatusCode, resp.Header, body}, r.URL, c.opts.Env.Now()); err != nil {
		return nil, err
	}
	return nil, errGarbled
}

// contentRange reads "bytes 5-9/10" (RFC 9110, section 14.4).
func contentRange(text string) (begin, size int64, ok bool) {
	span, total, found := strings.Cut(strings.TrimPrefix(text, "bytes "), "/")
	first, _, split := strings.Cut(span, "-")
	begin, err := strconv.ParseInt(first, 10, 64)
	size, err2 := strconv.ParseInt(total, 10, 64)
	return begin, size, found && split && err == nil && err2 == nil && begin >= 0 && size > begin
}

// An Upload says what to send.
type Upload struct {
	Body     io.Reader
	Size     int64     // bytes; the body must have just as many
	Modified time.Time // zero: now
	Replace  bool      // what has the path may be replaced
}

// Upload sends a file and waits until the server has it. Errors:
// ErrFileExists.
func (a *Account) Upload(ctx context.Context, p FilePath, u Upload) error {
	if !a.confirmed.Load() {
		if _, err := a.me(ctx); err != nil {
			return err
		}
	}
	moving, w := watch(ctx)
	defer w.end()
	folder := a.folders.of(p)
	r, err := a.c.build(moving, request{method: http.MethodPut, path: pathPut, token: a.grant.Token, folder: folder})
	if err != nil {
		return errGarbled.Because(err)
	}
	r.Body, r.ContentLength = http.NoBody, u.Size
	if u.Size > 0 {
		r.Body = io.NopCloser(&sending{u.Body, w})
	}
	r.Header.Set("Content-Type", "application/octet-stream")
	r.Header.Set("Content-Length", strconv.FormatInt(u.Size, 10)) // for a handler in this process
	r.Header.Set("File-Path", url.PathEscape(path.Join("/", string(p))))
	r.Header.Set("Overwrite", strconv.FormatBool(u.Replace))
	if !u.Modified.IsZero() {
		r.Header.Set("Last-Modified", strconv.FormatInt(u.Modified.UnixMilli(), 10))
	}
	got, err := a.c.exchange(r, 0)
	if err != nil {
		return a.c.failed(ctx, moving, err)
	}
	_, err = decode(got, r.URL, a.c.opts.Env.Now())
	return a.met(ctx, p, folder, err)
}

// A watchdog ends a context when nothing moved for a while.
type watchdog struct {
	end   context.CancelFunc
	timer *time.Timer
}

func watch(parent context.Context) (context.Context, *watchdog) {
	ctx, cancel := context.WithCancel(parent)
	w := &watchdog{timer: time.AfterFunc(standstill, cancel)}
	w.end = func() {
		w.timer.Stop()
		cancel()
	}
	return ctx, w
}

func (w *watchdog) moved() { w.timer.Reset(standstill) }

// A sending body is read as it is sent.
type sending struct {
	from  io.Reader
	watch *watchdog
}

func (s *sending) Read(b []byte) (int, error) {
	n, err := s.from.Read(b)
	s.watch.moved()
	return n, err
}

// An arriving body ends with an error unless all of it came.
type arriving struct {
	body   io.ReadCloser
	watch  *watchdog
	parent context.Context
}

func (a *arriving) Read(b []byte) (int, error) {
	n, err := a.body.Read(b)
	switch {
	case err == nil:
		a.watch.moved()
	case !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		if a.parent.Err() != nil {
			return n, errCancelled.Because(err)
		}
		return n, errFileCut.Because(err)
	}
	return n, err
}

func (a *arriving) Close() error {
	defer a.watch.end()
	return a.body.Close()
}
