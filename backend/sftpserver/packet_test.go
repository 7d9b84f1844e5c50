package sftpserver

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// all reads packets until there are no more.
func all(from io.Reader) (got []string, err error) {
	r := requestsOf(from)
	for {
		p, err := r.next()
		if err != nil {
			r.release()
			return got, err
		}
		got = append(got, string(p))
	}
}

func TestRequests(t *testing.T) {
	packets := []string{
		"\x01", strings.Repeat("s", 30), strings.Repeat("f", smallPacket-4), strings.Repeat("l", smallPacket-3),
		strings.Repeat("m", maxPacket), "\x02", strings.Repeat("n", 33_000), "\x03",
	}
	stream := []byte{}
	for _, p := range packets {
		stream = append(stream, framed(p)...)
	}
	for name, from := range map[string]io.Reader{
		"at once":     bytes.NewReader(stream),
		"in halves":   iotest.HalfReader(bytes.NewReader(stream)),
		"by bytes":    iotest.OneByteReader(bytes.NewReader(stream)),
		"end with it": iotest.DataErrReader(bytes.NewReader(stream)),
	} {
		got, err := all(from)
		if !slices.Equal(got, packets) || !errors.Is(err, io.EOF) {
			t.Errorf("%s: %d packets, %v", name, len(got), err)
		}
	}
	for name, tc := range map[string]struct {
		stream string
		err    error
	}{
		"nothing":              {"", io.EOF},
		"half a length":        {"\x00\x00", io.ErrUnexpectedEOF},
		"half a packet":        {framed("packet")[:7], io.ErrUnexpectedEOF},
		"half a long packet":   {framed(strings.Repeat("l", 100_000))[:50_000], io.ErrUnexpectedEOF},
		"an empty packet":      {"\x00\x00\x00\x00", errPacketLength},
		"one byte too long":    {framed(strings.Repeat("x", maxPacket+1)), errPacketLength},
		"of four gigabytes":    {"\xff\xff\xff\xff", errPacketLength},
		"another protocol":     {"GET / HTTP/1.1\r\n", errPacketLength},
		"a connection lost":    {framed("packet") + "\x00", io.ErrUnexpectedEOF},
		"nothing after a long": {framed(strings.Repeat("l", 100_000)), io.EOF},
	} {
		if _, err := all(strings.NewReader(tc.stream)); !errors.Is(err, tc.err) {
			t.Errorf("%s: %v, want %v", name, err, tc.err)
		}
	}
}

func framed(packet string) string { return string(packetOf([]byte(packet))) }

// A reader that cannot be read any further says so.
func TestRequestsBroken(t *testing.T) {
	broken := errors.New("broken")
	if _, err := all(io.MultiReader(strings.NewReader(framed("packet")), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

// FuzzRequests reads anything in any pieces: what comes out is what was in it,
// and nothing is longer than it may be.
func FuzzRequests(f *testing.F) {
	f.Add([]byte(framed("packet")+framed("another")), uint8(3))
	f.Add([]byte(framed(strings.Repeat("l", 9000))+"\x00\x00\x00\x01x"), uint8(100))
	f.Add([]byte("\xff\xff\xff\xff"), uint8(1))
	f.Fuzz(func(t *testing.T, data []byte, piece uint8) {
		got, err := all(pieces{bytes.NewReader(data), int(piece) + 1})
		if err == nil {
			t.Fatal("there is no end")
		}
		stream := ""
		for _, p := range got {
			if len(p) == 0 || len(p) > maxPacket {
				t.Errorf("a packet of %d bytes", len(p))
			}
			stream += framed(p)
		}
		if !strings.HasPrefix(string(data), stream) {
			t.Errorf("%q of %q", stream, data)
		}
	})
}

// pieces reads a few bytes at a time.
type pieces struct {
	io.Reader
	size int
}

func (p pieces) Read(b []byte) (int, error) { return p.Reader.Read(b[:min(len(b), p.size)]) }

// FuzzBody reads a packet's fields in any order; it never reads past the end.
func FuzzBody(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x02ab\x80\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x00"), []byte{2, 3})
	f.Add([]byte("\x80\x00\x00\x00\xff\xff\xff\xff"), []byte{3})
	f.Fuzz(func(t *testing.T, data, order []byte) {
		b := body{data: data}
		for _, what := range order {
			left := len(b.data)
			switch what % 4 {
			case 0:
				b.uint32()
			case 1:
				b.uint64()
			case 2:
				b.bytes()
			case 3:
				b.attributes()
			}
			if len(b.data) > left || b.short && len(b.data) > 0 {
				t.Errorf("%d bytes are left of %d, short: %v", len(b.data), left, b.short)
			}
		}
	})
}
