package sftpserver

import (
	"encoding/binary"
	"errors"
	"io"
	"sync"
	"time"
)

// What is sent and taken at most, in bytes.
const (
	maxPacket = 256 << 10        // without the word of its length
	maxData   = maxPacket - 1024 // of a file, in one request or answer
)

// A kind is what a packet is (draft-ietf-secsh-filexfer-02, section 3).
type kind = byte

const (
	pktInit kind = iota + 1
	pktVersion
	pktOpen
	pktClose
	pktRead
	pktWrite
	pktLstat
	pktFstat
	pktSetstat
	pktFsetstat
	pktOpendir
	pktReaddir
	pktRemove
	pktMkdir
	pktRmdir
	pktRealpath
	pktStat
	pktRename
	pktReadlink
	pktSymlink
)

const (
	pktStatus kind = iota + 101
	pktHandle
	pktData
	pktName
	pktAttrs
)

const (
	pktExtended kind = iota + 200
	pktExtendedReply
)

// buffers are for packets too long for the buffer of a session, so that one
// that is idle holds little.
type buffers struct{ pool sync.Pool }

type buffer [4 + maxPacket]byte

func (b *buffers) take() *buffer {
	if got, ok := b.pool.Get().(*buffer); ok {
		return got
	}
	return new(buffer)
}

func (b *buffers) give(used *buffer) {
	if used != nil {
		b.pool.Put(used)
	}
}

// smallPacket bounds the packets that a session has a buffer of its own for. It
// is also how much is read at once when nothing is known of what comes next, so
// that the content of a long packet is copied once.
const smallPacket = 4 << 10

var errPacketLength = errors.New("a packet of a length that no client sends")

// requests reads packets from a stream.
type requests struct {
	from    ahead
	buffers *buffers
	// waiting is called before each reading, as it may wait.
	waiting func()

	small [smallPacket]byte
	data  []byte  // in small, what has come and has not been taken
	large *buffer // of the packet that was taken last, if it was a long one
}

// next returns the next packet without its length. It is good until the next
// call. At the end of the stream the error is io.EOF; within a packet it is
// io.ErrUnexpectedEOF.
func (r *requests) next() ([]byte, error) {
	r.release()
	if err := r.fill(4); err != nil {
		return nil, err
	}
	length := binary.BigEndian.Uint32(r.data)
	if length == 0 || length > maxPacket {
		return nil, errPacketLength
	}
	end := 4 + int(length)
	if end > smallPacket {
		return r.long(end)
	}
	if err := r.fill(end); err != nil {
		return nil, unexpected(err)
	}
	packet := r.data[4:end:end]
	r.data = r.data[end:]
	return packet, nil
}

// fill reads until there are n bytes. Usually there are already, or none at
// all; only the beginning of a packet is moved.
func (r *requests) fill(n int) error {
	if len(r.data) >= n {
		return nil
	}
	have := copy(r.small[:], r.data)
	for have < n {
		r.waiting()
		got, err := r.from.Read(r.small[have:])
		have += got
		r.data = r.small[:have]
		if err != nil && have < n {
			if have > 0 {
				err = unexpected(err)
			}
			return err
		}
	}
	return nil
}

// more reads what comes within a time, and reports whether something did. What
// next returned last is good no more. There may be no room for more, which is as
// if nothing had come.
func (r *requests) more(within time.Duration) bool {
	have := copy(r.small[:], r.data)
	r.data = r.small[:have]
	if have == len(r.small) {
		return false
	}
	r.waiting()
	if !r.from.wait(within) {
		return false
	}
	got, err := r.from.Read(r.small[have:])
	r.data = r.small[:have+got]
	return err == nil
}

// ready is how many packets have come and have not been taken, as far as they
// have been read.
func (r *requests) ready() (n int) {
	for left := r.data; len(left) >= 4; n++ {
		end := 4 + uint64(binary.BigEndian.Uint32(left))
		if uint64(len(left)) < end {
			break
		}
		left = left[end:]
	}
	return n
}

// long reads the rest of a packet of which the beginning is there, and no byte
// more.
func (r *requests) long(end int) ([]byte, error) {
	r.large = r.buffers.take()
	have := copy(r.large[:end], r.data)
	r.data = r.data[have:]
	for have < end {
		r.waiting()
		got, err := r.from.Read(r.large[have:end])
		have += got
		if err != nil && have < end {
			return nil, unexpected(err)
		}
	}
	return r.large[4:end:end], nil
}

// release gives back what the last packet took.
func (r *requests) release() {
	r.buffers.give(r.large)
	r.large = nil
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// A body is what is left to read of a packet. Reading past its end is
// remembered and gives zeros.
type body struct {
	data  []byte
	short bool
}

func (b *body) take(n int) []byte {
	if n > len(b.data) {
		b.short, b.data = true, nil
		return nil
	}
	got := b.data[:n:n]
	b.data = b.data[n:]
	return got
}

func (b *body) uint32() uint32 {
	if got := b.take(4); got != nil {
		return binary.BigEndian.Uint32(got)
	}
	return 0
}

func (b *body) uint64() uint64 {
	if got := b.take(8); got != nil {
		return binary.BigEndian.Uint64(got)
	}
	return 0
}

// bytes reads a string without copying it.
func (b *body) bytes() []byte {
	n := b.uint32()
	if uint64(n) > uint64(len(b.data)) {
		b.short, b.data = true, nil
		return nil
	}
	return b.take(int(n))
}

func (b *body) string() string { return string(b.bytes()) }
