package alist

import (
	"encoding/json"
	"net/netip"
	"slices"
	"testing"
)

func TestMask(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"10.1.2.6", "10.*.*.6"},
		{"203.0.113.250", "203.*.*.250"},
		{"2001:db8:1::77", "2001:*:*:*::77"},
		{"2001:db8::", "2001:*:*:*::"},
		{"::1", ":*:*:*::1"},
		{"fe80::1%eth0", "fe80:*:*:*::1"},
	} {
		if got := mask(netip.MustParseAddr(tc.in)); got != tc.want {
			t.Errorf("mask(%s) = %q, want %q", tc.in, got, tc.want)
		}
	}
	if got := mask(netip.Addr{}); got != "" {
		t.Errorf("mask of no address = %q", got)
	}
}

func TestRoleIDs(t *testing.T) {
	for _, tc := range []struct {
		in   string
		want roleIDs
		ok   bool
	}{
		{`[3,4]`, roleIDs{3, 4}, true},
		{`3`, roleIDs{3}, true},
		{`[]`, roleIDs{}, true},
		{`"3"`, nil, false},
		{`[[3]]`, nil, false},
		{`{}`, nil, false},
	} {
		var got roleIDs
		err := json.Unmarshal([]byte(tc.in), &got)
		if (err == nil) != tc.ok || tc.ok && !slices.Equal(got, tc.want) {
			t.Errorf("roles %s = %v, %v; want %v, ok %v", tc.in, got, err, tc.want, tc.ok)
		}
	}
}
