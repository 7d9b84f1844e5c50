package cli

import "testing"

func TestNearest(t *testing.T) {
	words := []string{"add", "list", "show", "passwd", "enable", "disable", "roles", "delete", "reset-2fa", "key"}
	for _, tc := range []struct{ typed, want string }{
		{"lst", "list"},
		{"del", "delete"},
		{"remove", ""},
		{"password", "passwd"},
		{"disabel", "disable"},
		{"reset2fa", "reset-2fa"},
		{"ad", "add"},
		{"x", ""},
		{"", ""},
		{"zzzzzz", ""},
	} {
		if got := nearest(tc.typed, words); got != tc.want {
			t.Errorf("nearest(%q) = %q, want %q", tc.typed, got, tc.want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "abc", 3},
		{"abc", "", 3},
		{"kitten", "sitting", 3},
		{"flaw", "lawn", 2},
		{"same", "same", 0},
	} {
		if got := distance(tc.a, tc.b); got != tc.want {
			t.Errorf("distance(%q, %q) = %d, want %d", tc.a, tc.b, got, tc.want)
		}
	}
}
