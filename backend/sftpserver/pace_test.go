package sftpserver

import (
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"latchkey/backend/identity"
)

// pacedRequests starts what a session reads its requests with, on one end of a pipe.
func pacedRequests(t *testing.T) (*requests, net.Conn) {
	here, there := net.Pipe()
	t.Cleanup(func() { _, _ = here.Close(), there.Close() })
	in := requestsOf(here)
	in.from.spawn = func(f func()) { go f() }
	return in, there
}

// A client that sends two requests for an answer until 64 are under way, as
// OpenSSH's does, has three answers to work on and no more, and gets all of them.
func TestPace(t *testing.T) {
	const answers = 300
	in, client := pacedRequests(t)
	p := &pace{size: answers * maxData, trust: trusted}
	sent := make(chan struct{}, answers)
	go func() {
		asked, under := 1, 1
		ask := func(n int) {
			for range min(n, answers-asked) {
				_, _ = client.Write(packetOf([]byte{pktRead, 0, 0, 0, 0}))
				asked++
			}
		}
		_, _ = client.Write(packetOf([]byte{pktRead, 0, 0, 0, 0}))
		for range sent {
			more := 1
			if under < atOnce {
				under, more = under+1, 2
			}
			time.Sleep(100 * time.Microsecond) // it is slower than the server
			ask(more)
		}
	}()
	for i := range answers {
		if _, err := in.next(); err != nil {
			t.Fatal(err)
		}
		p.wait(in, uint64(i)*maxData, maxData)
		if most := len(sent) + 1; i < answers-atOnce && p.trust == trusted && most > unused {
			t.Errorf("answer %d: %d are unused", i, most)
		}
		sent <- struct{}{}
	}
	close(sent)
}

// Who works otherwise waits a few times and then no more.
func TestPaceGivenUp(t *testing.T) {
	in, client := pacedRequests(t)
	p := &pace{size: 1 << 40, trust: trusted}
	waits := 0
	for i := range 300 { // one at a time
		go func() { _, _ = client.Write(packetOf([]byte{pktRead, 0, 0, 0, 0})) }()
		if _, err := in.next(); err != nil {
			t.Fatal(err)
		}
		before := p.trust
		p.wait(in, uint64(i)*maxData, maxData)
		if p.trust < before {
			waits++
		}
	}
	if p.trust >= 0 || waits > trusted/mistake+1 {
		t.Errorf("%d waits, then trust of %d", waits, p.trust)
	}
	for _, c := range []string{"SSH-2.0-Go", "SSH-2.0-libssh2_1.11.0", ""} {
		if p := (&conn{listed: identity.Session{UserAgent: c}}).paceOf(1); p != nil {
			t.Errorf("%s has a pace", c)
		}
	}
	if p := (&conn{listed: identity.Session{UserAgent: "SSH-2.0-OpenSSH_9.2p1 Debian"}}).paceOf(1); p == nil {
		t.Error("OpenSSH's has none")
	}
	var none *pace
	none.wait(in, 0, maxData)
	(&pace{size: 1 << 40, trust: trusted, answers: 100}).wait(in, 0, paced-1)
}

// What comes while it is waited for is lost neither to the one that waits nor to
// the next one that reads.
func TestAhead(t *testing.T) {
	in, client := pacedRequests(t)
	if in.more(time.Millisecond) || in.ready() != 0 {
		t.Error("something came from a client that sent nothing")
	}
	long := strings.Repeat("l", smallPacket)
	go func() {
		for _, text := range []string{framed("one"), framed("two")[:5], framed("two")[5:] + framed("three"), framed(long)} {
			_, _ = io.WriteString(client, text)
		}
		_ = client.Close()
	}()
	for in.ready() < 3 {
		if !in.more(time.Minute) {
			t.Fatalf("%d came", in.ready())
		}
	}
	for _, want := range []string{"one", "two", "three", long} {
		got, err := in.next()
		if err != nil || string(got) != want {
			t.Fatalf("%q came, %v, want %q", got, err, want)
		}
	}
	if in.more(time.Minute) {
		t.Error("something came after the end")
	}
	for range 2 {
		if _, err := in.next(); !errors.Is(err, io.EOF) {
			t.Errorf("at the end: %v", err)
		}
	}
}

// Where there is no room for more requests nothing is waited for.
func TestAheadFull(t *testing.T) {
	in, client := pacedRequests(t)
	go func() {
		_, _ = io.WriteString(client, framed(strings.Repeat("f", smallPacket-4))+framed("more"))
	}()
	for len(in.data) < len(in.small) {
		if !in.more(time.Minute) {
			t.Fatal("nothing came")
		}
	}
	if in.more(time.Minute) || in.ready() != 1 {
		t.Errorf("%d are ready", in.ready())
	}
}
