package sftpserver

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

const (
	// patience is how long a client's offer is waited for before ours. Nearly
	// all send theirs at once.
	patience = time.Second
	// maxOffer is how long an offer may be, in bytes (RFC 4253, section 6.1).
	maxOffer = 35_000
	// maxVersion is how long a version may be (section 4.2).
	maxVersion = 255
	msgKexInit = 20
)

// greet sends the server's version and looks at what the client begins with,
// its version and its offer (RFC 4253, sections 4.2 and 7.1). It reports
// whether the client knows AES-GCM in both directions. What is above gets
// everything as if nothing had been read or sent.
func (w *wire) greet(version string) (gcm bool) {
	hello := version + "\r\n"
	if _, err := w.Conn.Write([]byte(hello)); err != nil {
		return false
	}
	w.sent = len(hello)
	over := make(chan struct{})
	t := time.AfterFunc(patience, func() {
		defer close(over)
		_ = w.SetReadDeadline(time.Unix(1, 0))
	})
	defer func() {
		if !t.Stop() {
			<-over
		}
		_ = w.SetReadDeadline(time.Time{})
	}()
	offer, ok := w.lookAhead()
	return ok && knowsGCM(offer)
}

// lookAhead reads the client's version and the packet after it.
func (w *wire) lookAhead() ([]byte, bool) {
	for !bytes.HasSuffix(w.seen, []byte("\n")) {
		if len(w.seen) == maxVersion || !w.see(1) {
			return nil, false
		}
	}
	if !bytes.HasPrefix(w.seen, []byte("SSH-")) || !w.see(4) {
		return nil, false
	}
	length := binary.BigEndian.Uint32(w.seen[len(w.seen)-4:])
	if length > maxOffer || !w.see(int(length)) {
		return nil, false
	}
	return w.seen[len(w.seen)-int(length):], true
}

// see reads n more bytes and keeps what it got.
func (w *wire) see(n int) bool {
	have := len(w.seen)
	w.seen = slices.Grow(w.seen, n)[:have+n]
	got, err := io.ReadFull(w.Conn, w.seen[have:])
	w.seen = w.seen[:have+got]
	return err == nil
}

// knowsGCM reads an offer, with the byte of its padding's length before it.
func knowsGCM(offer []byte) bool {
	b := body{data: offer}
	if head := b.take(2 + 16); head == nil || head[1] != msgKexInit { // with the cookie
		return false
	}
	b.bytes() // key exchanges
	b.bytes() // host keys
	for range 2 {
		known := strings.Split(b.string(), ",")
		if !slices.Contains(known, ssh.CipherAES128GCM) && !slices.Contains(known, ssh.CipherAES256GCM) {
			return false
		}
	}
	return true
}

// Read reads what has been looked at first.
func (w *wire) Read(b []byte) (int, error) {
	if len(w.seen) == 0 {
		return w.Conn.Read(b)
	}
	n := copy(b, w.seen)
	if w.seen = w.seen[n:]; len(w.seen) == 0 {
		w.seen = nil
	}
	return n, nil
}
