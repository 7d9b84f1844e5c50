package password_test

import (
	"testing"
	"time"

	"latchkey/backend/credential/password"
)

func TestTuned(t *testing.T) {
	const target = 50 * time.Millisecond
	for _, tc := range []struct {
		name   string
		cost   time.Duration
		passes uint32
	}{
		{"ordinary machine", 17 * time.Millisecond, 5},
		{"just on target", target, 2},
		{"slow machine", time.Second, 2},
		{"very fast machine", time.Millisecond, 10},
		{"clock too coarse", 0, 2},
		{"clock moved back", -time.Second, 2},
	} {
		want := password.Floor()
		want.Passes = tc.passes
		if got := password.Tuned(tc.cost, target); got != want {
			t.Errorf("%s: %v, want %v", tc.name, got, want)
		}
	}
}

func TestParseParams(t *testing.T) {
	for _, tc := range []struct {
		in string
		ok bool
	}{
		{"m=19456,t=2,p=1", true},
		{"m=65536,t=10,p=4", true},
		{"m=19455,t=2,p=1", false},
		{"m=19456,t=1,p=1", false},
		{"m=65537,t=2,p=1", false},
		{"m=19456,t=11,p=1", false},
		{"m=19456,t=2,p=5", false},
		{"m=19456,t=2,p=0", false},
		{"m=019456,t=2,p=1", false},
		{"m=19456,t=2,p=1 ", false},
		{"m=19456, t=2, p=1", false},
		{"m=19456,t=2", false},
		{"m=99999999999999999999,t=2,p=1", false},
		{"", false},
	} {
		got, err := password.ParseParams(tc.in)
		if tc.ok {
			if err != nil || got.String() != tc.in {
				t.Errorf("ParseParams(%q) = %v, %v", tc.in, got, err)
			}
			continue
		}
		wantCode(t, err, "password_params_invalid")
	}
}

func FuzzParseParams(f *testing.F) {
	f.Add(password.Floor().String())
	f.Add("m=65536,t=10,p=4")
	f.Fuzz(func(t *testing.T, in string) {
		if p, err := password.ParseParams(in); err == nil && p.String() != in {
			t.Errorf("ParseParams(%q) = %v", in, p)
		}
	})
}
