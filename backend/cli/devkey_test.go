package cli

import (
	"testing"
	"time"

	"latchkey/backend/companion/remote"
)

func TestReadDays(t *testing.T) {
	for _, tc := range []struct {
		in   string
		want int
		ok   bool
	}{
		{"never", 0, true},
		{"90d", 90, true},
		{"1", 1, true},
		{"36500d", 36500, true},
		{"36501d", 0, false},
		{"0d", 0, false},
		{"-1d", 0, false},
		{"d", 0, false},
		{"", 0, false},
		{"90dd", 0, false},
		{"9223372036854775808d", 0, false},
		{"12h", 0, false},
		{"1.5d", 0, false},
	} {
		if got, err := readDays("expires", tc.in); got != tc.want || (err == nil) != tc.ok {
			t.Errorf("%q: %d, %v", tc.in, got, err)
		}
	}
}

func TestReadOverlap(t *testing.T) {
	for _, tc := range []struct {
		in   string
		want time.Duration
		ok   bool
	}{
		{"0", 0, true},
		{"24h", 24 * time.Hour, true},
		{"7d", 7 * 24 * time.Hour, true},
		{"2", 2 * time.Hour, true},
		{"-1h", 0, false},
		{"", 0, false},
		{"h", 0, false},
		{"1hd", 0, false},
		{"99999999999999h", 0, false},
		{"30m", 0, false},
	} {
		if got, err := readOverlap(tc.in); got != tc.want || (err == nil) != tc.ok {
			t.Errorf("%q: %v, %v", tc.in, got, err)
		}
	}
}

func TestFindDevKey(t *testing.T) {
	keys := []remote.DevKey{
		{ID: 1, Name: "cron", Prefix: "17951760070a1b"}, {ID: 2, Name: "backup", Prefix: "17951760071c2d"},
		{ID: 3, Name: "backup", Prefix: "17951760072e3f"}, {ID: 4, Name: "2", Prefix: "17951760073a4b"},
	}
	for typed, want := range map[string]int{
		"1": 1, "cron": 1, "17951760072e3f": 3, "2": 2, "4": 4, "backup": 0, "Cron": 0, "": 0, "1795176007": 0,
	} {
		got, err := findDevKey(keys, typed)
		if int(got.ID) != want || (err == nil) != (want != 0) {
			t.Errorf("%q: %d, %v", typed, got.ID, err)
		}
	}
}
