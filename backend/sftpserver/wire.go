package sftpserver

import (
	"net"
	"sync"
	"time"
)

// holdTime is how long a wire holds something back.
const holdTime = 2 * time.Millisecond

// A wire is the connection below SSH. While an answer is being written it
// gathers the packets that it consists of, so that they take one call of the
// system, and the other side is woken once. That is worth half as much again
// when a client downloads.
//
// What is held is sent soon in any case, because the answer may be waiting for
// the client to make room for more, which it does only when it has got the
// first part.
type wire struct {
	net.Conn
	seen []byte // of what the client sent, before it is read
	sent int    // bytes of what will be written that have been sent already

	mu      sync.Mutex
	writers int // answers that are being written
	overdue *time.Timer
	buffers *buffers
	buffer  *buffer // while something is held
	held    []byte  // in buffer
	failed  error   // the first failure to send what was held
}

func newWire(nc net.Conn, b *buffers) *wire {
	w := &wire{Conn: nc, buffers: b}
	w.overdue = time.AfterFunc(time.Hour, w.hurry)
	w.overdue.Stop()
	return w
}

// hold begins an answer.
func (w *wire) hold() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.writers++; w.writers == 1 && w.failed == nil {
		w.buffer = w.buffers.take()
		w.held = w.buffer[:0]
		w.overdue.Reset(holdTime)
	}
}

// release ends an answer, and sends what is held unless there are others.
func (w *wire) release() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.writers--; w.writers == 0 {
		w.overdue.Stop()
		w.pass()
	}
}

// hurry sends what is held, and what follows of the answers at once.
func (w *wire) hurry() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pass()
}

func (w *wire) pass() {
	w.send()
	w.buffers.give(w.buffer)
	w.buffer, w.held = nil, nil
}

func (w *wire) send() {
	if len(w.held) > 0 && w.failed == nil {
		_, w.failed = w.Conn.Write(w.held)
	}
	w.held = w.held[:0]
}

// Write sends, or holds back.
func (w *wire) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.sent > 0 {
		n := min(w.sent, len(b))
		w.sent -= n
		return n, nil
	}
	if len(w.held)+len(b) > cap(w.held) {
		w.send()
	}
	switch {
	case w.failed != nil:
		return 0, w.failed
	case len(b) > cap(w.held):
		return w.Conn.Write(b)
	}
	w.held = append(w.held, b...)
	return len(b), nil
}
