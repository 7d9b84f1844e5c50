package remote

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
)

// InProcess returns a transport that hands requests to a handler in this
// process, as if they came in over the loopback. Use it with an address on
// localhost. A handler that does not end with the request's context goes on
// after the caller was told that it was too slow.
func InProcess(h http.Handler) http.RoundTripper { return inProcess{h} }

type inProcess struct{ h http.Handler }

// RoundTrip serves one request. The answer's body comes while the handler
// writes it.
func (t inProcess) RoundTrip(out *http.Request) (*http.Response, error) {
	in := incoming(out)
	body, write := io.Pipe()
	rec := &recorder{header: http.Header{}, begun: make(chan struct{}), body: write}
	go func() {
		defer in.Body.Close()
		defer func() {
			if p := recover(); p != nil {
				rec.fail(fmt.Errorf("handler: %v: %w", p, io.ErrUnexpectedEOF)) // as over a connection
			}
		}()
		t.h.ServeHTTP(rec, in)
		rec.end()
	}()
	select {
	case <-in.Context().Done():
		_ = body.Close()
		return nil, in.Context().Err()
	case <-rec.begun:
	}
	if rec.failed != nil {
		return nil, rec.failed
	}
	stop := context.AfterFunc(out.Context(), func() { _ = body.CloseWithError(out.Context().Err()) })
	return rec.response(out, &piped{body, stop}), nil
}

// A piped body lets go of its context when it is closed.
type piped struct {
	*io.PipeReader

	stop func() bool
}

func (p *piped) Close() error {
	p.stop()
	return p.PipeReader.Close()
}

// incoming makes of a client's request what a server would have read.
func incoming(out *http.Request) *http.Request {
	port := out.URL.Port()
	if port == "" {
		port = "80"
	}
	in := out.Clone(loopback{out.Context(), localAddr(port)}) //nolint:contextcheck // it is the context, and tells one thing more
	in.Host, in.RequestURI, in.RemoteAddr = out.URL.Host, out.URL.RequestURI(), "127.0.0.1:0"
	if in.Body == nil {
		in.Body = http.NoBody
	}
	return in
}

// localAddr is the address that the request seems to have come in on.
func localAddr(port string) net.Addr {
	a, err := net.ResolveTCPAddr("tcp", "127.0.0.1:"+port)
	if err != nil {
		return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}
	}
	return a
}

// loopback is the context of a request that came in on an address, where
// net/http's server says so too.
type loopback struct {
	context.Context
	addr net.Addr
}

func (l loopback) Value(k any) any {
	if k == http.LocalAddrContextKey {
		return l.addr
	}
	return l.Context.Value(k)
}

// A recorder hands on an answer as it is written.
type recorder struct {
	header http.Header
	sent   http.Header // as it was when the answer began
	status int
	begun  chan struct{} // closed when status and sent stand, or failed
	failed error
	body   *io.PipeWriter
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= http.StatusOK {
		r.status, r.sent = status, r.header.Clone()
		close(r.begun)
	}
}

func (r *recorder) Write(p []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(p)
}

func (r *recorder) end() {
	r.WriteHeader(http.StatusOK)
	_ = r.body.Close()
}

func (r *recorder) fail(err error) {
	if r.status == 0 {
		r.status, r.failed = http.StatusInternalServerError, err
		close(r.begun)
	}
	_ = r.body.CloseWithError(err)
}

func (r *recorder) response(req *http.Request, body io.ReadCloser) *http.Response {
	length, err := strconv.ParseInt(r.sent.Get("Content-Length"), 10, 64)
	if err != nil {
		length = -1
	}
	return &http.Response{
		Status: http.StatusText(r.status), StatusCode: r.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: r.sent, Body: body, ContentLength: length, Request: req,
	}
}
