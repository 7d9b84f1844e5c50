package sftpserver

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestSlotsByNetwork(t *testing.T) {
	s := newSlots(Limits{PerAddress: 1}.withDefaults())
	taken := map[string]*slot{}
	for _, tc := range []struct {
		from string
		want bool
	}{
		{"192.0.2.1", true},
		{"192.0.2.1", false},
		{"192.0.2.2", true},
		{"2001:db8::1", true},
		{"2001:db8::2", false},
		{"2001:db8:0:1::1", true},
		{"fe80::1%eth0", true},
	} {
		got, _ := s.take(netip.MustParseAddr(tc.from), nil)
		if (got != nil) != tc.want {
			t.Errorf("take(%s) = %v, want %v", tc.from, got, tc.want)
		}
		taken[tc.from] = got
	}
	nowhere, _ := s.take(netip.Addr{}, nil)
	if again, _ := s.take(netip.Addr{}, nil); nowhere == nil || again != nil {
		t.Error("clients without an IP address do not count as one")
	}
	s.settle(taken["2001:db8::1"])
	s.give(taken["2001:db8::1"])
	if got, _ := s.take(netip.MustParseAddr("2001:db8::3"), nil); got == nil {
		t.Error("the slot that was given back is not free")
	}
	if s.all != 6 || len(s.pending) != 6 || len(s.from) != 6 {
		t.Errorf("%d in all, %d pending, %v", s.all, len(s.pending), s.from)
	}
}

// One address holds a quarter of the pending slots at most, and when many hold
// them all the oldest gives way.
func TestPendingGivesWay(t *testing.T) {
	s := newSlots(Limits{}.withDefaults())
	var dropped []string
	take := func(from string) (*slot, string) {
		return s.take(netip.MustParseAddr(from), func() { dropped = append(dropped, from) })
	}
	first, _ := take("192.0.2.0")
	s.settle(first) // signed in: nobody drops it
	for i := range 64 {
		if got, limit := take(fmt.Sprintf("192.0.2.%d", 1+i/16)); got == nil || limit != "" {
			t.Fatalf("connection %d: %v, %q", i, got, limit)
		}
	}
	if got, limit := take("192.0.2.1"); got != nil || limit != "pending connections per address" {
		t.Errorf("the 17th of one address: %v, %q", got, limit)
	}
	if got, limit := take("198.51.100.1"); got == nil || limit != "pending connections in all" {
		t.Errorf("a newcomer: %v, %q", got, limit)
	}
	if len(dropped) != 1 || dropped[0] != "192.0.2.1" || len(s.pending) != 64 {
		t.Errorf("dropped %v, %d are pending", dropped, len(s.pending))
	}
}

// Silent connections do not keep people out, and the log says so once.
func TestSilentConnectionsGiveWay(t *testing.T) {
	r := start(t, newWorld(), Limits{Pending: 2})
	var silent []net.Conn
	for i := range 5 {
		nc, err := net.Dial("tcp", r.addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = nc.Close() })
		silent = append(silent, nc)
		if i >= 2 {
			closed(t, silent[i-2])
		}
		r.eventually("it is pending", func() bool { return r.connections() == min(i+1, 2) })
	}
	conn := r.signIn("ann")
	closed(t, silent[3])
	if _, err := r.sftp(conn).Getwd(); err != nil {
		t.Error(err)
	}
	warned := 0
	for line := range strings.Lines(r.log.String()) {
		if strings.Contains(line, "level=WARN") && strings.Contains(line, `limit="pending connections in all"`) {
			warned++
		}
	}
	if warned != 1 {
		t.Errorf("warned %d times, want once:\n%s", warned, r.log)
	}
}

func TestSeldom(t *testing.T) {
	var s seldom
	start := time.Unix(1000, 0)
	for _, tc := range []struct {
		after time.Duration
		want  bool
	}{
		{0, true},
		{0, false},
		{59 * time.Second, false},
		{time.Minute, true},
		{time.Minute + time.Second, false},
		{-time.Hour, true}, // the clock was put back
	} {
		if got := s.due(start.Add(tc.after)); got != tc.want {
			t.Errorf("after %v: %v, want %v", tc.after, got, tc.want)
		}
	}
}
