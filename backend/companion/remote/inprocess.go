package remote

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
)

// InProcess returns a transport that hands requests to a handler in this
// process, as if they came in over the loopback. Use it with an address on
// localhost. A handler that does not end with the request's context goes on
// after the caller was told that it was too slow.
func InProcess(h http.Handler) http.RoundTripper { return inProcess{h} }

type inProcess struct{ h http.Handler }

// RoundTrip serves one request.
func (t inProcess) RoundTrip(out *http.Request) (*http.Response, error) {
	in := incoming(out)
	rec := &recorder{header: http.Header{}}
	done := make(chan error, 1)
	go func() {
		defer in.Body.Close()
		defer func() {
			if p := recover(); p != nil {
				done <- fmt.Errorf("handler: %v: %w", p, io.ErrUnexpectedEOF) // as over a connection
			}
		}()
		t.h.ServeHTTP(rec, in)
		done <- nil
	}()
	select {
	case <-in.Context().Done():
		return nil, in.Context().Err()
	case err := <-done:
		if err != nil {
			return nil, err
		}
		return rec.response(out), nil
	}
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

// A recorder keeps an answer. The client bounds what it reads of it.
type recorder struct {
	header http.Header
	sent   http.Header // as it was when the answer began
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= http.StatusOK {
		r.status, r.sent = status, r.header.Clone()
	}
}

func (r *recorder) Write(p []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(p)
}

func (r *recorder) response(req *http.Request) *http.Response {
	r.WriteHeader(http.StatusOK)
	return &http.Response{
		Status: http.StatusText(r.status), StatusCode: r.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: r.sent, Body: io.NopCloser(&r.body), ContentLength: int64(r.body.Len()), Request: req,
	}
}
