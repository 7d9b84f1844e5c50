package sftpserver

import (
	"net/netip"
	"testing"
)

func TestSlotsByNetwork(t *testing.T) {
	s := slots{limits: Limits{PerAddress: 1}.withDefaults(), from: map[netip.Prefix]int{}}
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
		if got := s.take(netip.MustParseAddr(tc.from)); got != tc.want {
			t.Errorf("take(%s) = %v, want %v", tc.from, got, tc.want)
		}
	}
	if !s.take(netip.Addr{}) || s.take(netip.Addr{}) {
		t.Error("clients without an IP address do not count as one")
	}
	s.settle()
	s.give(netip.MustParseAddr("2001:db8::1"))
	if !s.take(netip.MustParseAddr("2001:db8::3")) {
		t.Error("the slot that was given back is not free")
	}
	if s.all != 6 || s.pending != 6 || len(s.from) != 6 {
		t.Errorf("%d in all, %d pending, %v", s.all, s.pending, s.from)
	}
}
