package identity

import (
	"net/netip"
	"testing"
	"time"
)

func TestKeyStatus(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		key  APIKey
		want KeyStatus
	}{
		{APIKey{}, KeyActive},
		{APIKey{ExpiresAt: now.Add(time.Second)}, KeyActive},
		{APIKey{ExpiresAt: now}, KeyExpired},
		{APIKey{DisabledAt: now.Add(-time.Hour)}, KeyInactive},
		{APIKey{DisabledAt: now.Add(-time.Hour), ExpiresAt: now}, KeyExpired},
	} {
		if got := tc.key.Status(now); got != tc.want {
			t.Errorf("%+v: %s, want %s", tc.key, got, tc.want)
		}
	}
}

func TestAdmits(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	home := []netip.Prefix{netip.MustParsePrefix("192.168.1.0/24"), netip.MustParsePrefix("2001:db8::/32")}
	for _, tc := range []struct {
		name string
		user User
		from string
		want bool
	}{
		{"plain", User{}, "203.0.113.9", true},
		{"disabled", User{Disabled: true}, "203.0.113.9", false},
		{"not expired yet", User{ExpiresAt: now.Add(1)}, "203.0.113.9", true},
		{"expired", User{ExpiresAt: now}, "203.0.113.9", false},
		{"from home", User{AllowedFrom: home}, "192.168.1.77", true},
		{"from home, as IPv6 tells it", User{AllowedFrom: home}, "::ffff:192.168.1.77", true},
		{"from home by IPv6", User{AllowedFrom: home}, "2001:db8::1%eth0", true},
		{"from elsewhere", User{AllowedFrom: home}, "192.168.2.1", false},
		{"over no network", User{AllowedFrom: home}, "", true},
		{"over no network, disabled", User{Disabled: true}, "", false},
	} {
		from, _ := netip.ParseAddr(tc.from)
		if got := tc.user.Admits(now, from); got != tc.want {
			t.Errorf("%s: %v", tc.name, got)
		}
	}
}
