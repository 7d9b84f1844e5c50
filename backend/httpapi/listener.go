package httpapi

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
)

// A listener bounds the number of open connections, in all and from one
// address. When one too many comes, the one that has waited longest for a
// whole request, of that address if it has too many, is closed, so that neither
// idle clients nor ones that send a byte at a time keep others out.
type listener struct {
	net.Listener
	shares shares
	plain  bool // what connections carry is readable

	turn  atomic.Uint64
	mu    sync.Mutex
	conns map[*conn]bool // the open ones
	count map[netip.Prefix]int
}

// limit wraps a listener, below TLS if there is a config for it.
func limit(ln net.Listener, s shares, config *tls.Config) net.Listener {
	l := &listener{Listener: ln, shares: s, plain: config == nil, conns: map[*conn]bool{}, count: map[netip.Prefix]int{}}
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
	if victim := l.admit(admitted, peerAddr(c)); victim != nil {
		_ = victim.Close()
	}
	return admitted, nil
}

// admit adds a connection and returns the one to close for it: with every
// other one busy, the new one itself.
func (l *listener) admit(c *conn, from netip.Addr) (victim *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var most int
	c.source, most = l.shares.of(from)
	l.conns[c] = true
	l.count[c.source]++
	crowded := l.count[c.source] > most
	if !crowded && len(l.conns) <= l.shares.all {
		return nil
	}
	victim = c
	for other := range l.conns {
		if crowded && other.source != c.source {
			continue
		}
		if turn := other.turn.Load(); turn != busy && turn < victim.turn.Load() {
			victim = other
		}
	}
	return victim
}

func (l *listener) forget(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.conns[c] {
		return // net/http closes more than once
	}
	delete(l.conns, c)
	if l.count[c.source]--; l.count[c.source] == 0 {
		delete(l.count, c.source)
	}
}

// A conn is a connection that the listener counts.
type conn struct {
	net.Conn
	listener *listener
	source   netip.Prefix  // that it is counted under
	turn     atomic.Uint64 // since which it waits for a whole request, or busy
	head     head
	refused  bool
}

// busy stands for the turn of a connection whose request is being served.
const busy = 0

func (c *conn) wait() { c.turn.Store(c.listener.turn.Add(1)) }

func (c *conn) work() { c.turn.Store(busy) }

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
	c := connOf(nc)
	switch state {
	case http.StateActive:
		c.head.done = true
	case http.StateIdle:
		c.wait()
		c.head = head{}
	}
}

// connOf returns what the listener accepted, from below TLS if need be.
func connOf(nc net.Conn) *conn {
	if t, ok := nc.(*tls.Conn); ok {
		nc = t.NetConn()
	}
	c, _ := nc.(*conn)
	return c
}
