package sftpserver

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"
)

// A counter is a connection that remembers what was written, and in how many
// calls.
type counter struct {
	net.Conn
	mu     sync.Mutex
	got    []byte
	calls  int
	failed error
}

func (c *counter) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failed != nil {
		return 0, c.failed
	}
	c.got, c.calls = append(c.got, b...), c.calls+1
	return len(b), nil
}

func (c *counter) state() (string, int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return string(c.got), c.calls
}

func TestWireHolds(t *testing.T) {
	c := &counter{}
	w := newWire(c, &buffers{})
	say := func(s string) {
		t.Helper()
		if n, err := w.Write([]byte(s)); n != len(s) || err != nil {
			t.Errorf("Write = %d, %v", n, err)
		}
	}
	want := func(content string, calls int) {
		t.Helper()
		if got, n := c.state(); got != content || n != calls {
			t.Errorf("%d bytes in %d calls, want %d in %d", len(got), n, len(content), calls)
		}
	}
	say("a")
	want("a", 1) // nothing is held outside of answers
	w.hold()
	w.overdue.Stop() // the test says when it is due
	say("b")
	w.hold() // another channel answers meanwhile
	say("c")
	w.release()
	want("a", 1)
	w.release()
	want("abc", 2)

	w.hold()
	w.overdue.Stop()
	say("d")
	w.hurry()
	want("abcd", 3)
	say("e") // what follows of an answer that is late is not held again
	want("abcde", 4)
	w.release()
	want("abcde", 4)

	long := strings.Repeat("f", len(buffer{})-1)
	w.hold()
	w.overdue.Stop()
	say(long)
	say("gg") // no more room
	w.release()
	want("abcde"+long+"gg", 6)
	w.hold()
	w.overdue.Stop()
	say("h")
	say(long + "123") // never any room
	w.release()
	want("abcde"+long+"ggh"+long+"123", 8)

	c.failed = io.ErrClosedPipe
	w.hold()
	w.overdue.Stop()
	say("i")
	w.hurry()
	if _, err := w.Write([]byte("j")); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("after a failure: %v", err)
	}
	w.release()
}

// A client that makes room for little at a time gets all of a long answer.
func TestSmallWindow(t *testing.T) {
	r := start(t, newWorld(), Limits{})
	content := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	conn := r.signIn("ann")
	r.write(r.home("ann", "f"), string(content))
	ch, reqs, err := conn.OpenChannel("session", nil)
	if err != nil {
		t.Fatal(err)
	}
	go ssh.DiscardRequests(reqs)
	if ok, err := ch.SendRequest("subsystem", true, ssh.Marshal(struct{ N string }{"sftp"})); !ok || err != nil {
		t.Fatal(ok, err)
	}
	sent := append(packet(pktInit, uint32(3)), packet(pktOpen, uint32(0), "/f", uint32(openRead), uint32(0))...)
	for range 20 { // more than the window of the client, which does not read yet
		sent = append(sent, packet(pktRead, uint32(1), "1", uint64(0), uint32(maxData))...)
	}
	if _, err := ch.Write(sent); err != nil {
		t.Fatal(err)
	}
	in := requestsOf(ch)
	for i := range 22 {
		p, err := in.next()
		if err != nil {
			t.Fatal(err)
		}
		if i >= 2 && !bytes.Equal(p[9:], content[:maxData]) {
			t.Errorf("answer %d has %d bytes of kind %d", i, len(p), p[0])
		}
	}
	in.release()
}
