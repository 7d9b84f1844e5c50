package identity_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"latchkey/backend/identity"
)

func TestParseAddressPatterns(t *testing.T) {
	for in, want := range map[string]string{
		"192.0.2.7":                      "192.0.2.7",
		" 192.0.2.0/24 , !192.0.2.7":     "192.0.2.0/24,!192.0.2.7",
		"10.0.*":                         "10.0.*",
		"*":                              "*",
		"!*":                             "!*",
		"192.168.?.1":                    "192.168.?.1",
		"2001:DB8::/32,2001:db8:0::1":    "2001:db8::/32,2001:db8::1",
		"::ffff:192.0.2.7":               "192.0.2.7",
		"2001:db8:*":                     "2001:db8:*",
		"":                               "",
		",":                              "",
		"192.0.2.0/24,":                  "",
		"192.0.2.7/24":                   "", // bits beyond the prefix: which did they mean?
		"192.0.2.0/33":                   "",
		"::ffff:192.0.2.0/120":           "",
		"fe80::1%eth0":                   "",
		"!!192.0.2.7":                    "",
		"192.0.2.256":                    "",
		"beef*":                          "",
		"192.0.2.[0-9]":                  "",
		`192.0.\*`:                       "",
		"*.example.com":                  "",
		"nas":                            "",
		strings.Repeat("1.1.1.1,", 64):   "",
		strings.Repeat("*", 5000):        "",
		"10.0.0.1 10.0.0.2":              "",
		"10.0.0.1\x00":                   "",
		strings.Repeat("*.", 40) + "1.1": "",
	} {
		got, err := identity.ParseAddressPatterns(in)
		if string(got) != want || (err == nil) != (want != "") {
			t.Errorf("ParseAddressPatterns(%q) = %q, %v, want %q", in, got, err, want)
		}
		if err != nil && identity.KindOf(err) != identity.Invalid {
			t.Errorf("ParseAddressPatterns(%q): %v", in, err)
		}
	}
	_, err := identity.ParseAddressPatterns("10.0.0.1,*.example.com")
	if e := identity.AsError(err); e.Code != "ssh_key_from_host" || !strings.Contains(e.Message, `"*.example.com"`) {
		t.Errorf("a host: %v", err)
	}
}

// As sshd judges them: a negation wins wherever it stands, and negations alone
// match nothing.
func TestAddressPatternsMatch(t *testing.T) {
	for _, tc := range []struct {
		patterns, from string
		want           bool
	}{
		{"192.0.2.7", "192.0.2.7", true},
		{"192.0.2.7", "192.0.2.70", false},
		{"192.0.2.7", "::ffff:192.0.2.7", true},
		{"192.0.2.0/24", "192.0.2.255", true},
		{"192.0.2.0/24", "192.0.3.1", false},
		{"192.0.2.0/24,!192.0.2.7", "192.0.2.7", false},
		{"!192.0.2.7,192.0.2.0/24", "192.0.2.7", false},
		{"!192.0.2.7,192.0.2.0/24", "192.0.2.8", true},
		{"!192.0.2.7", "192.0.2.8", false},
		{"*,!10.*", "10.1.2.3", false},
		{"*,!10.*", "11.1.2.3", true},
		{"10.0.*", "10.0.5.6", true},
		{"10.0.*", "110.0.5.6", false},
		{"192.168.?.1", "192.168.1.1", true},
		{"192.168.?.1", "192.168.10.1", false},
		{"2001:db8::/32", "2001:db8:1::1", true},
		{"2001:db8::/32", "192.0.2.1", false},
		{"0.0.0.0/0", "2001:db8::1", false},
		{"::/0", "192.0.2.1", false},
		{"2001:db8:*", "2001:db8::1", true},
		{"fe80::/10", "fe80::1%eth0", true},
		{"*", "", false},
		{"0.0.0.0/0,::/0", "", false},
	} {
		p, err := identity.ParseAddressPatterns(tc.patterns)
		if err != nil {
			t.Fatal(err)
		}
		var from netip.Addr
		if tc.from != "" {
			from = netip.MustParseAddr(tc.from)
		}
		if got := p.Match(from); got != tc.want {
			t.Errorf("%q matches %q: %v", tc.patterns, tc.from, got)
		}
	}
}

func TestKeyRulesAdmit(t *testing.T) {
	at, here := time.Unix(1000, 0), netip.MustParseAddr("192.0.2.7")
	for name, tc := range map[string]struct {
		rules identity.KeyRules
		want  bool
	}{
		"none":      {identity.KeyRules{}, true},
		"before":    {identity.KeyRules{ExpiresAt: at.Add(1)}, true},
		"at":        {identity.KeyRules{ExpiresAt: at}, false},
		"from":      {identity.KeyRules{From: "192.0.2.0/24"}, true},
		"elsewhere": {identity.KeyRules{From: "198.51.100.0/24"}, false},
		"both":      {identity.KeyRules{From: "192.0.2.0/24", ExpiresAt: at}, false},
	} {
		if got := tc.rules.Admits(at, here); got != tc.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func FuzzParseAddressPatterns(f *testing.F) {
	for _, s := range []string{"192.0.2.0/24,!192.0.2.7", "10.0.*", "2001:db8::/32", "*.example.com"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := identity.ParseAddressPatterns(s)
		if err != nil {
			return
		}
		again, err := identity.ParseAddressPatterns(string(p))
		if err != nil || again != p {
			t.Errorf("%q reads as %q, which reads as %q, %v", s, p, again, err)
		}
		for _, from := range []string{"192.0.2.7", "2001:db8::1"} {
			p.Match(netip.MustParseAddr(from))
		}
		if p.Match(netip.Addr{}) {
			t.Errorf("%q matches no address", p)
		}
	})
}
