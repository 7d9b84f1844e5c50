package httpapi

import (
	"bytes"
	"errors"
)

var errFraming = errors.New("both Content-Length and Transfer-Encoding in one request")

// A head looks at a request's head as it arrives for the two ways of giving
// the length of the body. Having both is how a request is smuggled past a
// proxy that believes the other one, so a server may refuse it (RFC 9112,
// section 6.1). net/http does not, and hides the second from its handlers.
//
// Of requests sent before the answer to the one before was read, only the
// first is looked at: the guard closes the connection after each body with a
// Transfer-Encoding, which does for the others and for TLS.
type head struct {
	done   bool
	begun  bool // a line that is not empty has been seen
	length bool
	coding bool
	line   [len("transfer-encoding:")]byte // how the present one begins
	n      int                             // bytes in line
}

// ambiguous takes the next bytes and reports whether the head has both.
func (h *head) ambiguous(p []byte) bool {
	for !h.done && len(p) > 0 {
		text, rest, ended := bytes.Cut(p, []byte("\n"))
		h.n += copy(h.line[h.n:], text)
		if ended {
			h.endLine()
		}
		p = rest
	}
	return h.length && h.coding
}

func (h *head) endLine() {
	line := bytes.TrimSuffix(h.line[:h.n], []byte("\r"))
	h.n = 0
	if len(line) == 0 {
		h.done = h.begun
		return
	}
	h.begun = true
	name, _, _ := bytes.Cut(line, []byte(":"))
	switch {
	case bytes.EqualFold(name, []byte("content-length")):
		h.length = true
	case bytes.EqualFold(name, []byte("transfer-encoding")):
		h.coding = true
	}
}
