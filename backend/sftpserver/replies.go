package sftpserver

import (
	"encoding/binary"
	"io"
)

// replies gathers answers and sends them together: when the next request is
// waited for, or when there is no more room.
type replies struct {
	to      io.Writer
	buffers *buffers

	buffer *buffer // nil while there is nothing to send
	used   int
	begun  int   // where the answer that is being written begins
	failed error // the first failure to send; nothing is sent after it
}

// begin begins an answer for which n bytes are enough, kind and length
// included; they must not be more than a packet has.
func (r *replies) begin(k kind, n int) {
	if r.buffer != nil && r.used+4+n > len(r.buffer) {
		r.flush()
	}
	if r.buffer == nil {
		r.buffer, r.used = r.buffers.take(), 0
	}
	r.begun = r.used
	r.used += 4
	r.byte(k)
}

// end ends the answer.
func (r *replies) end() {
	binary.BigEndian.PutUint32(r.buffer[r.begun:], uint32(r.used-r.begun-4))
}

func (r *replies) byte(v byte) {
	r.buffer[r.used] = v
	r.used++
}

func (r *replies) uint32(v uint32) {
	binary.BigEndian.PutUint32(r.buffer[r.used:], v)
	r.used += 4
}

func (r *replies) uint64(v uint64) {
	binary.BigEndian.PutUint64(r.buffer[r.used:], v)
	r.used += 8
}

func (r *replies) string(v string) {
	r.uint32(uint32(len(v)))
	r.used += copy(r.buffer[r.used:], v)
}

// flush sends what has been gathered.
func (r *replies) flush() {
	if r.buffer == nil {
		return
	}
	if r.failed == nil {
		_, r.failed = r.to.Write(r.buffer[:r.used])
	}
	r.release()
}

func (r *replies) release() {
	r.buffers.give(r.buffer)
	r.buffer = nil
}

// status answers with a code and a sentence.
func (r *replies) status(id uint32, code status, text string) {
	r.begin(pktStatus, 1+4+4+4+len(text)+4)
	r.uint32(id)
	r.uint32(uint32(code))
	r.string(text)
	r.string("") // the language
	r.end()
}

// handle answers with the name of something that has been opened.
func (r *replies) handle(id uint32, name string) {
	r.begin(pktHandle, 1+4+4+len(name))
	r.uint32(id)
	r.string(name)
	r.end()
}

// data answers with what read puts into a space of n bytes, straight into the
// packet that goes out. If that is nothing there is no answer.
func (r *replies) data(id uint32, n int, read func([]byte) (int, error)) (int, error) {
	const head = 1 + 4 + 4
	r.begin(pktData, head+n)
	r.uint32(id)
	got, err := read(r.buffer[r.used+4 : r.used+4+n])
	if got == 0 {
		r.used = r.begun
		return 0, err
	}
	r.uint32(uint32(got))
	r.used += got
	r.end()
	return got, nil
}
