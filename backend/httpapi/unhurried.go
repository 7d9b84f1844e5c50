package httpapi

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"time"
)

const (
	// streamIdle is how long a file may stand still on its way.
	streamIdle = 60 * time.Second
	// streamStep is how much of an answer must get through in that time, in bytes.
	streamStep = 512 << 10
)

// Unhurried lets a request take as long as something of its body or answer
// moves, where others have a time in all. It is for handlers that move files,
// once they know who asks: the connection then no longer gives way to others.
// The body may be of any length, and is refused if it is compressed; when ctx
// ends a read that waits ends too, with its cause.
//
// Errors of the body are those that [DecodeJSON] gives.
func Unhurried(ctx context.Context, w http.ResponseWriter, r *http.Request) (http.ResponseWriter, io.Reader, error) {
	if err := checkEncoding(r); err != nil {
		return nil, nil, err
	}
	if c, _ := r.Context().Value(connKey{}).(*conn); c != nil {
		c.work()
	}
	s := &stream{ResponseWriter: w, ctx: ctx, control: http.NewResponseController(w), body: r.Body, done: func() bool { return true }}
	_ = s.control.SetReadDeadline(time.Time{}) // net/http goes on reading, to see whether the client leaves
	if ctx.Done() != r.Context().Done() {
		s.done = context.AfterFunc(ctx, func() { _ = s.control.SetReadDeadline(time.Unix(1, 0)) })
	}
	return s, readerOnly{s}, nil
}

// A stream is a request's body and answer with a time for each step. Where
// there is no connection there are no deadlines, and none are needed.
type stream struct {
	http.ResponseWriter
	ctx     context.Context
	control *http.ResponseController
	body    io.Reader
	done    func() bool // says that the context wakes nobody any more
}

// readerOnly hides what else a stream can do from those who would look.
type readerOnly struct{ s *stream }

func (r readerOnly) Read(b []byte) (int, error) {
	n, err := r.s.read(b)
	if err != nil {
		r.s.done()
		_ = r.s.control.SetReadDeadline(time.Time{})
	}
	return n, err
}

func (s *stream) read(b []byte) (int, error) {
	_ = s.control.SetReadDeadline(time.Now().Add(streamIdle)) //nolint:forbidigo // deadlines are of the machine's clock
	if s.ctx.Err() != nil {                                   // after the deadline was set: whoever ends the context sets another
		return 0, context.Cause(s.ctx)
	}
	n, err := s.body.Read(b)
	switch {
	case err == nil || errors.Is(err, io.EOF):
		return n, err
	case s.ctx.Err() != nil:
		return n, context.Cause(s.ctx)
	}
	return n, bodyError(err)
}

// Write implements io.Writer.
func (s *stream) Write(b []byte) (int, error) {
	s.extend()
	return s.ResponseWriter.Write(b)
}

func (s *stream) extend() {
	_ = s.control.SetWriteDeadline(time.Now().Add(streamIdle)) //nolint:forbidigo // as in read
}

// ReadFrom lets the kernel send a file, a step at a time.
func (s *stream) ReadFrom(from io.Reader) (int64, error) {
	var all int64
	for {
		s.extend()
		n, err := copyTo(s.ResponseWriter, io.LimitReader(from, streamStep))
		all += n
		if err != nil || n < streamStep {
			return all, err
		}
	}
}

// Unwrap is for http.ResponseController.
func (s *stream) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// copyTo has the writer read if it can.
func copyTo(w io.Writer, from io.Reader) (int64, error) {
	if r, ok := w.(io.ReaderFrom); ok {
		return r.ReadFrom(from)
	}
	return io.Copy(w, from)
}

// bodyError says why a body did not arrive.
func bodyError(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return errBodyLarge
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return errBodySlow
	}
	return errBodyBroken
}
