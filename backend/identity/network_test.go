package identity

import "testing"

func TestParseNetwork(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"10.0.0.2", "10.0.0.2/32"},
		{"10.1.2.3/16", "10.1.0.0/16"},
		{"0.0.0.0/0", "0.0.0.0/0"},
		{"2001:DB8::1", "2001:db8::1/128"},
		{"2001:db8::1/32", "2001:db8::/32"},
		{"::ffff:10.0.0.2", "10.0.0.2/32"},
		{"::ffff:10.0.0.0/104", ""},
		{"fe80::1%eth0", ""},
		{"fe80::%eth0/64", ""},
		{"10.0.0.0/33", ""},
		{"10.0.0/8", ""},
		{"010.0.0.1", ""},
		{"10.0.0.0/08", ""},
		{" 10.0.0.1", ""},
		{"10.0.0.1-10.0.0.9", ""},
		{"localhost", ""},
		{"", ""},
	} {
		got, err := ParseNetwork(tc.in)
		if err == nil && got.String() != tc.want || (err == nil) != (tc.want != "") {
			t.Errorf("ParseNetwork(%q) = %v, %v; want %q", tc.in, got, err, tc.want)
		}
	}
}

func FuzzParseNetwork(f *testing.F) {
	for _, s := range []string{"10.0.0.2", "10.1.2.3/16", "2001:db8::1/32", "::ffff:10.0.0.2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParseNetwork(s)
		if err != nil {
			return
		}
		if again, err := ParseNetwork(p.String()); err != nil || again != p || p != p.Masked() {
			t.Errorf("ParseNetwork(%q) = %v, but parsing that gives %v, %v", s, p, again, err)
		}
	})
}
