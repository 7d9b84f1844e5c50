package sftpserver

import (
	"io"
	"strings"
	"time"
)

// OpenSSH's client that downloads begins with one request, and sends two when it
// has used up an answer until 64 are under way, of 255 KiB each. The window of
// its SSH channel has room for eight answers. The process that fills it lets its
// buffer grow by as much as one packet, and copies all of it each time, so the
// more of the window is used, the longer a file takes; up to twice as long as
// with three answers, of which there is always one to work on. So an answer
// waits while three are unused, which shows in the requests that have come.
const (
	// atOnce is how many requests the client has under way.
	atOnce = 64
	// unused is how many answers may be on their way to the client.
	unused = 3
	// paced is the least size of an answer that waits. Clients that ask for less
	// at once than OpenSSH's does have other habits.
	paced = 128 << 10
	// nearTime is how long it takes from an answer to a request where the client
	// is in the same house. What is further away needs more on its way.
	nearTime = 2 * time.Millisecond
	// useTime is how much longer an answer waits at most.
	useTime = 8 * time.Millisecond
	// trusted and mistake are how a pace loses its trust that requests come as
	// expected and soon: one that does not outweighs some that did.
	trusted, mistake = 32, 4
)

// A pace is that of the answers from one file.
type pace struct {
	size    int64 // of the file
	answers int
	trust   int
}

// paceOf returns the pace for a file of a size. For other clients it is nil.
func (c *conn) paceOf(size int64) *pace {
	if !strings.HasPrefix(c.listed.UserAgent, "SSH-2.0-OpenSSH_") {
		return nil
	}
	return &pace{size: size, trust: trusted}
}

// wait waits until it is time for an answer of n bytes from an offset.
func (p *pace) wait(in *requests, off uint64, n int) {
	if p == nil || n < paced || p.trust < 0 {
		return
	}
	for here := in.ready() + 1; p.under(here)-here >= unused; here = in.ready() + 1 {
		if off+uint64(here)*uint64(n) >= uint64(p.size) {
			break // these were the last ones
		}
		if in.more(nearTime) {
			p.trust = min(p.trust+1, trusted)
			continue
		}
		if p.trust -= mistake; p.trust < 0 || !in.more(useTime) {
			break
		}
	}
	p.answers++
}

// under is how many requests the client has under way when here of them wait
// for an answer.
func (p *pace) under(here int) int { return min((p.answers+here+1)/2, atOnce) }

// ahead is a reader that can be waited for, for a time.
type ahead struct {
	io.Reader
	// spawn runs a reading that is waited for.
	spawn func(func())

	buffer []byte
	coming chan arrival // not nil while there is a reading, into buffer
	came   []byte       // in buffer, before err
	err    error
}

type arrival struct {
	n   int
	err error
}

// wait reports whether there is something to read within a time.
func (a *ahead) wait(within time.Duration) bool {
	if len(a.came) > 0 || a.err != nil {
		return true
	}
	if a.coming == nil {
		a.begin()
	}
	late := time.NewTimer(within)
	defer late.Stop()
	select {
	case got := <-a.coming:
		a.end(got)
		return true
	case <-late.C:
		return false
	}
}

func (a *ahead) begin() {
	if a.buffer == nil {
		a.buffer = make([]byte, smallPacket)
	}
	coming := make(chan arrival, 1)
	a.coming = coming
	a.spawn(func() {
		got := arrival{err: io.ErrUnexpectedEOF} // of a reader that panics
		defer func() { coming <- got }()
		got.n, got.err = a.Reader.Read(a.buffer)
	})
}

func (a *ahead) end(got arrival) { a.coming, a.came, a.err = nil, a.buffer[:got.n], got.err }

// Read reads what came while it was waited for, and then what comes.
func (a *ahead) Read(b []byte) (int, error) {
	if a.coming != nil {
		a.end(<-a.coming)
	}
	if len(a.came) > 0 {
		n := copy(b, a.came)
		a.came = a.came[n:]
		return n, nil
	}
	if a.err != nil {
		return 0, a.err
	}
	return a.Reader.Read(b)
}
