package httpapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// A response remembers how a request was answered, for the access log and to
// know whether an error can still be told.
type response struct {
	http.ResponseWriter
	status int    // 0: the answer has not begun
	code   string // the identity.Error.Code of a refusal
	id     [1]string
}

// recorded returns w as a response; the guard has usually made it one.
func recorded(w http.ResponseWriter) *response {
	if rec, ok := w.(*response); ok {
		return rec
	}
	return &response{ResponseWriter: w}
}

func (w *response) WriteHeader(status int) {
	if w.status == 0 && (status >= http.StatusOK || status == http.StatusSwitchingProtocols) {
		w.status = status
	}
	if status == http.StatusRequestedRangeNotSatisfiable {
		w.Header().Set("Cache-Control", "no-store") // http.ServeContent takes it away
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *response) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

// ReadFrom lets net/http have the kernel send a file.
func (w *response) ReadFrom(from io.Reader) (int64, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return copyTo(w.ResponseWriter, from)
}

// Unwrap lets http.ResponseController find the server's own writer.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteJSON answers with a body in JSON. It returns an error only if body
// cannot be encoded, and has written nothing then.
func WriteJSON(w http.ResponseWriter, status int, body any) error {
	if err := json.NewEncoder(document{w, status}).Encode(body); err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	return nil
}

// A document is an answer in JSON that an encoder writes, which it does at once
// and from its own memory: a list of 10,000 files has four million bytes.
type document struct {
	to     http.ResponseWriter
	status int
}

func (d document) Write(b []byte) (int, error) {
	text := bytes.TrimSuffix(b, []byte("\n"))
	h := d.to.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(text)))
	d.to.WriteHeader(d.status)
	_, _ = d.to.Write(text) // the client has gone: nobody is left to tell
	return len(b), nil
}

// JoinJSON writes two structs or maps as one object, for an answer that is in
// the words of two APIs. Of a name that both have, the first one's value stands.
func JoinJSON(first, second any) (json.RawMessage, error) {
	all := map[string]json.RawMessage{}
	for _, part := range []any{second, first} {
		b, err := json.Marshal(part)
		if err == nil {
			err = json.Unmarshal(b, &all)
		}
		if err != nil {
			return nil, fmt.Errorf("join answers: %w", err)
		}
	}
	return json.Marshal(all)
}
