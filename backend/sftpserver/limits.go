package sftpserver

import (
	"cmp"
	"net/netip"
	"sync"
	"time"
)

// Limits bounds what clients can take. A zero field means its default.
type Limits struct {
	Connections int // at once, in all; 256
	Pending     int // of those, not yet signed in; 64
	PerAddress  int // of all, from one address, or one /64 of IPv6; 32
	Channels    int // at once on a connection; 8
	Handles     int // open files and folders on a connection; 128
	AuthTries   int // failed sign-ins on a connection; 6

	Handshake time.Duration // from accepting to being signed in; 30 s
	Idle      time.Duration // without SFTP traffic; 15 min
	Total     time.Duration // of a connection; 12 h
	Drain     time.Duration // for transfers to end when the server stops; 10 s
	Recheck   time.Duration // how soon a change reaches an idle connection; 100 ms
}

func (l Limits) withDefaults() Limits {
	return Limits{
		Connections: cmp.Or(l.Connections, 256),
		Pending:     cmp.Or(l.Pending, 64),
		PerAddress:  cmp.Or(l.PerAddress, 32),
		Channels:    cmp.Or(l.Channels, 8),
		Handles:     cmp.Or(l.Handles, 128),
		AuthTries:   cmp.Or(l.AuthTries, 6),
		Handshake:   cmp.Or(l.Handshake, 30*time.Second),
		Idle:        cmp.Or(l.Idle, 15*time.Minute),
		Total:       cmp.Or(l.Total, 12*time.Hour),
		Drain:       cmp.Or(l.Drain, 10*time.Second),
		Recheck:     cmp.Or(l.Recheck, 100*time.Millisecond),
	}
}

// slots counts the connections there are.
type slots struct {
	limits Limits

	mu      sync.Mutex
	all     int
	pending int
	from    map[netip.Prefix]int
}

// take takes a slot for a connection that has not signed in, or reports that
// there is none.
func (s *slots) take(from netip.Addr) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all >= s.limits.Connections || s.pending >= s.limits.Pending || s.from[network(from)] >= s.limits.PerAddress {
		return false
	}
	s.all++
	s.pending++
	s.from[network(from)]++
	return true
}

// settle says that a connection is not pending any more, whether or not it
// goes on.
func (s *slots) settle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending--
}

// give gives back the slot of a connection that is not pending.
func (s *slots) give(from netip.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all--
	n := network(from)
	if s.from[n]--; s.from[n] == 0 {
		delete(s.from, n)
	}
}

// network is what one client has all addresses of.
func network(a netip.Addr) netip.Prefix {
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits) // the zero Prefix for what is no IP address
	return p
}
