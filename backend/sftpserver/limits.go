package sftpserver

import (
	"cmp"
	"net/netip"
	"slices"
	"sync"
	"time"

	"latchkey/backend/identity"
)

// Limits bounds what clients can take. A zero field means its default.
type Limits struct {
	Connections int // at once, in all; 256
	Pending     int // of those, not yet signed in; the oldest gives way; 64
	PerAddress  int // of all, from one address, or one /64 of IPv6; 32
	PerUser     int // of all, of one account that has signed in; 16
	Channels    int // at once on a connection; 4
	Handles     int // open files and folders on a connection; 128
	AuthTries   int // failed sign-ins on a connection; 6
	// PendingPerAddress is Pending for one address; 16.
	PendingPerAddress int

	Handshake time.Duration // from accepting to being signed in; 30 s
	Start     time.Duration // from opening a session to starting SFTP on it; 15 s
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
		PerUser:     cmp.Or(l.PerUser, 16),
		Channels:    cmp.Or(l.Channels, 4),
		Handles:     cmp.Or(l.Handles, 128),
		AuthTries:   cmp.Or(l.AuthTries, 6),

		PendingPerAddress: cmp.Or(l.PendingPerAddress, 16),
		Handshake:         cmp.Or(l.Handshake, 30*time.Second),
		Start:             cmp.Or(l.Start, 15*time.Second),
		Idle:              cmp.Or(l.Idle, 15*time.Minute),
		Total:             cmp.Or(l.Total, 12*time.Hour),
		Drain:             cmp.Or(l.Drain, 10*time.Second),
		Recheck:           cmp.Or(l.Recheck, 100*time.Millisecond),
	}
}

// slots holds the connections there are.
type slots struct {
	limits Limits

	mu      sync.Mutex
	all     int
	pending []*slot // the oldest first
	from    map[netip.Prefix]int
	of      map[identity.UserID]int
}

func newSlots(l Limits) slots {
	return slots{limits: l, from: map[netip.Prefix]int{}, of: map[identity.UserID]int{}}
}

// A slot is the place of a connection.
type slot struct {
	from netip.Prefix
	drop func()          // ends the connection
	user identity.UserID // who has signed in; 0: nobody
}

// take takes a slot for a connection that has not signed in, and returns nil
// if there is none. Where only pending ones are in the way the oldest is
// dropped, so that those who stay silent keep nobody out. reached names the
// limit that is the reason for either, or is "".
func (s *slots) take(from netip.Addr, drop func()) (taken *slot, reached string) {
	taken, oldest, reached := s.enter(&slot{from: network(from), drop: drop})
	if oldest != nil {
		oldest.drop()
	}
	return taken, reached
}

func (s *slots) enter(sl *slot) (taken, oldest *slot, reached string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.all >= s.limits.Connections:
		return nil, nil, "connections in all"
	case s.from[sl.from] >= s.limits.PerAddress:
		return nil, nil, "connections per address"
	case s.pendingFrom(sl.from) >= s.limits.PendingPerAddress:
		return nil, nil, "pending connections per address"
	case len(s.pending) >= s.limits.Pending:
		oldest, reached = s.pending[0], "pending connections in all"
		s.pending = slices.Delete(s.pending, 0, 1)
	}
	s.all++
	s.from[sl.from]++
	s.pending = append(s.pending, sl)
	return sl, oldest, reached
}

func (s *slots) pendingFrom(from netip.Prefix) int {
	n := 0
	for _, sl := range s.pending {
		if sl.from == from {
			n++
		}
	}
	return n
}

// settle says that a connection is not pending any more, whether or not it
// goes on.
func (s *slots) settle(sl *slot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending = slices.DeleteFunc(s.pending, func(other *slot) bool { return other == sl })
}

// assign says whose connection it is, unless they have too many already.
func (s *slots) assign(sl *slot, user identity.UserID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of[user] >= s.limits.PerUser {
		return false
	}
	s.of[user]++
	sl.user = user
	return true
}

// give gives back the slot of a connection that is not pending.
func (s *slots) give(sl *slot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all--
	if s.from[sl.from]--; s.from[sl.from] == 0 {
		delete(s.from, sl.from)
	}
	if sl.user == 0 {
		return
	}
	if s.of[sl.user]--; s.of[sl.user] == 0 {
		delete(s.of, sl.user)
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
