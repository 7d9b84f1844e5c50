package httpapi

import (
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
)

// A listener bounds the number of open connections. When one too many comes,
// the one that has waited longest for a request is closed, so that neither
// idle clients nor ones that send their head a byte at a time keep others out.
type listener struct {
	net.Listener
	max   int
	plain bool // what connections carry is readable

	turn  atomic.Uint64
	mu    sync.Mutex
	conns map[*conn]bool // the open ones
}

// limit wraps a listener, below TLS if there is a config for it.
func limit(ln net.Listener, most int, config *tls.Config) net.Listener {
	l := &listener{Listener: ln, max: most, plain: config == nil, conns: map[*conn]bool{}}
	if config == nil {
		return l
	}
	return tls.NewListener(l, config)
}

// Accept waits for the next connection and makes room for it.
func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err // as it is: net/http looks at its type
	}
	admitted := &conn{Conn: c, listener: l}
	admitted.wait()
	if victim := l.admit(admitted); victim != nil {
		_ = victim.Close()
	}
	return admitted, nil
}

// admit adds a connection and returns the one to close for it: with every
// other one busy, the new one itself.
func (l *listener) admit(c *conn) (victim *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns[c] = true
	if len(l.conns) <= l.max {
		return nil
	}
	victim = c
	for other := range l.conns {
		if turn := other.turn.Load(); turn != busy && turn < victim.turn.Load() {
			victim = other
		}
	}
	return victim
}

func (l *listener) forget(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, c)
}

// A conn is a connection that the listener counts.
type conn struct {
	net.Conn
	listener *listener
	turn     atomic.Uint64 // since which it waits for a request, or busy
	head     head
	refused  bool
}

// busy stands for the turn of a connection with a request under way.
const busy = 0

func (c *conn) wait() { c.turn.Store(c.listener.turn.Add(1)) }

func (c *conn) Close() error {
	c.listener.forget(c)
	return c.Conn.Close()
}

// Read hides the rest of a request whose head is ambiguous. net/http then
// answers 400 and closes.
func (c *conn) Read(p []byte) (int, error) {
	if c.refused {
		return 0, errFraming
	}
	fresh := c.head == head{}
	n, err := c.Conn.Read(p)
	if !c.listener.plain || !c.head.ambiguous(p[:n]) {
		return n, err
	}
	c.refused = true
	if fresh {
		return min(n, firstPeek), nil
	}
	return 0, errFraming
}

// firstPeek is how many bytes net/http waits for before it takes them for a
// request that deserves an answer.
const firstPeek = 4

// connState follows the state of a connection for its listener. net/http
// calls it between reading requests, never while it reads.
func connState(nc net.Conn, state http.ConnState) {
	if t, ok := nc.(*tls.Conn); ok {
		nc = t.NetConn()
	}
	c, ok := nc.(*conn)
	if !ok {
		return
	}
	switch state {
	case http.StateActive:
		c.turn.Store(busy)
		c.head.done = true
	case http.StateIdle:
		c.wait()
		c.head = head{}
	}
}
