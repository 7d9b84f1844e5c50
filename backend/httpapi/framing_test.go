package httpapi

import (
	"bufio"
	"bytes"
	"net"
	"net/http"
	"strings"
	"testing"
)

func TestHeadInAnyPieces(t *testing.T) {
	const rest = "Host: x\r\nX-Content-Length: 1\r\nTransfer-Encoding-X: 1\r\n"
	for text, want := range map[string]bool{
		"POST / HTTP/1.1\r\n" + rest + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n":         true,
		"POST / HTTP/1.1\r\n" + rest + "TRANSFER-encoding:chunked\r\ncontent-LENGTH:1\r\n\r\n":           true,
		"POST / HTTP/1.1\nContent-Length: 1\nTransfer-Encoding: chunked\n\n":                             true,
		"\r\n\r\nPOST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n":             true,
		"POST / HTTP/1.1\r\n" + rest + "Content-Length: 1\r\n\r\nTransfer-Encoding: chunked\r\n\r\n":     false,
		"POST / HTTP/1.1\r\n" + rest + "Transfer-Encoding: chunked\r\n\r\nContent-Length: 1\r\n":         false,
		"POST /?Content-Length:1 HTTP/1.1\r\nX: Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n": false,
		"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n":                              false,
	} {
		for size := 1; size <= len(text); size++ {
			var h head
			got := false
			for piece := []byte(text); len(piece) > 0; {
				n := min(size, len(piece))
				got = h.ambiguous(piece[:n]) || got
				piece = piece[n:]
			}
			if got != want {
				t.Fatalf("%q in pieces of %d: %v, want %v", text, size, got, want)
			}
		}
	}
}

// A pieceConn gives what it holds in pieces of one size. A real one would
// block when there is no more.
type pieceConn struct {
	net.Conn
	t    *testing.T
	rest []byte
	size int
}

func (c *pieceConn) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		c.t.Errorf("in pieces of %d: waits for more", c.size)
	}
	n := copy(p, c.rest[:min(c.size, len(c.rest))])
	c.rest = c.rest[n:]
	return n, nil
}

func TestAmbiguousRequestsReachNoParser(t *testing.T) {
	const sent = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
	for size := 1; size <= len(sent); size++ {
		c := &conn{Conn: &pieceConn{t: t, rest: []byte(sent), size: size}, listener: &listener{plain: true}}
		if r, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
			t.Errorf("in pieces of %d: %+v", size, r)
		}
	}
}

// FuzzHead compares with net/http: what it takes for a chunked request and
// has a line with a length is ambiguous.
func FuzzHead(f *testing.F) {
	f.Add([]byte("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"))
	f.Add([]byte("POST / HTTP/1.1\nHost: x\ntransfer-encoding:chunked\ncontent-length:\t1\n\n"))
	f.Add([]byte("POST / HTTP/1.1\r\nX: a\r\n Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"))
	f.Fuzz(func(t *testing.T, sent []byte) {
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(sent)))
		if err != nil || len(r.TransferEncoding) == 0 {
			return
		}
		text := strings.ReplaceAll(string(sent), "\r", "")
		text, _, _ = strings.Cut(strings.TrimLeft(text, "\n"), "\n\n")
		has := false
		for line := range strings.SplitSeq(text, "\n") {
			name, _, ok := strings.Cut(line, ":")
			has = has || ok && strings.EqualFold(name, "content-length")
		}
		var h head
		if got := h.ambiguous(sent); got != has {
			t.Errorf("%q: %v, want %v", sent, got, has)
		}
	})
}
