package sftpserver

import (
	"encoding/binary"
	"io"
	"sync"
)

// A wire carries the packets of one session, a request at a time: the next one
// can be read when the last one has been answered. pkg/sftp handles requests on
// several goroutines, which race when a client uses a handle before it was told
// of it; that ended the process, so no client may. It also keeps writes in
// their order, as appending needs.
//
// Reads and writes tell of traffic. Signs of life and key exchanges do not come
// by here, so they keep no idle connection open.
type wire struct {
	io.ReadWriteCloser
	touch func()

	asked    bool // a whole request was read and its answer is awaited
	in, out  framing
	answered chan struct{}
	broken   chan struct{}
	once     sync.Once
}

func newWire(rw io.ReadWriteCloser, touch func()) *wire {
	return &wire{ReadWriteCloser: rw, touch: touch, answered: make(chan struct{}, 1), broken: make(chan struct{})}
}

func (w *wire) Read(b []byte) (int, error) {
	if w.asked {
		select {
		case <-w.answered:
		case <-w.broken:
			return 0, io.ErrClosedPipe
		}
	}
	w.touch()
	n, err := w.ReadWriteCloser.Read(b)
	w.asked = w.in.pass(b[:n])
	return n, err
}

func (w *wire) Write(b []byte) (int, error) {
	w.touch()
	n, err := w.ReadWriteCloser.Write(b)
	switch {
	case err != nil:
		w.breakOff()
	case w.out.pass(b):
		select {
		case w.answered <- struct{}{}:
		case <-w.broken:
		}
	}
	return n, err
}

func (w *wire) Close() error {
	w.breakOff()
	return w.ReadWriteCloser.Close()
}

func (w *wire) breakOff() { w.once.Do(func() { close(w.broken) }) }

// framing follows the packets in a stream: four bytes of length, then as many
// bytes (draft-ietf-secsh-filexfer-02, section 3).
type framing struct {
	head []byte
	left uint32
}

// pass takes the next bytes of the stream and reports whether a packet ends
// with them. No read or write of pkg/sftp crosses the end of a packet.
func (f *framing) pass(b []byte) bool {
	if n := min(len(b), 4-len(f.head)); n > 0 {
		f.head, b = append(f.head, b[:n]...), b[n:]
		if len(f.head) < 4 {
			return false
		}
		f.left = binary.BigEndian.Uint32(f.head)
	}
	f.left -= uint32(min(len(b), int(f.left)))
	if f.left > 0 {
		return false
	}
	f.head = f.head[:0]
	return true
}
