package iam

import (
	"encoding/json"
	"testing"
	"time"
)

func TestReadRange(t *testing.T) {
	now := time.Date(2026, time.March, 10, 12, 30, 0, 0, time.UTC)
	for _, tc := range []struct{ in, want string }{
		{"", "2026-03-04"},
		{"7d", "2026-03-04"},
		{"1d", "2026-03-10"},
		{"01d", "2026-03-10"},
		{"1w", "2026-03-04"},
		{"1m", "2026-02-09"},
		{"1h", "2026-03-10"},
		{"12h", "2026-03-10"},
		{"13h", "2026-03-09"},
		{"400d", "2025-02-04"},
		{"9600h", "2025-02-03"},
		{"57w", "2025-02-05"},
		{"13m", "2025-02-14"},
		{"401d", ""},
		{"9601h", ""},
		{"58w", ""},
		{"14m", ""},
		{"0d", ""},
		{"-1d", ""},
		{"+1d", ""},
		{" 1d", ""},
		{"1.5d", ""},
		{"1D", ""},
		{"1y", ""},
		{"d", ""},
		{"7", ""},
		{"9999999999999999999d", ""},
		{"٣d", ""},
		{"1é", ""},
	} {
		got, err := readRange(tc.in, now)
		if text := got.Format(time.DateOnly); err == nil && text != tc.want || (err == nil) != (tc.want != "") {
			t.Errorf("readRange(%q) = %s, %v; want %q", tc.in, text, err, tc.want)
		}
	}
}

func FuzzReadRange(f *testing.F) {
	for _, s := range []string{"", "7d", "9600h", "1w", "13m", "-1d"} {
		f.Add(s)
	}
	now := time.Date(2026, time.March, 10, 23, 59, 59, 0, time.UTC)
	f.Fuzz(func(t *testing.T, s string) {
		since, err := readRange(s, now)
		if err != nil {
			return
		}
		if n := len(everyDay(since, now)); n < 1 || n > 401 || !since.Equal(since.Truncate(day)) {
			t.Errorf("readRange(%q) = %s, which is %d days", s, since, n)
		}
	})
}

func TestExpiry(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{`null`, "never"},
		{`"2030-01-31T12:00:00Z"`, "2030-01-31T12:00:00Z"},
		{`"2030-01-31T12:00:00.5+02:00"`, "2030-01-31T10:00:00Z"},
		{`"1970-01-01T00:00:00Z"`, "1970-01-01T00:00:00Z"},
		{`"1969-12-31T23:59:59Z"`, ""},
		{`"0001-01-01T00:00:00Z"`, ""},
		{`"2030-01-31"`, ""},
		{`"2030-01-31T12:00:00"`, ""},
		{`""`, ""},
		{`0`, ""},
		{`{}`, ""},
		{`[null]`, ""},
	} {
		var e expiry
		err := json.Unmarshal([]byte(tc.in), &e)
		got := ""
		if e.sent && err == nil {
			got = "never"
			if !e.at.IsZero() {
				got = stamp(e.at)
			}
		}
		if got != tc.want {
			t.Errorf("expiry %s = %q, %v; want %q", tc.in, got, err, tc.want)
		}
	}
	var body userRequest
	if err := json.Unmarshal([]byte(`{}`), &body); err != nil || body.ExpiresAt.sent {
		t.Errorf("what was not sent counts as sent, %v", err)
	}
}

func FuzzExpiry(f *testing.F) {
	for _, s := range []string{`null`, `"2030-01-31T12:00:00Z"`, `"0001-01-01T00:00:00Z"`, `{}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var e expiry
		if err := e.UnmarshalJSON([]byte(s)); err == nil && (!e.sent || !e.at.IsZero() && e.at.Unix() < 0) {
			t.Errorf("expiry %s = %v", s, e.at)
		}
	})
}
