package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
)

// PeekJSON looks into the body of a request before it is known which dialect
// answers: it reads a body that [DecodeJSON] would take within the same limit
// into dst, and reports whether there was one. Whoever reads the body after it
// finds it as it was, with everything that was wrong about it, so it is for
// that reader to refuse it.
//
// It keeps at most one byte more than the limit in memory, and reads nothing
// of a body that says beforehand that it is longer or no JSON.
func PeekJSON(r *http.Request, limit int64, dst any) bool {
	if r.ContentLength > limit || checkBodyHeaders(r) != nil {
		return false
	}
	body, err := readAhead(r, limit)
	return errors.Is(err, io.EOF) && checkJSON(body) == nil && json.Unmarshal(body, dst) == nil
}

// maxAwaited bounds the body that is waited for before it is said who sent
// it, in bytes. No dialect takes a longer one.
const maxAwaited = 64 << 10

// awaitBody waits until the body of a request has arrived, or is known not to,
// and reports whether there was one to wait for. What the route would refuse
// without reading it is left alone. Whoever reads the body finds it as it was.
func (d Doc) awaitBody(r *http.Request) bool {
	taken := isJSON(r.Header["Content-Type"]) || d.Form && IsForm(r)
	if d.Body == nil || r.ContentLength == 0 || r.ContentLength > maxAwaited || !taken || checkEncoding(r) != nil {
		return false
	}
	_, _ = readAhead(r, maxAwaited) // what is wrong with it is for the reader to see
	return true
}

// readAhead reads at most one byte more than the limit of a body, and puts
// back what it read. The error is io.EOF if that is all of it.
func readAhead(r *http.Request, limit int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	if err == nil && int64(len(body)) <= limit {
		err = io.EOF
	}
	r.Body = &peekedBody{r.Body, bytes.NewReader(body), err}
	return body, err
}

// A peekedBody gives again what was read of a body, with the error that came
// after it, and if there was none the rest.
type peekedBody struct {
	io.ReadCloser
	head *bytes.Reader
	err  error
}

func (b *peekedBody) Read(p []byte) (int, error) {
	switch {
	case b.head.Len() > 0:
		return b.head.Read(p)
	case b.err != nil:
		return 0, b.err
	}
	return b.ReadCloser.Read(p)
}
